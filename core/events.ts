/** What happens during a run, as values. How it is shown is decided elsewhere. */
import type { Metrics, StageKind } from "./stages.ts";
import type { ErrorCode } from "./errors.ts";

/** Success on held-out worlds. */
export interface SuccessRate {
  /** Share of episodes solved, 0 to 1. */
  readonly rate: number;
  /** 95 % Wilson interval of the rate. */
  readonly ci95: readonly [number, number];
  readonly episodes: number;
  /** Mean return of an episode. */
  readonly meanReward: number;
  /** Mean number of steps of an episode. */
  readonly meanSteps: number;
}

/** How often the teacher's likeliest suggestion is right on held-out states. */
export interface GuidanceAccuracy {
  /** Share of states, 0 to 1; null where there is no expert to ask or no guidance to judge. */
  readonly rate: number | null;
  readonly states: number;
}

/** Numbers of verdicts by kind. */
export interface VerdictCounts {
  positive: number;
  negative: number;
  abstained: number;
}

/** One row of the token ledger: a state, what the teacher said, and what became of it. */
export interface LedgerRow {
  readonly iteration: number;
  readonly step: number;
  readonly env: number;
  readonly mission: string;
  /** The observation in words. */
  readonly state: readonly string[];
  /** The world as the environment's `draw` takes it, where it draws. */
  readonly snapshot?: string;
  /** The guidance x_t, or null for none. */
  readonly guidance: string | null;
  /** The teacher's probability of it. */
  readonly probability: number;
  readonly action: string;
  readonly reward: number;
  readonly ended: boolean;
  /** A_t and A_tm1. */
  readonly advantage: number;
  readonly before: number;
  readonly verdict: "positive" | "negative" | "abstain";
  /** The verdict in words. */
  readonly words: string;
}

/** Everything that a run reports. */
export type TandemEvent =
  | { readonly type: "run.started"; readonly iterations: number; readonly device: string }
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
  }
  | { readonly type: "ledger"; readonly rows: readonly LedgerRow[] }
  | { readonly type: "stage.failed"; readonly stage: StageKind; readonly message: string }
  | { readonly type: "warning"; readonly code: ErrorCode | "W_NOTE"; readonly message: string }
  | { readonly type: "run.stopped"; readonly iteration: number };

/** Receives events; must not throw. */
export type EventSink = (event: TandemEvent) => void;
