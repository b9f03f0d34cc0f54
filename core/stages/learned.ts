/** What a stage of an earlier run had learned, for another run to begin with. */
import type { EnvSpec } from "./env.ts";
import type { StateName } from "./kinds.ts";
import type { StageState } from "./stage.ts";

/** Where a stage finds what it begins with: a stage of a run. */
export interface StageSource {
  /** What the run is called, such as its folder. */
  readonly run: string;
  /** Which of its stages; the one of the same kind where absent, as an extra one never may be. */
  readonly stage?: StateName;
  /** SHA-256 of the state: another one is refused. Absent where any will do. */
  readonly sha256?: string;
}

/** What a stage had learned, and what it was part of. */
export interface Learned {
  /** The plugin that learned it, by name or module. */
  readonly plugin: string;
  /** Its options, stages within them as JSON. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The env that it learned in; absent where that is not known. */
  readonly env?: EnvSpec;
  /** What the teacher there could suggest; absent where that is not known. */
  readonly candidates?: readonly string[];
  /** What it had learned; absent where it has yet to learn it, and is only to be checked for fit. */
  readonly state?: StageState;
}

/**
 * Finds what a stage had learned.
 *
 * @returns undefined where nothing is to be loaded, since all that has a state is about to be.
 * @throws {TandemError} E_FILE where there is no such run, E_CHECKPOINT where its state is not the one
 * that is asked for.
 */
export type FindLearned = (
  source: StageSource & Required<Pick<StageSource, "stage">>,
) => Learned | undefined | Promise<Learned | undefined>;
