import assert from "node:assert/strict";
import type { Normalisation } from "../../../runtimes/language_model/score.ts";
import { firstStates, weighCandidates } from "../../../runtimes/t5/policy.ts";
import { readT5 } from "../../../runtimes/t5/folder.ts";
import { lossAndGradients, type Scalar } from "../../../runtimes/tfjs/tfjs.ts";
import { padTokens, shiftRight } from "../../../runtimes/t5/tokens.ts";
import { assertClose, testOnDevices } from "../devices.ts";
import { fixtureDir, withModel } from "../language_model/fixtures.ts";

const PROMPTS = ["go to the red ball, a wall 2 steps left", "a key"];
const CANDIDATES = ["turn left", "pick up the grey box", "drop"];

for (const name of ["t5-v1_1", "t5-v1_0"] as const) {
  for (const normalisation of ["sum", "mean", "logits"] as Normalisation[]) {
    testOnDevices(
      `${name} weighs candidates as its ONNX graphs do, by ${normalisation}`,
      (tensors) =>
        withModel(name, async (model) => {
          const expected = await model.score(PROMPTS, CANDIDATES, { normalisation });
          const t5 = await readT5(tensors, fixtureDir(name));
          const ids = (texts: string[]) => texts.map((text) => model.tokenizer.encode(text));
          const { tf } = tensors;
          const [scores, policy] = tf.tidy(() => {
            const { scores } = weighCandidates(t5, ids(PROMPTS), ids(CANDIDATES), normalisation);
            return [scores, tf.softmax(scores)];
          });
          const all = expected.flatMap(({ candidates }) => candidates.map(({ score }) => score));
          assertClose(await scores!.data(), all, normalisation === "logits" ? 1e-3 : 1e-4, "score");
          const rows = expected.flatMap(({ distribution }) => [...distribution]);
          assertClose(await policy!.data(), rows, 1e-4, "probability");
          t5.dispose();
        }),
      ["wasm"],
    );
  }

  testOnDevices(
    `${name}'s first states are those of its ONNX graphs`,
    (tensors) =>
      withModel(name, async (model) => {
        const expected = await model.hidden(PROMPTS);
        const t5 = await readT5(tensors, fixtureDir(name));
        const ids = (texts: string[]) => texts.map((text) => model.tokenizer.encode(text));
        const [alone, beside] = tensors.tf.tidy(() => [
          firstStates(t5, ids(PROMPTS)),
          weighCandidates(t5, ids(PROMPTS), ids(CANDIDATES), "sum").states,
        ]);
        const values = expected.flatMap(({ decoder }) => [...decoder!.data]);
        assertClose(await alone!.data(), values, 1e-4, "state");
        assertClose(await beside!.data(), values, 1e-4, "state");
        t5.dispose();
      }),
    ["wasm"],
  );
}

testOnDevices("scores are sums and means over tokens, worked out one by one", async (tensors) => {
  const { tf } = tensors;
  const t5 = await readT5(tensors, fixtureDir("t5-v1_1"));
  const prompts = [[104, 17, 1], [9, 1]];
  const candidates = [[5, 1], [7, 8, 1]];
  const expected: Record<Normalisation, number[]> = { sum: [], mean: [], logits: [] };
  for (const prompt of prompts) {
    const encoded = t5.encode(padTokens([prompt], 0));
    for (const ids of candidates) {
      const logits = t5.logits(encoded, shiftRight(padTokens([ids], 0), 0));
      const rows = await logits.array() as number[][];
      const norm = (row: number[]) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
      const sum = ids.reduce((sum, id, t) => sum + rows[t]![id]! - norm(rows[t]!), 0);
      expected.sum.push(sum);
      expected.mean.push(sum / ids.length);
      expected.logits.push(ids.reduce((sum, id, t) => sum + rows[t]![id]!, 0) + 3 - ids.length);
      logits.dispose();
    }
    encoded.states.dispose();
  }
  for (const normalisation of ["sum", "mean", "logits"] as const) {
    const scores = tf.tidy(() => weighCandidates(t5, prompts, candidates, normalisation).scores);
    assertClose(await scores.data(), expected[normalisation], 1e-4, normalisation);
    scores.dispose();
  }
  t5.dispose();
});

testOnDevices("a candidate's gradient makes it likelier, whatever its length", async (tensors) => {
  const { tf } = tensors;
  const t5 = await readT5(tensors, fixtureDir("t5-v1_1"));
  const prompts = [[104, 17, 1], [9, 1]];
  const candidates = [[5, 1], [7, 8, 1]];
  const loss = () =>
    tf.neg(tf.mean(tf.slice(
      tf.logSoftmax(weighCandidates(t5, prompts, candidates, "mean").scores),
      [0, 1],
      [2, 1],
    ))) as Scalar;
  const before = (await tf.tidy(loss).data())[0]!;
  const { gradients } = lossAndGradients(tensors, t5.trainable, loss);
  tf.tidy(() => {
    for (const [k, variable] of t5.trainable.entries()) {
      variable.assign(tf.sub(variable, tf.mul(gradients[k]!, 0.05)));
    }
  });
  const after = (await tf.tidy(loss).data())[0]!;
  assert.ok(after < before - 0.01, `${before} to ${after}`);
  t5.dispose();
});
