/**
 * A checkpoint: a consistent cut through all that a run remembers, taken between two iterations. A
 * run that goes on from it goes on as if nothing had happened.
 */
import { TandemError } from "../base/errors.ts";
import { joinStates, partOfState, saveParts } from "../kit/state_dict.ts";
import type { MaybePromise, StageState, Stateful } from "../stages/mod.ts";

/** The version of {@linkcode Checkpoint}: another one is refused. */
export const CHECKPOINT_VERSION = 2;

/**
 * The states of all parts of a run as one. The arrays may be views of what is still at work: to be
 * written or copied before the run goes on.
 */
export interface Checkpoint extends Required<StageState> {
  /** The format's number; another one is not read. */
  readonly version: number;
  /** Iterations done. */
  readonly iteration: number;
  /** Success on held-out worlds, 0 to 1, where it was measured after this iteration; else null. */
  readonly success: number | null;
}

/** Takes checkpoints of a run, asked by the scheduler between iterations. */
export interface CheckpointKeeper {
  /**
   * Whether one shall be taken now.
   *
   * @param iteration Iterations done.
   * @param measured Whether held-out success was measured after the last of them.
   */
  isDue(iteration: number, measured: boolean): boolean;
  /** Keeps one; the run goes on when this is done. */
  keep(checkpoint: Checkpoint): MaybePromise<void>;
}

/** The parts of a run by name: what has neither `save` nor `load` is passed over. */
export type CheckpointParts = Readonly<Record<string, Stateful>>;

/** The checkpoint of a run's parts. */
export async function takeCheckpoint(
  parts: CheckpointParts,
  cut: Pick<Checkpoint, "iteration" | "success">,
): Promise<Checkpoint> {
  const { json, arrays = {} } = joinStates(await saveParts(parts));
  return { version: CHECKPOINT_VERSION, ...cut, json, arrays };
}

/**
 * Brings a run's parts to where a checkpoint was taken.
 *
 * @throws {TandemError} E_CHECKPOINT where it is of another version or of a run with other parts.
 */
export async function restoreCheckpoint(
  checkpoint: Checkpoint,
  parts: CheckpointParts,
): Promise<void> {
  checkVersion(checkpoint.version);
  for (const [name, part] of Object.entries(parts)) {
    const state = partOfState(checkpoint, name);
    if (!part.load && !state) continue;
    if (!part.load || !state) {
      throw unfit(name, state ? "it takes no state" : "the checkpoint holds none for it");
    }
    try {
      await part.load(state);
    } catch (error) {
      throw unfit(name, error instanceof Error ? error.message : String(error), error);
    }
  }
}

/**
 * Expects a checkpoint that can be read.
 *
 * @throws {TandemError} E_CHECKPOINT where it is of another version.
 */
export function checkVersion(version: unknown): void {
  if (version === CHECKPOINT_VERSION) return;
  throw new TandemError(
    "E_CHECKPOINT",
    `The checkpoint is of version "${version}"; this Tandem reads version ${CHECKPOINT_VERSION}. ` +
      "Go on with the Tandem that made it, or start the run again.",
  );
}

function unfit(name: string, why: string, cause?: unknown): TandemError {
  return new TandemError(
    "E_CHECKPOINT",
    `The checkpoint does not fit the ${name} of this run: ${why.replace(/\.$/, "")}. ` +
      "Was a plugin changed since?",
    { cause },
  );
}
