import type { Channel } from "../../../core/stages/mod.ts";
import { stageOf } from "../stubs.ts";
import { assertFound, assertSound } from "./broken.ts";

const channel = (make: () => object) => stageOf("channel", make as () => Channel);

Deno.test("checkChannel() finds nothing wrong with good ones", async () => {
  await assertSound(channel(() => ({ train: () => false })));
  await assertSound(channel(() => {
    let told = "";
    return {
      promptFields: () => ({ feedback: told }),
      learn: ({ sign }: { sign: number }) => void (told = sign > 0 ? "good" : "bad"),
      save: () => ({ json: told }),
      load: ({ json }: { json: string }) => void (told = json),
    };
  }));
});

Deno.test("checkChannel() looks at scores, prompt fields, training and counters", async () => {
  await assertFound(channel(() => ({})), /^It takes no part: it has none of the methods promptF/);
  const spoilt = (scores: Float32Array) => void scores.fill(NaN);
  await assertFound(channel(() => ({ correct: spoilt })), /^correct\(\)'s scores hold "NaN" at 0/);
  const numbers = () => ({ memory: 7 });
  await assertFound(channel(() => ({ promptFields: numbers })), /gives something that is no text/);
  await assertFound(channel(() => ({ train: () => "yes" })), /^train\(\) gives "yes"; right would/);
  let calls = 100;
  const backwards = () => ({ calls: --calls, tokens: 0 });
  await assertFound(channel(() => ({ train: () => false, usage: backwards })), /counts backwards/);
});

Deno.test("checkChannel() looks at what measuring leaves behind, and at what is remembered", async () => {
  const counting = () => {
    let asked = 0;
    return {
      promptFields: () => ({ memory: `${++asked}` }),
      save: () => ({ json: asked }),
      load: ({ json }: { json: number }) => void (asked = json),
    };
  };
  await assertFound(channel(counting), /^Asked in the mode "evaluate", it answers otherwise/);
  const forgetful = () => {
    let learned = 0;
    return {
      promptFields: () => ({ memory: `${learned}` }),
      learn: () => void learned++,
    };
  };
  await assertFound(channel(forgetful), /has no save: a run could not be resumed/);
});
