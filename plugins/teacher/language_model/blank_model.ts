import { TandemError } from "@tandem/core";
import type { LanguageModel } from "@tandem/runtimes/language-model";

/** The name under which the teacher's option `model` knows it. */
export const BLANK = "blank";

/**
 * Knows nothing: it weighs all candidates alike. A teacher that has it in the place of a language model
 * is its channels alone, so that what it does not reach beside them is what language is worth.
 *
 * @example
 * ```ts
 * import { blankModel } from "./blank_model.ts";
 * import assert from "node:assert/strict";
 * const [answer] = await blankModel().score(["go to the red ball"], ["turn left", "go forward"]);
 * assert.deepEqual([...answer!.distribution], [0.5, 0.5]);
 * ```
 */
export function blankModel(): LanguageModel {
  return {
    get info() {
      return refuse("no files, so that it cannot be trained");
    },
    get tokenizer() {
      return refuse("no tokenizer");
    },
    score: (prompts, candidates) =>
      Promise.resolve(prompts.map((_, row) => {
        const listed = candidates[0] === undefined || typeof candidates[0] === "string"
          ? candidates
          : candidates[row]!;
        const { length } = listed;
        const mean = -Math.log(length);
        return {
          candidates: Array.from({ length }, () => ({
            ...{ ids: [], tokenLogProbs: [], sum: mean, mean, score: mean },
          })),
          distribution: new Float32Array(length).fill(1 / length),
          promptTokens: 0,
        };
      })),
    generate: () => refuse("no words to write"),
    firstLogits: () => refuse("no logits"),
    hidden: () => refuse("no hidden states"),
    dispose: () => Promise.resolve(),
  };
}

function refuse(what: string): never {
  throw new TandemError(
    "E_MODEL",
    `The model "${BLANK}" has ${what}; right would be a language model's folder, or "shipped".`,
    { stage: "teacher" },
  );
}
