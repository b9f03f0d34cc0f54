import type { StageStates } from "@tandem/core";
import type { RunConfig } from "../run_config.ts";
import type { PackedEvaluation, Vocabulary } from "./contents.ts";

/** What is packed of a run. */
export interface PackedRun {
  /** What was run. */
  readonly config: RunConfig;
  /** What student and teacher had learned. */
  readonly states: StageStates;
  readonly vocabulary: Vocabulary;
  readonly evaluation: PackedEvaluation;
}
