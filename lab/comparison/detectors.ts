/** Detectors of how teacher and student fail together. Each says what it found, and why. */
import { percent, signed } from "../format.ts";
import { differenceInterval, rate, type Share, shareInterval } from "../statistics/proportions.ts";
import { addTallies, type AdviceTally, NO_ADVICE, type TrainingSpan } from "../trial.ts";
import { effectOf, retentionOf } from "./advice.ts";
import type { Claim } from "./claims.ts";
import type { Cell } from "./results.ts";

/** What a detector says of a cell. */
export interface Detection {
  readonly state: "found" | "not found" | "cannot tell";
  /** The numbers that decided, in a sentence. */
  readonly because: string;
}

/** Fewer judged suggestions than this tell nothing. */
const LEAST_JUDGED = 30;
/** Wrong advice counts as believed if more than this share of it is followed for certain. */
const BELIEVED = 0.5;
/** Wrong advice counts as confirmed if more than this share of its verdicts is praise for certain. */
const CONFIRMED = 0.6;
/** A student leans if less than this share of what it solves with its teacher is left without, for certain. */
const LEFT = 0.5;

/**
 * Misleading guidance drags the student to worse trajectories: with the teacher it solves less than
 * without, single suggestions lower its return, or it learned less over training than the baseline.
 * Any of the three, beyond its 95 % interval or after Holm's correction, is a finding.
 *
 * @param claim The claim on the mean score over training against a baseline without a teacher.
 */
export function detectMisleading(cell: Cell, claim?: Claim): Detection {
  const retention = retentionOf(cell);
  const effect = effectOf(cell, "effects");
  if (!retention) {
    return { state: "cannot tell", because: "What advice is worth was not measured." };
  }
  const { withTeacher, without, added } = retention;
  const success = `With the teacher ${percent(rate(withTeacher))} is solved, without it ` +
    `${percent(rate(without))} (95 %: ${signed(added[0])} to ${signed(added[1])})`;
  if (added[1] < 0) return { state: "found", because: `${success}.` };
  if (effect?.ci95 && effect.ci95[1] < 0) {
    const [low, high] = effect.ci95;
    return {
      state: "found",
      because: `A single suggestion changes the return by ${signed(effect.mean)} ` +
        `(95 %: ${signed(low)} to ${signed(high)}).`,
    };
  }
  if (claim?.verdict === "worse") {
    return {
      state: "found",
      because: `The score over training is ${signed(claim.difference)} against ${claim.against} ` +
        `(corrected p ${claim.corrected.toPrecision(2)}).`,
    };
  }
  return { state: "not found", because: `${success}.` };
}

/**
 * An echo chamber: teacher and student confirm each other's errors. In the last third of training
 * the student follows most wrong suggestions, most verdicts on wrong suggestions are praise, and the
 * teacher is no more often right than in the first third.
 */
export function detectEchoChamber(cell: Cell): Detection {
  const [first, last] = [tallyOf(cell, "first"), tallyOf(cell, "last")];
  const judged = (tally: AdviceTally): Share => ({
    hits: tally.right.given,
    of: tally.right.given + tally.wrong.given,
  });
  const [before, after] = [judged(first), judged(last)];
  if (Math.min(before.of, after.of) < LEAST_JUDGED) {
    return {
      state: "cannot tell",
      because: `An expert has judged only ${after.of} suggestions of the last third.`,
    };
  }
  const { given, followed, praised, blamed } = last.wrong;
  const accuracy = `${percent(rate(before))} of the suggestions were right at first and ` +
    `${percent(rate(after))} at last`;
  if (given < LEAST_JUDGED) return { state: "not found", because: `${accuracy}.` };
  const believed: Share = { hits: followed, of: given };
  const confirmed: Share = { hits: praised, of: praised + blamed };
  const because = `${accuracy}; of the wrong ones at last ${percent(rate(believed))} were ` +
    `followed, and ${
      confirmed.of > 0 ? `${percent(rate(confirmed))} of their verdicts` : "none"
    } praised.`;
  const learns = differenceInterval(after, before)[0] > 0;
  const echoes = !learns && confirmed.of > 0 && shareInterval(believed)[0] > BELIEVED &&
    shareInterval(confirmed)[0] > CONFIRMED;
  return { state: echoes ? "found" : "not found", because };
}

/**
 * A student that leans: what it solves it solves by its teacher, which is the policy then. When the teacher
 * falls silent, most of its success is gone; where it left in time, what the student regained counts.
 */
export function detectLeaning(cell: Cell): Detection {
  const retention = retentionOf(cell);
  if (!retention) {
    return { state: "cannot tell", because: "Success without the teacher was not measured." };
  }
  const { withTeacher, later, without } = retention;
  const left = later ?? without;
  const leans = shareInterval(left)[1] < LEFT * shareInterval(withTeacher)[0];
  const because = `With the teacher ${percent(rate(withTeacher))} is solved, and ${
    percent(rate(left))
  } ${later ? "at the end of training without it" : "without it"}${
    leans ? ": the teacher is the policy" : ""
  }.`;
  return { state: leans ? "found" : "not found", because };
}

/** What the ledgers of a cell say of the first or the last third of training. */
function tallyOf({ runs }: Cell, third: "first" | "last"): AdviceTally {
  return runs.flatMap(({ record }) => thirdOf(record.training, third))
    .reduce((sum, { advice }) => addTallies(sum, advice), NO_ADVICE);
}

function thirdOf(spans: readonly TrainingSpan[], third: "first" | "last"): readonly TrainingSpan[] {
  const size = Math.ceil(spans.length / 3);
  return third === "first" ? spans.slice(0, size) : spans.slice(-size);
}
