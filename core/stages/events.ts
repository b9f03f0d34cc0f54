/** What happens during a run, as values. How it is shown is decided elsewhere. */
import type { StageKind } from "./kinds.ts";
import type { Metrics } from "./stage.ts";
import type { TeacherUsage } from "./teacher.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { GuidanceAccuracy, SuccessRate } from "./evaluation.ts";

/** The causal effects of single suggestions, in units of return. */
export interface EffectSummary {
  /** States in which one was measured. */
  readonly states: number;
  /** Mean over states. */
  readonly mean: number;
  /** Standard deviation over states. */
  readonly deviation: number;
  /** States in which the suggestion raised the return. */
  readonly helped: number;
  /** States in which it lowered the return. */
  readonly hurt: number;
}

/** What advice is worth to the student, on development worlds. */
export interface AdviceWorth {
  /** Success of the same student on the same worlds while the teacher is silent. */
  readonly withoutTeacher: SuccessRate;
  /**
   * Return with the suggestion less that without it, from the same state and with the same draws;
   * null where student or env cannot be branched.
   */
  readonly effects: EffectSummary | null;
  /** The same for suggestions that are right; null where nobody can tell. */
  readonly rightEffects: EffectSummary | null;
  /** The same for suggestions that are wrong; null where nobody can tell. */
  readonly wrongEffects: EffectSummary | null;
}

/** What training has cost so far; measuring on held-out worlds is left out. */
export interface TrainingCost {
  /** All of it. */
  readonly seconds: number;
  /** Of it by stage. */
  readonly stageSeconds: Readonly<Record<StageKind, number>>;
  /** The part that the feedback edge takes: estimates, evidence, verdicts and the teacher's learning. */
  readonly feedbackSeconds: number;
  /** What the teacher was asked in training. */
  readonly teacher: TeacherUsage;
}

/** Numbers of verdicts by kind. */
export interface VerdictCounts {
  /** Verdicts that praise. */
  positive: number;
  /** Verdicts that blame. */
  negative: number;
  /** Suggestions that no verdict was given on. */
  abstained: number;
  /** Those of the verdicts that were given on steps of before; absent where there were none. */
  earlier?: EarlierVerdictCounts;
}

/** Verdicts on steps of before, on what was said there or on silence. */
export interface EarlierVerdictCounts {
  /** How many were given. */
  verdicts: number;
  /** How many steps ago their steps were, summed. */
  stepsAgo: number;
  /** The most steps ago so far. */
  farthest: number;
  /** Verdicts beside those that were left out: the run no longer knew the step. */
  leftOut: number;
}

/** One row of the ledger of suggestions: a state, what the teacher said, and what became of it. */
export interface LedgerRow {
  /** From 1. */
  readonly iteration: number;
  /** The step of the rollout, from 0. */
  readonly step: number;
  /** The environment, from 0. */
  readonly env: number;
  /** What was asked of the agent. */
  readonly mission: string;
  /** The observation in words. */
  readonly state: readonly string[];
  /** The world as the environment's `draw` takes it, where it draws. */
  readonly snapshot?: string;
  /** The guidance x_t, or null for none. */
  readonly guidance: string | null;
  /** Whose it is, where several teachers speak. */
  readonly author?: string;
  /** The teacher's probability of it. */
  readonly probability: number;
  /** Whether the expert finds it right; null where nobody can tell. It goes to the ledger alone. */
  readonly right: boolean | null;
  /** a_t by its name, or its floats. */
  readonly action: string;
  /** r_tp1. */
  readonly reward: number;
  /** Whether the episode ended with this step. */
  readonly ended: boolean;
  /** A_t. */
  readonly advantage: number;
  /** A_tm1. */
  readonly before: number;
  /** What the rule found. */
  readonly verdict: "positive" | "negative" | "abstain";
  /** The verdict in words. */
  readonly words: string;
  /** Verdicts that were given on it afterwards, and the steps at which they were. */
  readonly later?: readonly LaterVerdict[];
}

/** A verdict that a step got when more was known. */
export interface LaterVerdict extends Pick<LedgerRow, "verdict" | "words"> {
  /** The step of the rollout at which it was given. */
  readonly step: number;
  /** The iteration at which it was given, where that is another than the row's. */
  readonly iteration?: number;
  /** What is right in the state, where the rule says so. */
  readonly right?: readonly string[];
  /** The mission under which it holds, where it is another than the row's. */
  readonly mission?: string;
}

/** A later verdict on a row of an earlier iteration, which was told before. */
export interface LedgerAmendment extends Pick<LedgerRow, "iteration" | "step" | "env"> {
  /** The verdict. */
  readonly later: LaterVerdict;
}

/** Everything that a run reports. */
export type TandemEvent =
  | { readonly type: "run.started"; readonly iterations: number; readonly device: string }
  | {
    /** The run goes on from a checkpoint. */
    readonly type: "run.resumed";
    /** Iterations done before, and planned in all. */
    readonly iteration: number;
    readonly iterations: number;
    readonly device: string;
  }
  | {
    /** Numbers became NaN or infinite: the run is back at a checkpoint, its student takes smaller steps. */
    readonly type: "run.fell-back";
    /** Iterations done then. */
    readonly iteration: number;
    readonly message: string;
  }
  | {
    readonly type: "evaluated";
    readonly iteration: number;
    readonly success: SuccessRate;
    readonly guidanceAccuracy: GuidanceAccuracy;
  }
  | {
    readonly type: "iteration.ended";
    readonly iteration: number;
    readonly envSteps: number;
    /** Episodes ended so far, and in this iteration with how many solved. */
    readonly episodes: number;
    readonly ended: number;
    readonly solved: number;
    readonly meanReward: number | null;
    /** Share of followed guidance in this iteration; null without guidance. */
    readonly followed: number | null;
    readonly verdicts: VerdictCounts;
    readonly metrics: Metrics;
    readonly seconds: number;
    readonly cost: TrainingCost;
  }
  | { readonly type: "advice.measured"; readonly iteration: number; readonly worth: AdviceWorth }
  | {
    readonly type: "teacher.left";
    readonly iteration: number;
    /** By schedule, or because a budget is spent. */
    readonly why: "schedule" | "calls" | "tokens";
    readonly withTeacher: SuccessRate;
    readonly alone: SuccessRate;
  }
  | {
    readonly type: "ledger";
    readonly rows: readonly LedgerRow[];
    /** Verdicts on rows of before; absent where there are none. */
    readonly amendments?: readonly LedgerAmendment[];
  }
  | {
    /**
     * The machine ended the feedback rule (its time, its stack) and not what the rule did: from this
     * step on it abstains, and on another machine the run may come to something else.
     */
    readonly type: "feedback.ended";
    readonly iteration: number;
    readonly step: number;
  }
  | { readonly type: "stage.failed"; readonly stage: string; readonly message: string }
  | { readonly type: "warning"; readonly code: ErrorCode | "W_NOTE"; readonly message: string }
  | {
    /** An extra stage ended the run before its last iteration. */
    readonly type: "run.ended-early";
    /** Iterations done then. */
    readonly iteration: number;
    /** The extra stage's name in the pipeline, and why, in its words. */
    readonly by: string;
    readonly reason: string;
  }
  | { readonly type: "run.stopped"; readonly iteration: number };

/** Receives events; must not throw. */
export type EventSink = (event: TandemEvent) => void;
