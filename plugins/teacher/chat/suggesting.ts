/** Writes an answer into guidance. */
import type { Guidance } from "@tandem/core";
import { drawFrom, type Pcg64, suggest } from "@tandem/core/kit";
import type { Answer } from "./ways.ts";

/** How answers become suggestions. */
export interface Suggesting {
  /** The probability of a candidate that is named alone. */
  readonly confidence: number;
  /** Above 0 a suggestion is drawn from the distribution, p^(1 / temperature) normalised. */
  readonly temperature: number;
  readonly random: Pcg64;
}

/** Suggests in environment i what an answer tells; -1 for nothing is left as it is. */
export function suggestAnswer(
  guidance: Guidance,
  i: number,
  { choice, distribution }: Answer,
  { confidence, temperature, random }: Suggesting,
): void {
  if (!distribution) return suggest(guidance, i, choice, confidence);
  const { candidates: { length: count }, choices, logProbs } = guidance;
  const told = temperature > 0 ? sharpened(distribution, temperature) : distribution;
  guidance.distribution.set(told, i * count);
  const said = temperature > 0 ? drawFrom(told, 0, count, random.random()) : choice;
  choices[i] = said;
  logProbs[i] = Math.log(told[said]!);
}

/** p^(1 / temperature), normalised; as it is at 1. */
function sharpened(distribution: readonly number[], temperature: number): readonly number[] {
  if (temperature === 1) return distribution;
  const largest = Math.max(...distribution);
  const powers = distribution.map((p) => (p / largest) ** (1 / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
