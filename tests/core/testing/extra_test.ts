import { zeros } from "../../../core/kit/tensors.ts";
import type { AnsweredStep, ReplayBatch, RunPart } from "../../../core/stages/mod.ts";
import { curriculum } from "../../../plugins/extra/curriculum.ts";
import { earlyStopping } from "../../../plugins/extra/early_stopping.ts";
import { ellm } from "../../../plugins/extra/ellm.ts";
import { stageOf } from "../stubs.ts";
import { assertFound, assertSound } from "./broken.ts";

const extra = (make: () => RunPart) => stageOf("extra", make);

Deno.test("checkExtra() finds nothing wrong with good ones", async () => {
  await assertSound(ellm({ patience: 3 }));
  await assertSound(curriculum({ levels: ["a", "b"], window: 1 }));
  await assertSound(earlyStopping({ success: 0.9, patience: 2 }));
});

Deno.test("checkExtra() looks at rewards, reports and edges", async () => {
  const paying = (...added: number[]) => extra(() => ({ answer: () => Float32Array.from(added) }));
  await assertFound(paying(1), /^answer\(\)'s rewards have length "1"; right would be 4/);
  await assertFound(paying(1, 1, NaN, 1), /^answer\(\)'s rewards hold "NaN" at 2/);
  await assertFound(extra(() => ({ report: () => ({ loss: NaN }) })), /gives "NaN" for "loss"/);
  const odd = { begin: () => ({ world: {} }) } as unknown as RunPart;
  await assertFound(extra(() => odd), /^begin\(\) asks for "world", which a run does not know/);
  await assertFound(extra(() => ({})), /^It takes no part in a run/);
  const greedy = ({ step }: AnsweredStep) => step.rewards.fill(9);
  await assertFound(extra(() => ({ answer: greedy })), /changes the step that it sees/);
});

Deno.test("checkExtra() looks at what is remembered", async () => {
  const forgetful = () => {
    let calls = 0;
    return { report: () => ({ calls: ++calls }) };
  };
  await assertFound(extra(forgetful), /has no save: a run could not be resumed/);
});

Deno.test("checkExtra() looks at past steps", async () => {
  const handing = (changes: Partial<ReplayBatch>) =>
    extra(() => ({
      replay: () => ({
        size: 3,
        draw: (count) => ({
          size: count,
          observations: { cells: zeros("uint8", [count, 2]) },
          missions: new Array<string>(count).fill("go"),
          keys: new Float64Array(count),
          actions: new Int32Array(count),
          returns: new Float32Array(count),
          ...changes,
        }),
      }),
    }));
  await assertSound(handing({}));
  await assertFound(handing({ returns: new Float32Array(4) }), /^The replay's returns have length/);
  await assertFound(handing({ returns: new Float32Array(5).fill(NaN) }), /returns hold "NaN" at 0/);
  await assertFound(handing({ observations: {} }), /^The replay's "cells" have length "0"/);
});
