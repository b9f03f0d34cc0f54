import type { TrainingExample } from "./judged_answers.ts";

/** Random draws; Pcg64 of core/kit/random.ts gives them. */
interface UniformSource {
  random(): number;
}

/**
 * Batches without end. A state is drawn as often as it was judged, so that what the student meets most is
 * learned first; one draw comes from each of as many equal parts, which makes batches no more alike
 * than they must be.
 */
export function* exampleBatches<L extends TrainingExample>(
  examples: readonly L[],
  batch: number,
  random: UniformSource,
): Generator<L[], never> {
  let sum = 0;
  const upTo = examples.map(({ judged }) => sum += judged);
  while (true) {
    let at = 0;
    yield Array.from({ length: batch }, (_, part) => {
      const place = (part + random.random()) * sum / batch;
      while (at < examples.length - 1 && upTo[at]! <= place) at++;
      return examples[at]!;
    });
  }
}

/** What all examples of an update share: how much praise and blame there is, and how large worths are. */
export interface ExampleTotals {
  /** Weights that even praise and blame out. */
  readonly goodWeight: number;
  readonly badWeight: number;
  /** Root mean square of the advantages. */
  readonly spread: number;
}

/** Sums examples up. */
export function totalsOf(examples: readonly TrainingExample[]): ExampleTotals {
  let [good, bad, square, trust] = [0, 0, 0, 0];
  for (const example of examples) {
    for (const [c, own] of example.trust.entries()) {
      const weight = own * example.judged;
      good += weight * example.good[c]!;
      bad += weight * example.bad[c]!;
      square += weight * example.advantages[c]! ** 2;
      trust += weight;
    }
  }
  const even = (own: number) => own > 0 ? (good + bad) / (2 * own) : 1;
  return { goodWeight: even(good), badWeight: even(bad), spread: Math.sqrt(square / trust) };
}
