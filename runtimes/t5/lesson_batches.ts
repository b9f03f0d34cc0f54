import type { Lesson } from "./judged_answers.ts";

/** Random draws; Pcg64 of core/kit/random.ts gives them. */
interface UniformSource {
  random(): number;
}

/**
 * Batches without end. A state is drawn as often as it was judged, so that what the student meets most is
 * learned first; one draw comes from each of as many equal parts, which makes batches no more alike
 * than they must be.
 */
export function* lessonBatches<L extends Lesson>(
  lessons: readonly L[],
  batch: number,
  random: UniformSource,
): Generator<L[], never> {
  let sum = 0;
  const upTo = lessons.map(({ judged }) => sum += judged);
  while (true) {
    let at = 0;
    yield Array.from({ length: batch }, (_, part) => {
      const place = (part + random.random()) * sum / batch;
      while (at < lessons.length - 1 && upTo[at]! <= place) at++;
      return lessons[at]!;
    });
  }
}

/** What all lessons of an update share: how much praise and blame there is, and how large worths are. */
export interface LessonTotals {
  /** Weights that even praise and blame out. */
  readonly goodWeight: number;
  readonly badWeight: number;
  /** Root mean square of the advantages. */
  readonly spread: number;
}

/** Sums lessons up. */
export function totalsOf(lessons: readonly Lesson[]): LessonTotals {
  let [good, bad, square, trust] = [0, 0, 0, 0];
  for (const lesson of lessons) {
    for (const [c, own] of lesson.trust.entries()) {
      const weight = own * lesson.judged;
      good += weight * lesson.good[c]!;
      bad += weight * lesson.bad[c]!;
      square += weight * lesson.advantages[c]! ** 2;
      trust += weight;
    }
  }
  const even = (own: number) => own > 0 ? (good + bad) / (2 * own) : 1;
  return { goodWeight: even(good), badWeight: even(bad), spread: Math.sqrt(square / trust) };
}
