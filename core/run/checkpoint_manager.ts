/** The cuts through a run: where it goes on from, which it keeps, and which it falls back to. */
import {
  type Checkpoint,
  type CheckpointKeeper,
  type CheckpointParts,
  restoreCheckpoint,
  takeCheckpoint,
} from "./checkpoint.ts";
import { TandemError } from "../base/errors.ts";
import type { EventSink } from "../stages/events.ts";
import type { StageState, Student } from "../stages/mod.ts";

/** How often a run falls back before it fails, and how much smaller the student's steps are each time. */
const [MOST_FALLS, SMALLER] = [3, 0.5] as const;

/** What {@linkcode CheckpointManager} works with. */
export interface CheckpointManagerOptions {
  /** Where the run goes on; undefined for a new one. */
  readonly resume: Checkpoint | undefined;
  readonly keeper: CheckpointKeeper | undefined;
  /** Whether {@linkcode CheckpointManager.recover} brings it back; if not, no checkpoint is held for that. */
  readonly fallsBack: boolean;
  readonly emit: EventSink;
  /** All that has a state, now. */
  parts(): CheckpointParts;
  student(): Student;
}

/** Takes a run's checkpoints, and brings it back to them. */
export class CheckpointManager {
  /** The last one; its arrays are its own. */
  #last: Checkpoint | undefined;
  #falls = 0;

  constructor(private readonly options: CheckpointManagerOptions) {}

  /** Goes on from the checkpoint that the run was given; false where it was given none. */
  async resume(): Promise<boolean> {
    const { resume, fallsBack } = this.options;
    if (!resume) return false;
    await this.#restoreCheckpoint(resume);
    if (fallsBack) this.#last = resume;
    return true;
  }

  /**
   * Takes a checkpoint where one is due.
   *
   * @param cut Where the run stands.
   * @param isDue Whether it is due in any case.
   */
  async take(cut: Pick<Checkpoint, "iteration" | "success">, isDue = false): Promise<void> {
    const { keeper, fallsBack } = this.options;
    if (!keeper || !(isDue || keeper.isDue(cut.iteration, cut.success !== null))) return;
    const checkpoint = await takeCheckpoint(this.#parts, cut);
    await keeper.keep(checkpoint);
    if (!fallsBack) return;
    // What the stages go on with would change it.
    this.#last = { ...checkpoint, arrays: structuredClone(checkpoint.arrays) };
  }

  /** A cut that is kept only if {@linkcode CheckpointManager.keep} is asked to before the run goes on. */
  prepare(cut: Pick<Checkpoint, "iteration" | "success">): Promise<Checkpoint> {
    return takeCheckpoint(this.#parts, cut);
  }

  /** Keeps what was prepared. */
  async keep(prepared: Checkpoint): Promise<void> {
    await this.options.keeper?.keep(prepared);
  }

  /**
   * Where numbers became NaN or infinite, brings the run back to its last checkpoint and lets the
   * student take smaller steps.
   *
   * @returns Whether the run can go on.
   */
  async recover(error: unknown): Promise<boolean> {
    const { emit, student } = this.options;
    const last = this.#last;
    const isNumeric = error instanceof TandemError && error.code === "E_NUMERIC";
    if (!isNumeric || !last || !student().scaleLearningRate || this.#falls === MOST_FALLS) {
      return false;
    }
    const falls = this.#falls + 1;
    await this.#restoreCheckpoint(last);
    // The checkpoint may be of a time before the last fall.
    student().scaleLearningRate!(SMALLER ** (falls - this.#falls));
    this.#falls = falls;
    const { iteration } = last;
    emit({ type: "run.fell-back", iteration, message: error.message });
    return true;
  }

  save(): StageState {
    return { json: this.#falls };
  }

  load({ json }: StageState): void {
    this.#falls = json as number;
  }

  get #parts(): CheckpointParts {
    return { ...this.options.parts(), falls: this };
  }

  #restoreCheckpoint(checkpoint: Checkpoint): Promise<void> {
    return restoreCheckpoint(checkpoint, this.#parts);
  }
}
