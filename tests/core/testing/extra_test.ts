import type { PassingStep, RunPart } from "../../../core/stages/mod.ts";
import { curriculum } from "../../../plugins/extra/curriculum.ts";
import { ellm } from "../../../plugins/extra/ellm.ts";
import { stageOf } from "../stubs.ts";
import { assertFound, assertSound } from "./broken.ts";

const extra = (make: () => RunPart) => stageOf("extra", make);

Deno.test("checkExtra() finds nothing wrong with good ones", async () => {
  await assertSound(ellm({ patience: 3 }));
  await assertSound(curriculum({ levels: ["a", "b"], window: 1 }));
});

Deno.test("checkExtra() looks at rewards, reports and edges", async () => {
  const paying = (...added: number[]) => extra(() => ({ reward: () => Float32Array.from(added) }));
  await assertFound(paying(1), /^reward\(\)'s values have length "1"; right would be 4/);
  await assertFound(paying(1, 1, NaN, 1), /^reward\(\)'s values hold "NaN" at 2/);
  await assertFound(extra(() => ({ report: () => ({ loss: NaN }) })), /gives "NaN" for "loss"/);
  await assertFound(extra(() => ({})), /^It stands on no edge/);
  const greedy = ({ step }: PassingStep) => step.rewards.fill(9);
  await assertFound(extra(() => ({ reward: greedy })), /changes the step that it sees/);
});

Deno.test("checkExtra() looks at what is remembered", async () => {
  const forgetful = () => {
    let calls = 0;
    return { report: () => ({ calls: ++calls }) };
  };
  await assertFound(extra(forgetful), /has no save: a run could not be resumed/);
});
