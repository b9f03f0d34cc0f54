/** The T5 against values of Transformers and PyTorch, for both of its variants on every device. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readT5 } from "../../../runtimes/t5/folder.ts";
import { padTokens } from "../../../runtimes/t5/tokens.ts";
import { lossAndGradients } from "../../../runtimes/tfjs/tfjs.ts";
import { assertClose, testOnDevices } from "../devices.ts";

/** What reference.json holds of use here. */
interface Reference {
  prompts: {
    text: string;
    ids: number[];
    encoderFirst8: number[];
    encoderMeanAbs: number;
    firstLogits: number[];
    candidates: { text: string; ids: number[]; tokenLogprobs: number[] }[];
  }[];
  training: { prompt: string; label: string; loss: number; gradNorms: Record<string, number> };
}

for (const name of ["t5-v1_0", "t5-v1_1"]) {
  const dir = fileURLToPath(new URL(`../../fixtures/language-models/${name}`, import.meta.url));
  const reference: Reference = JSON.parse(Deno.readTextFileSync(`${dir}/reference.json`));

  testOnDevices(`${name} has the reference's encoder states and logits`, async (tensors) => {
    const { tf } = tensors;
    const t5 = await readT5(tensors, dir);
    const prompts = padTokens(reference.prompts.map(({ ids }) => ids), t5.config.padId);
    const start = padTokens(reference.prompts.map(() => [t5.config.startId]), t5.config.padId);
    const encoded = t5.encode(prompts);
    const logits = t5.logits(encoded, start);
    const [states, values] = [await encoded.states.data<"float32">(), await logits.data()];
    for (const [row, prompt] of reference.prompts.entries()) {
      const from = row * prompts.columns * t5.config.dModel;
      assertClose(states.slice(from, from + 8), prompt.encoderFirst8, 1e-3, `${row}: state`);
      const own = states.slice(from, from + prompt.ids.length * t5.config.dModel);
      const mean = own.reduce((sum, value) => sum + Math.abs(value), 0) / own.length;
      assertClose([mean], [prompt.encoderMeanAbs], 1e-3, `${row}: mean`);
      const at = row * t5.config.vocabSize;
      assertClose(values.slice(at, at + 16), prompt.firstLogits, 1e-3, `${row}: logit`);
    }
    tf.dispose([encoded.states, logits]);
    t5.dispose();
    assert.equal(tensors.tensorCount(), 0);
  });

  testOnDevices(`${name} has the reference's log-probabilities of labels`, async (tensors) => {
    const t5 = await readT5(tensors, dir);
    const cases = reference.prompts.flatMap(({ ids: prompt, candidates }) =>
      candidates.map(({ ids: label, tokenLogprobs }) => ({ prompt, label, tokenLogprobs }))
    ).slice(0, 14);
    const logProbs = t5.labelLogProbs(cases);
    const values = await logProbs.array() as number[][];
    for (const [row, { label, tokenLogprobs }] of cases.entries()) {
      assertClose(values[row]!.slice(0, label.length), tokenLogprobs, 1e-3, `${row}: token`);
      assert.ok(values[row]!.slice(label.length).every((value) => Math.abs(value) === 0));
    }
    logProbs.dispose();
    t5.dispose();
  });

  testOnDevices(`${name} has the reference's loss and gradient norms`, async (tensors) => {
    const { tf } = tensors;
    const t5 = await readT5(tensors, dir);
    const { training } = reference;
    const source = reference.prompts.find(({ text }) => text === training.prompt)!;
    const label = source.candidates.find(({ text }) => text === training.label)!.ids;
    const variables = [...t5.variables.values()];
    const { loss, gradients } = lossAndGradients(
      tensors,
      variables,
      () => t5.loss([{ prompt: source.ids, label }]),
    );
    assertClose(await loss.data(), [training.loss], 1e-3, "loss");
    const norms = new Map<string, number>();
    for (const [index, name] of [...t5.variables.keys()].entries()) {
      const squares = (await gradients[index]!.data<"float32">()).reduce(
        (sum, g) => sum + g * g,
        0,
      );
      norms.set(name, Math.sqrt(squares));
    }
    assert.deepEqual([...norms.keys()].sort(), Object.keys(training.gradNorms).sort());
    for (const [parameter, norm] of Object.entries(training.gradNorms)) {
      assertClose([norms.get(parameter)!], [norm], 1e-3 * Math.max(1, norm), parameter);
    }
    tf.dispose([loss, ...gradients]);
    t5.dispose();
    assert.equal(tensors.tensorCount(), 0);
  });
}
