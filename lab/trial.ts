/** What is kept of a run that is part of a plan. */
import type {
  CalibrationBin,
  EvaluationResult,
  LedgerRow,
  TandemEvent,
  TeacherUsage,
  VerdictCounts,
} from "@tandem/core";
import { EpisodePicker } from "./report/episodes.ts";
import type { RunSummary } from "./summary.ts";

/** A trial that ended well. */
export interface TrialRecord {
  /** What the run came to. */
  readonly summary: RunSummary;
  /** Held-out measurements in order, from iteration 0 on. */
  readonly evaluations: readonly Evaluation[];
  /** Training, in at most {@linkcode MOST_SPANS} spans of iterations. */
  readonly training: readonly TrainingSpan[];
  /** An episode near the end that is worth seeing. */
  readonly episode: readonly LedgerRow[] | null;
  /** What the run warned of, each once. */
  readonly warnings?: readonly string[];
}

/** Where training stood when something was measured. */
export interface TrainingPosition {
  readonly iteration: number;
  readonly envSteps: number;
  readonly episodes: number;
  /** Seconds of training. */
  readonly seconds: number;
  readonly feedbackSeconds: number;
  readonly teacherSeconds: number;
  readonly teacher: TeacherUsage;
}

/**
 * A measurement on development worlds.
 *
 * @internal
 */
export interface Evaluation extends TrainingPosition {
  readonly success: number;
  readonly meanReward: number;
  readonly meanSteps: number;
  readonly worlds: number;
  readonly guidance: number | null;
  readonly calibration: readonly CalibrationBin[];
}

/**
 * Some iterations of training, to the one at which it stands.
 *
 * @internal
 */
export interface TrainingSpan extends TrainingPosition {
  /** Episodes ended and solved in the span. */
  readonly ended: number;
  readonly solved: number;
  /** Mean return of the episodes that ended; null where none did. */
  readonly meanReward: number | null;
  /** Share of followed guidance; null without guidance. */
  readonly followed: number | null;
  readonly verdicts: Readonly<VerdictCounts>;
  readonly advice: AdviceTally;
}

/** What the ledger says of a span's advice. */
export interface AdviceTally {
  /** Steps with advice, and the sum of the teacher's probabilities of it. */
  readonly advised: number;
  readonly confidence: number;
  readonly right: AdviceCounts;
  readonly wrong: AdviceCounts;
}

/** Advice of one kind: how often it was given, followed, praised and blamed. */
export interface AdviceCounts {
  readonly given: number;
  readonly followed: number;
  readonly praised: number;
  readonly blamed: number;
}

/** Training is kept in so many spans, however long it was. */
export const MOST_SPANS = 256;

const MOST_WARNINGS = 20;

type IterationEnded = Extract<TandemEvent, { type: "iteration.ended" }>;

/** Where training begins. */
export const START: TrainingPosition = {
  iteration: 0,
  envSteps: 0,
  episodes: 0,
  seconds: 0,
  feedbackSeconds: 0,
  teacherSeconds: 0,
  teacher: { calls: 0, cacheHits: 0, tokens: 0 },
};

/** Makes a {@linkcode TrialRecord} of a run's events. */
export class TrialRecorder {
  #evaluations: Evaluation[] = [];
  readonly #picker = new EpisodePicker();
  readonly #warnings = new Set<string>();
  #spans: TrainingSpan[] = [];
  #rows: readonly LedgerRow[] = [];
  #now = START;
  /** Iterations to a span. */
  #size = 1;

  /** Takes an event in. */
  see(event: TandemEvent): void {
    switch (event.type) {
      case "evaluated":
        this.#evaluations.push(evaluationOf(event, this.#now));
        break;
      case "ledger":
        this.#rows = event.rows;
        this.#picker.see(event.rows);
        this.#picker.amend(event.amendments ?? []);
        break;
      case "iteration.ended":
        this.#seeIteration(event);
        break;
      case "warning":
        if (this.#warnings.size < MOST_WARNINGS) this.#warnings.add(event.message);
        break;
    }
  }

  /** The record of a run that came to this. */
  finish(summary: RunSummary): TrialRecord {
    return {
      summary,
      evaluations: this.#evaluations,
      training: this.#spans,
      episode: this.#picker.nearTheEnd ?? null,
      warnings: [...this.#warnings],
    };
  }

  /** What has been seen, as JSON, to go on from where the run goes on from its checkpoint. */
  save(): unknown {
    const saved: SavedRecorder = {
      evaluations: this.#evaluations,
      picker: this.#picker.save(),
      spans: this.#spans,
      now: this.#now,
      size: this.#size,
      warnings: [...this.#warnings],
    };
    return saved;
  }

  /** Goes on from what {@linkcode save} gave. */
  load(saved: unknown): void {
    const { evaluations, picker, spans, now, size, warnings } = saved as SavedRecorder;
    this.#evaluations = [...evaluations];
    this.#picker.load(picker);
    this.#spans = [...spans];
    this.#now = now;
    this.#size = size;
    for (const warning of warnings) this.#warnings.add(warning);
  }

  #seeIteration(event: IterationEnded): void {
    this.#now = positionAfter(event);
    const span = {
      ...this.#now,
      ended: event.ended,
      solved: event.solved,
      meanReward: event.meanReward,
      followed: event.followed,
      verdicts: event.verdicts,
      advice: tallyAdvice(this.#rows),
    };
    if ((event.iteration - 1) % this.#size === 0) this.#spans.push(span);
    else this.#spans.push(joined(this.#spans.pop()!, span));
    if (this.#spans.length <= MOST_SPANS) return;
    this.#size *= 2;
    this.#spans = pairwise(this.#spans);
  }
}

interface SavedRecorder {
  readonly evaluations: readonly Evaluation[];
  readonly picker: unknown;
  readonly spans: readonly TrainingSpan[];
  readonly now: TrainingPosition;
  readonly size: number;
  readonly warnings: readonly string[];
}

/** A measurement on development worlds, at a position. */
export function evaluationOf(
  { success, guidanceAccuracy }: Pick<EvaluationResult, "success" | "guidanceAccuracy">,
  now: TrainingPosition,
): Evaluation {
  return {
    ...now,
    success: success.rate,
    meanReward: success.meanReward,
    meanSteps: success.meanSteps,
    worlds: success.episodes,
    guidance: guidanceAccuracy.rate,
    calibration: guidanceAccuracy.calibration,
  };
}

/** Where training stands after an iteration. */
export function positionAfter(
  { iteration, envSteps, episodes, cost }: IterationEnded,
): TrainingPosition {
  const { seconds, feedbackSeconds, stageSeconds, teacher } = cost;
  const teacherSeconds = stageSeconds.teacher;
  return { iteration, envSteps, episodes, seconds, feedbackSeconds, teacherSeconds, teacher };
}

function pairwise(spans: readonly TrainingSpan[]): TrainingSpan[] {
  return Array.from({ length: Math.ceil(spans.length / 2) }, (_, i) => {
    const [first, second] = [spans[2 * i]!, spans[2 * i + 1]];
    return second ? joined(first, second) : first;
  });
}

/** Two spans that follow each other, as one. */
function joined(a: TrainingSpan, b: TrainingSpan): TrainingSpan {
  const steps = [a.advice.advised, b.advice.advised] as const;
  return {
    ...b,
    ended: a.ended + b.ended,
    solved: a.solved + b.solved,
    meanReward: pooled([a.meanReward, b.meanReward], [a.ended, b.ended]),
    followed: pooled([a.followed, b.followed], steps),
    verdicts: {
      positive: a.verdicts.positive + b.verdicts.positive,
      negative: a.verdicts.negative + b.verdicts.negative,
      abstained: a.verdicts.abstained + b.verdicts.abstained,
    },
    advice: addTallies(a.advice, b.advice),
  };
}

/** The mean of two means over different numbers; null counts for nothing. */
function pooled(
  [a, b]: readonly [number | null, number | null],
  [n, m]: readonly [number, number],
): number | null {
  if (a === null || b === null) return a ?? b;
  return n + m > 0 ? (n * a + m * b) / (n + m) : (a + b) / 2;
}

const NONE: AdviceCounts = { given: 0, followed: 0, praised: 0, blamed: 0 };

/** No advice at all. */
export const NO_ADVICE: AdviceTally = { advised: 0, confidence: 0, right: NONE, wrong: NONE };

/** Counts the advice in rows of the ledger. */
export function tallyAdvice(rows: readonly LedgerRow[]): AdviceTally {
  const advised = rows.filter(({ guidance }) => guidance !== null);
  return {
    advised: advised.length,
    confidence: advised.reduce((sum, { probability }) => sum + probability, 0),
    right: countAdvice(advised.filter(({ right }) => right === true)),
    wrong: countAdvice(advised.filter(({ right }) => right === false)),
  };
}

function countAdvice(rows: readonly LedgerRow[]): AdviceCounts {
  const count = (test: (row: LedgerRow) => boolean) => rows.filter(test).length;
  return {
    given: rows.length,
    followed: count(({ guidance, action }) => guidance === action),
    praised: count((row) => verdictOn(row) === "positive"),
    blamed: count((row) => verdictOn(row) === "negative"),
  };
}

/**
 * The verdict on a suggestion under the mission that was asked: the last that came afterwards, in the same
 * iteration, or else the one at once.
 */
function verdictOn({ verdict, later = [] }: LedgerRow): LedgerRow["verdict"] {
  return later.findLast(({ mission }) => mission === undefined)?.verdict ?? verdict;
}

/** The advice of both. */
export function addTallies(a: AdviceTally, b: AdviceTally): AdviceTally {
  return {
    advised: a.advised + b.advised,
    confidence: a.confidence + b.confidence,
    right: addCounts(a.right, b.right),
    wrong: addCounts(a.wrong, b.wrong),
  };
}

function addCounts(a: AdviceCounts, b: AdviceCounts): AdviceCounts {
  return {
    given: a.given + b.given,
    followed: a.followed + b.followed,
    praised: a.praised + b.praised,
    blamed: a.blamed + b.blamed,
  };
}
