/** What a run is made of, as its folder keeps it. */
import type { PipelineJson } from "@tandem/core";

/** config.json: everything that is needed to run the same again. */
export interface RunConfig {
  /** Tandem's version. */
  readonly version: string;
  /** What was typed, as one line for a shell. */
  readonly command: string;
  /** When the run was started, ISO 8601. */
  readonly startedAt: string;
  /** The run's seed. */
  readonly seed: number;
  /** The device that computed, as `auto` was resolved. */
  readonly device: string;
  /** The pipeline in full. */
  readonly pipeline: PipelineJson;
  /** Whether a feedback rule given by path runs in QuickJS. */
  readonly sandbox?: boolean;
  /** The iterations that were planned before it was made longer, from the first plan on. */
  readonly plannedBefore?: readonly number[];
  /** The key of the trial that it was, where it was part of a comparison. */
  readonly trial?: string;
}
