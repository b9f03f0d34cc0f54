/** Guidance: how it is made and read. See {@linkcode Guidance} for its columns and their shapes. */
import { type Guidance, isPromise, type MaybePromise } from "../stages/mod.ts";

/**
 * No guidance in any of N environments: where a teacher starts from.
 *
 * @param candidates What may be suggested, K texts.
 * @returns Columns of its own, to be written to by {@linkcode suggest} until they are handed over.
 * @example
 * ```ts
 * import { silence, suggest, suggestionOf } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const guidance = silence(2, ["left", "right"]);
 * suggest(guidance, 1, 0, 0.75);
 * assert.deepEqual([...guidance.choices], [-1, 0]);
 * assert.deepEqual([...guidance.distribution], [0, 0, 0.75, 0.25]);
 * assert.deepEqual([suggestionOf(guidance, 0), suggestionOf(guidance, 1)], ["", "left"]);
 * ```
 */
export function silence(envs: number, candidates: readonly string[]): Guidance {
  return {
    envs,
    candidates,
    choices: new Int32Array(envs).fill(-1),
    distribution: new Float32Array(envs * candidates.length),
    logProbs: new Float32Array(envs),
  };
}

/**
 * Suggests a candidate in environment i with some confidence; the others share the rest alike.
 *
 * @param guidance Guidance that is still being made.
 * @param confidence 0 to 1.
 */
export function suggest(guidance: Guidance, i: number, choice: number, confidence = 1): void {
  const { candidates: { length: count }, choices, distribution, logProbs } = guidance;
  const rest = count > 1 ? (1 - confidence) / (count - 1) : 0;
  choices[i] = choice;
  distribution.fill(rest, i * count, (i + 1) * count);
  distribution[i * count + choice] = confidence;
  logProbs[i] = Math.log(confidence);
}

/** The same guidance without what is said in some environments; what was given stays as it is. */
export function silenceWhere(guidance: Guidance, isSilent: (i: number) => boolean): Guidance {
  const { envs, candidates: { length: count }, texts, tokens, authors } = guidance;
  const silent = Array.from({ length: envs }, (_, i) => guidance.choices[i]! >= 0 && isSilent(i));
  if (!silent.includes(true)) return guidance;
  const [choices, logProbs] = [guidance.choices.slice(), guidance.logProbs.slice()];
  const distribution = guidance.distribution.slice();
  for (let i = 0; i < envs; i++) {
    if (!silent[i]) continue;
    choices[i] = -1;
    logProbs[i] = 0;
    distribution.fill(0, i * count, (i + 1) * count);
  }
  return {
    ...guidance,
    ...{ choices, distribution, logProbs },
    ...texts && { texts: texts.map((text, i) => silent[i] ? "" : text) },
    ...tokens && { tokens: tokens.map((ids, i) => silent[i] ? [] : ids) },
    ...authors && { authors: authors.map((author, i) => silent[i] ? "" : author) },
  };
}

/** Some environments' rows of another guidance in the place of one's own; what was given stays as it is. */
export function withRows(
  guidance: Guidance,
  other: Guidance,
  isOther: (i: number) => boolean,
): Guidance {
  const { envs, candidates: { length: count } } = guidance;
  const taken = Array.from({ length: envs }, (_, i) => isOther(i));
  if (!taken.includes(true)) return guidance;
  const [choices, logProbs] = [guidance.choices.slice(), guidance.logProbs.slice()];
  const distribution = guidance.distribution.slice();
  for (let i = 0; i < envs; i++) {
    if (!taken[i]) continue;
    choices[i] = other.choices[i]!;
    logProbs[i] = other.logProbs[i]!;
    distribution.set(other.distribution.subarray(i * count, (i + 1) * count), i * count);
  }
  const rowsOf = <T>(of: (guidance: Guidance, i: number) => T) =>
    taken.map((isTaken, i) => of(isTaken ? other : guidance, i));
  return {
    ...guidance,
    ...{ choices, distribution, logProbs },
    ...(guidance.texts ?? other.texts) && { texts: rowsOf(suggestionOf) },
    ...(guidance.tokens ?? other.tokens) && { tokens: rowsOf(tokensOf) },
    ...(guidance.authors ?? other.authors) && { authors: rowsOf(authorOf) },
  };
}

/** The suggestion in environment i in words; "" where there is none. */
export function suggestionOf({ choices, texts, candidates }: Guidance, i: number): string {
  const choice = choices[i]!;
  return choice < 0 ? "" : texts?.[i] ?? candidates[choice] ?? "";
}

/** The ids of the tokens that the suggestion in environment i is made of; none where no model made it. */
export function tokensOf({ choices, tokens }: Guidance, i: number): readonly number[] {
  return choices[i]! < 0 ? [] : tokens?.[i] ?? [];
}

/** Whose suggestion it is in environment i; "" where there is none or one teacher alone speaks. */
export function authorOf({ choices, authors }: Guidance, i: number): string {
  return choices[i]! < 0 ? "" : authors?.[i] ?? "";
}

/** The index of the largest of `length` values from `offset`; the first of equals. */
export function argmax(values: ArrayLike<number>, offset = 0, length = values.length): number {
  let best = 0;
  for (let k = 1; k < length; k++) {
    if (values[offset + k]! > values[offset + best]!) best = k;
  }
  return best;
}

/**
 * Draws an index with the probabilities that stand at `offset`.
 *
 * @param draw Uniform in [0, 1).
 * @example
 * ```ts
 * import { drawFrom } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * assert.equal(drawFrom([0.2, 0.3, 0.5], 0, 3, 0.49), 1);
 * assert.equal(drawFrom([0.2, 0.3, 0.5], 0, 3, 0.5), 2);
 * ```
 */
export function drawFrom(
  probabilities: ArrayLike<number>,
  offset: number,
  length: number,
  draw: number,
): number {
  let [sum, last] = [0, 0];
  for (let k = 0; k < length; k++) {
    const probability = probabilities[offset + k]!;
    if (probability <= 0) continue;
    sum += probability;
    if (draw < sum) return k;
    last = k; // Rounding may leave the sum below 1: the last possible one is meant.
  }
  return last;
}

/** Goes on with a value now, or when its promise is kept. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => U): MaybePromise<U> {
  return isPromise(value) ? value.then(next) : next(value);
}
