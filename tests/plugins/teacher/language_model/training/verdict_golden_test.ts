/** Verdict losses, their gradients and a whole step of training against PyTorch's, on both kinds of T5. */

import { fileURLToPath } from "node:url";
import { Adam } from "../../../../../runtimes/tfjs/adam.ts";
import { readT5 } from "../../../../../runtimes/t5/folder.ts";
import { weighCandidates } from "../../../../../runtimes/t5/policy.ts";
import type { T5 } from "../../../../../runtimes/t5/t5.ts";
import {
  type LossScale,
  type ReferredExample,
  verdictLoss,
} from "../../../../../plugins/teacher/language_model/training/verdict_losses.ts";
import {
  lossAndGradients,
  type Tensor,
  type TensorDevice,
} from "../../../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../../../../runtimes/devices.ts";

/** What verdict_golden.py has written of a model. */
interface Golden {
  prompts: number[][];
  candidates: number[][];
  reference: number[][];
  old: number[][];
  logProbs: number[][];
  cases: Record<
    Exclude<LossScale["method"], "cross-entropy">,
    { loss: number; gradNorms: Record<string, number>; after: number[][] }
  >;
}

const fixtures = fileURLToPath(new URL("../../../../fixtures/language-models", import.meta.url));
const golden: Record<string, Golden> = JSON.parse(
  Deno.readTextFileSync(`${fixtures}/verdict_golden.json`),
);

/** What the script judges: candidates 0 (good), 2 (bad) behind the first prompt, 1 (bad) behind the second. */
function examplesOf({ reference, old }: Golden): ReferredExample[] {
  const told = [
    { good: [1, 0, 0], bad: [0, 0, 1], trust: [2, 0, 1], advantages: [1.5, 0, -0.5] },
    { good: [0, 0, 0], bad: [0, 1, 0], trust: [0, 0.5, 0], advantages: [0, -1, 0] },
  ];
  return told.map(({ good, bad, trust, advantages }, row) => ({
    ...{ state: `${row}`, prompt: "", judged: 1 },
    advantages: Float64Array.from(advantages),
    good: Float64Array.from(good),
    bad: Float64Array.from(bad),
    trust: Float64Array.from(trust),
    right: new Float64Array(3),
    reference: Float32Array.from(reference[row]!),
    old: Float32Array.from(old[row]!),
  }));
}

function policy(t5: T5, { prompts, candidates }: Golden): Tensor {
  return t5.tf.tidy(() =>
    t5.tf.logSoftmax(weighCandidates(t5, prompts, candidates, "mean").scores)
  );
}

/** A software adapter takes seconds for what the others do at once: it is tried where all losses meet. */
function devicesFor(name: string, method: string): TensorDevice[] {
  if (name === "t5-v1_0") return ["wasm"];
  return method === "ppo" ? ["webgpu", "wasm", "cpu"] : ["wasm", "cpu"];
}

for (const name of ["t5-v1_0", "t5-v1_1"]) {
  const model = golden[name]!;
  for (const method of ["kto", "dpo", "reinforce", "ppo"] as const) {
    testOnDevices(`${name}: a step of "${method}" is PyTorch's`, async (tensors) => {
      const { loss: expected, gradNorms, after } = model.cases[method];
      const t5 = await readT5(tensors, `${fixtures}/${name}`);
      const scale: LossScale = {
        ...{ method, beta: 0.7, clip: 0.2, kl: method === "ppo" ? 0.3 : 0 },
        ...{ goodWeight: 0.6, badWeight: 1.5, spread: 1 },
      };
      const { loss, gradients } = lossAndGradients(
        tensors,
        t5.trainable,
        () => verdictLoss(tensors.tf, policy(t5, model), examplesOf(model), scale).loss,
      );
      assertClose(await loss.data(), [expected], 1e-4, "loss");
      for (const [index, parameter] of [...t5.variables.keys()].entries()) {
        const values = await gradients[index]!.data<"float32">();
        const norm = Math.sqrt(values.reduce((sum, g) => sum + g * g, 0));
        const right = gradNorms[parameter]!;
        assertClose([norm], [right], 1e-3 * Math.max(1, right), parameter);
      }
      const adam = new Adam(tensors, t5.trainable, { learningRate: 0.01, epsilon: 1e-3 });
      adam.step(gradients);
      const moved = policy(t5, model);
      assertClose(await moved.data(), after.flat(), 1e-3, "after the step");
      tensors.tf.dispose([loss, moved, ...gradients]);
      adam.dispose();
      t5.dispose();
    }, devicesFor(name, method));
  }

  testOnDevices(`${name}: the policy is PyTorch's`, async (tensors) => {
    const t5 = await readT5(tensors, `${fixtures}/${name}`);
    const logProbs = policy(t5, model);
    assertClose(await logProbs.data(), model.logProbs.flat(), 1e-4, "log pi");
    logProbs.dispose();
    t5.dispose();
  });
}
