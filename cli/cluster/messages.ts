/** What coordinators and workers tell each other. All of it is JSON. */
import type { TrialContent, TrialOutcome } from "../../lab/store.ts";
import type { Machine } from "./machine.ts";

/** A trial on the queue. */
export interface TrialMessage {
  readonly plan: string;
  readonly name: string;
  readonly content: TrialContent;
  /** The feedback rule, where it is not one of Tandem's. */
  readonly rule?: RuleFile;
}

/** A feedback rule that travels with its trials, in the object store under `rule.HASH`. */
export interface RuleFile {
  /** As the pipeline names it. */
  readonly name: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
}

/** What a trial came to. */
export interface ResultMessage {
  readonly outcome: TrialOutcome;
  readonly worker: string;
  readonly tries: number;
}

/** A trial that was put aside. */
export interface DeadMessage {
  readonly key: string;
  readonly plan: string;
  readonly name: string;
  readonly tries: number;
  readonly message: string;
}

/** How a plan stands, in key-value. */
export interface PlanState {
  readonly id: string;
  readonly name: string;
  readonly machine: Machine;
  readonly trials: number;
  readonly done: number;
  readonly failed: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly toldAt: number;
  readonly state: "at work" | "done" | "left";
  /** Mean seconds of a trial that is done; null before the first. */
  readonly trialSeconds: number | null;
}

/** How a worker stands, in key-value. */
export interface WorkerState {
  readonly id: string;
  readonly host: string;
  readonly machine: Machine;
  readonly jobs: number;
  readonly running: readonly {
    readonly name: string;
    readonly iteration: number;
    readonly iterations: number;
  }[];
  readonly done: number;
  readonly failed: number;
  readonly toldAt: number;
}
