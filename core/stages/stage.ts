/** What all stages share: answers that may be promises, state, and numbers that they report. */

/** A value, or a promise of it: a stage that needs no waiting costs no promise. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a stage answered with a promise. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Learned or running state of a stage: JSON for what is small, typed arrays for what is large. */
export interface StageState {
  /** What JSON can hold, exactly. */
  readonly json: unknown;
  /** Typed arrays by name. */
  readonly arrays?: Readonly<Record<string, StateArray>>;
}

/** A named array of a {@linkcode StageState}: values and shape. */
export interface StateArray {
  /** Sizes, row-major. */
  readonly shape: readonly number[];
  /** The numbers. */
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Files by their paths in a folder of their own. */
export type StageFiles = Readonly<Record<string, Uint8Array>>;

/** What any stage may add to its contract. */
export interface Stateful {
  /** The state from which `load` continues exactly. A stage without state has neither method. */
  save?(): MaybePromise<StageState>;
  /** Continues from a saved state. */
  load?(state: StageState): MaybePromise<void>;
  /**
   * Forgets what is under way and was not learned, such as what happened last in each environment:
   * asked where another run begins with a state that was loaded.
   */
  startAnew?(): void;
  /**
   * What it could find out again at a cost, such as a model's answers: no part of what it learned, and
   * kept in checkpoints so that a run goes on with the same questions.
   */
  readonly cache?: Required<Pick<Stateful, "save" | "load">>;
  /**
   * What it has made that is of use outside the run, as a model that it trained: files by their paths.
   * Asked for when the run is over; nothing where nothing was made.
   */
  files?(): MaybePromise<StageFiles | undefined>;
  /** Frees what the garbage collector does not see (tensors, sessions, workers). */
  dispose?(): MaybePromise<void>;
}

/** Named numbers that a stage reports, such as losses. */
export type Metrics = Readonly<Record<string, number>>;
