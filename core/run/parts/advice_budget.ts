/** A budget of advice: the teacher is asked where the student is unsure and the teacher was right before. */
import { TandemError } from "../../base/errors.ts";
import { BoundedMap } from "../../kit/bounded_map.ts";
import { silence } from "../../kit/guidance.ts";
import { pack, type Packed, unpack } from "../../kit/packing.ts";
import type { Schedule } from "../../pipeline/schedule_types.ts";
import {
  type DecidedStep,
  type Guidance,
  isPromise,
  type JudgedSteps,
  type MaybePromise,
  type Metrics,
  type Observations,
  type Progress,
  type RunPart,
  type StageState,
  type Student,
} from "../../stages/mod.ts";

/** Scores by which it is known what is a high one. */
const SCORES = 1024;
/** Steps back that verdicts may speak of. */
const PAST = 256;
/** States whose verdicts are remembered. */
const STATES = 8192;
/** Verdicts after which one is forgotten: the teacher learns. */
const SPAN = 4096;
/** Verdicts that what is usual everywhere counts in a state. */
const PRIOR = 4;

/** How often a teacher was right, and of how many verdicts. */
type Tally = readonly [right: number, verdicts: number];

interface KeptBudget {
  readonly share: number;
  readonly allowance: number;
  readonly step: number;
  readonly seen: number;
  readonly scores: Packed<"f64">;
  readonly keys: Packed<"f64">;
  readonly said: Packed<"u8">;
  readonly overall: Tally;
  readonly states: readonly (readonly [number, Tally])[];
}

/** What bounds advice by states. */
export type BudgetSchedule = Pick<Schedule, "adviceBudget" | "adviceAnnealing" | "steps">;

/**
 * Chooses the environments in which the teacher is asked. A state's score is
 *
 *     u(s) r(s),  u = H(pi(. | s)) / log A,  r = (right(s) + 4 r0) / (verdicts(s) + 4),
 *
 * how unsure the student is, by the entropy of what it would do in silence over A actions (asking under a
 * budget: Torrey & Taylor, Teaching on a budget, 2013; by the student's uncertainty: Da Silva et al.,
 * Uncertainty-aware action advising, 2020), times how often verdicts on the teacher were right in that very
 * state, where r0 = (right + 4) / (verdicts + 4) is how often they were everywhere lately. It is asked where
 * the score is among the highest of those of late: as large a part of them as questions are left for this
 * step's environments, so that it is never asked more often than the share of all steps up to now, and what
 * was saved is spent. The share falls from 1 in a straight line to the budget, and stays there.
 */
export class AdviceBudget implements RunPart {
  /** Share of the steps in which the teacher may be asked now. */
  #share = 1;
  /** Questions that are left of the shares up to now. */
  #allowance = 0;
  /** Scores of late, as many as were seen; the oldest goes first. */
  readonly #scores = new Float64Array(SCORES);
  #seen = 0;
  /** [PAST, N] keys of the steps of late, and 1 where the teacher spoke. */
  readonly #keys: Float64Array;
  readonly #said: Uint8Array;
  #overall: Tally = [0, 0];
  readonly #states = new BoundedMap<number, Tally>(STATES);
  readonly #silence: Guidance;
  /** Steps chosen in so far, and what was asked in the iteration. */
  #step = 0;
  #asked = 0;
  #askable = 0;

  /**
   * @param envs N. @param student Has `policy`.
   * @throws {TandemError} E_WIRING where the student does not say what it would do.
   */
  constructor(
    private readonly envs: number,
    private readonly schedule: BudgetSchedule & { readonly adviceBudget: number },
    private readonly student: () => Student,
    candidates: readonly string[],
  ) {
    if (!student().policy) {
      throw new TandemError(
        "E_WIRING",
        'schedule.adviceBudget asks where the student is unsure, and this one has no "policy" that tells ' +
          "how likely it does what; schedule.adviceEvery asks without.",
      );
    }
    this.#keys = new Float64Array(PAST * envs);
    this.#said = new Uint8Array(PAST * envs);
    this.#silence = silence(envs, candidates);
  }

  begin({ iteration }: Progress): void {
    const { adviceBudget, adviceAnnealing } = this.schedule;
    const left = adviceAnnealing === undefined ? 0 : 1 - iteration / adviceAnnealing;
    this.#share = Math.max(adviceBudget, left);
    this.#asked = this.#askable = 0;
  }

  /**
   * Where the teacher is asked.
   *
   * @param memory [N, W] what the student remembers; it is left as it is.
   * @param isOpen Whether a question may be asked in an environment at all.
   * @returns [N] 1 where it is.
   */
  choose(
    observations: Observations,
    memory: Float32Array | undefined,
    isOpen: (i: number) => boolean,
  ): MaybePromise<Uint8Array> {
    const view = this.student().policy!(observations, this.#silence, memory?.slice());
    const keys = Float64Array.from({ length: this.envs }, (_, i) => observations.key(i));
    const pick = (probabilities: Float32Array) =>
      this.#pick(this.#scoresOf(probabilities, keys), isOpen);
    return isPromise(view)
      ? view.then(({ probabilities }) => pick(probabilities))
      : pick(view.probabilities);
  }

  /** Notes what was said in the step. */
  decide({ iteration, t, keys, guidance: { choices } }: DecidedStep): void {
    const from = this.#placeOf(iteration, t);
    this.#keys.set(keys, from);
    for (let i = 0; i < this.envs; i++) this.#said[from + i] = choices[i]! >= 0 ? 1 : 0;
  }

  /** Counts verdicts on what the teacher said, under the mission that was asked. */
  judge({ verdicts, iteration, t }: JudgedSteps): void {
    for (const [step, { signs, missions, earlier = [] }] of verdicts.entries()) {
      for (let i = 0; i < this.envs; i++) {
        if (missions?.[i] === undefined) this.#count(iteration, t + step, i, signs[i]!);
      }
      for (const { stepsAgo, env, sign, mission } of earlier) {
        if (stepsAgo < PAST && mission === undefined) {
          this.#count(iteration, t + step - stepsAgo, env, sign);
        }
      }
    }
  }

  /** The share of the iteration's steps in which the teacher was asked. */
  report(): Metrics {
    return { asked: this.#asked / Math.max(1, this.#askable) };
  }

  save(): StageState {
    const kept: KeptBudget = {
      ...{ share: this.#share, allowance: this.#allowance, step: this.#step, seen: this.#seen },
      scores: pack("f64", this.#scores),
      keys: pack("f64", this.#keys),
      said: pack("u8", this.#said),
      overall: this.#overall,
      states: [...this.#states.keys()].map((key) => [key, this.#states.peek(key)!]),
    };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { share, allowance, step, seen, scores, keys, said, overall, states } =
      json as KeptBudget;
    [this.#share, this.#allowance, this.#step, this.#seen] = [share, allowance, step, seen];
    this.#scores.set(unpack("f64", scores));
    this.#keys.set(unpack("f64", keys));
    this.#said.set(unpack("u8", said));
    this.#overall = overall;
    for (const [key, tally] of states) this.#states.set(key, tally);
  }

  #scoresOf(probabilities: Float32Array, keys: Float64Array): Float64Array {
    const actions = probabilities.length / this.envs;
    return keys.map((key, i) => {
      const own = probabilities.subarray(i * actions, (i + 1) * actions);
      const [right, verdicts] = this.#states.get(key) ?? [0, 0];
      const rate = (right + PRIOR * this.#usual) / (verdicts + PRIOR);
      return entropyOf(own) / Math.log(Math.max(2, actions)) * rate;
    });
  }

  get #usual(): number {
    const [right, verdicts] = this.#overall;
    return (right + PRIOR) / (verdicts + PRIOR);
  }

  #pick(scores: Float64Array, isOpen: (i: number) => boolean): Uint8Array {
    const { envs } = this;
    this.#allowance += this.#share * envs;
    const threshold = this.#threshold(Math.min(1, this.#allowance / envs));
    const asked = new Uint8Array(envs);
    // Among equals each environment is the first in its turn.
    const turn = (i: number) => (i + this.#step) % envs;
    const ranked = [...scores.keys()]
      .filter((i) => scores[i]! >= threshold && isOpen(i))
      .sort((a, b) => scores[b]! - scores[a]! || turn(a) - turn(b));
    for (const i of ranked.slice(0, Math.floor(this.#allowance + 1e-9))) asked[i] = 1;
    const count = asked.reduce((sum, one) => sum + one, 0);
    this.#allowance -= count;
    this.#asked += count;
    this.#askable += envs;
    for (const score of scores) this.#scores[this.#seen++ % SCORES] = score;
    this.#step++;
    return asked;
  }

  /** The score above which such a part of the last ones lies. */
  #threshold(part: number): number {
    const known = Math.min(this.#seen, SCORES);
    const below = Math.floor((1 - part) * known);
    return known === 0 ? 0 : this.#scores.slice(0, known).sort()[Math.min(below, known - 1)]!;
  }

  #count(iteration: number, t: number, i: number, sign: number): void {
    const place = this.#placeOf(iteration, t) + i;
    if (sign === 0 || this.#said[place] !== 1) return;
    const right = sign > 0 ? 1 : 0;
    const key = this.#keys[place]!;
    const [rights, verdicts] = this.#states.get(key) ?? [0, 0];
    this.#states.set(key, [rights + right, verdicts + 1]);
    const fade = 1 - 1 / SPAN;
    this.#overall = [fade * this.#overall[0] + right, fade * this.#overall[1] + 1];
  }

  /** Where the steps of late hold a step, counted over the whole run. */
  #placeOf(iteration: number, t: number): number {
    const step = (iteration - 1) * this.schedule.steps + t;
    return (step % PAST + PAST) % PAST * this.envs;
  }
}

/** In nats. */
function entropyOf(probabilities: Float32Array): number {
  return probabilities.reduce((sum, p) => p > 0 ? sum - p * Math.log(p) : sum, 0);
}
