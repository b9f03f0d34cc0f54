import assert from "node:assert/strict";
import {
  cloningLoss,
  type Loss,
  type Minibatch,
  ppoLoss,
} from "../../../../plugins/student/language_model/loss.ts";
import { openTensors, type Tensor2D } from "../../../../runtimes/tfjs/tfjs.ts";

/** Two samples: probabilities 1/2, 1/2 and 3/4, 1/4. */
const LOGITS = [[0, 0], [Math.log(3), 0]];

async function termsOf(loss: Loss, logits = LOGITS): Promise<Record<string, number>> {
  const tensors = await openTensors("cpu");
  const { tf } = tensors;
  const numbers = tf.tidy(() => {
    const batch: Minibatch = {
      actions: tf.tensor2d([[1, 0], [0, 1]]),
      oldLogProbs: tf.tensor1d([Math.log(0.25), Math.log(0.5)]), // ratios 2 and 1/2
      advantages: tf.tensor1d([1, -2]),
      oldValues: tf.tensor1d([0, 1]),
      targets: tf.tensor1d([3, 1.5]),
      teacher: tf.tensor2d([[0, 0], [0.5, 0.5]]),
    };
    const outputs = { logits: tf.tensor2d(logits) as Tensor2D, values: tf.tensor1d([1, 1.1]) };
    const { loss: total, terms } = loss.of(tf, outputs, batch);
    return [...tf.stack([total, ...terms]).dataSync()];
  });
  tensors.dispose();
  return Object.fromEntries(["loss", ...loss.names].map((name, k) => [name, numbers[k]!]));
}

function assertTerms(found: Record<string, number>, expected: Record<string, number>): void {
  for (const [name, value] of Object.entries(expected)) {
    assert.ok(Math.abs(found[name]! - value) < 1e-5, `${name} is ${found[name]}, not ${value}`);
  }
}

const ENTROPY = (Math.log(2) + 0.75 * Math.log(4 / 3) + 0.25 * Math.log(4)) / 2;

Deno.test("ppoLoss() clips ratios and, where asked, values", async () => {
  const options = { clip: 0.2, entropy: 0.1, valueLoss: 0.5, valueClip: false };
  const free = await termsOf(ppoLoss(options));
  // min(2, 1.2) 1 = 1.2; min(0.5 x -2, 0.8 x -2) = -1.6. Errors (1 - 3)^2 and (1.1 - 1.5)^2.
  const [policyLoss, valueLoss] = [-(1.2 - 1.6) / 2, (4 + 0.16) / 2];
  assertTerms(free, {
    policyLoss,
    valueLoss,
    entropy: ENTROPY,
    clipFraction: 1,
    approxKl: ((2 - 1 - Math.log(2)) + (0.5 - 1 - Math.log(0.5))) / 2,
    loss: policyLoss + 0.5 * valueLoss - 0.1 * ENTROPY,
  });
  // The first value may go to 0.2 only: (0.2 - 3)^2.
  const held = await termsOf(ppoLoss({ ...options, valueClip: true }));
  assertTerms(held, { policyLoss, valueLoss: (7.84 + 0.16) / 2 });
});

Deno.test("cloningLoss() is the text's likelihood or the choice's, and 0 in silence", async () => {
  const silent = 0;
  const text = await termsOf(cloningLoss({ valueLoss: 0.5, objective: "text" }));
  assertTerms(text, { teacherLoss: (silent - Math.log(3) / 2) / 2, entropy: ENTROPY });
  const choice = await termsOf(cloningLoss({ valueLoss: 0.5, objective: "choice" }));
  const teacherLoss = (silent - (Math.log(0.75) + Math.log(0.25)) / 2) / 2;
  assertTerms(choice, { teacherLoss, loss: teacherLoss + 0.5 * (4 + 0.16) / 2 });
});
