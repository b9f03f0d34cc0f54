/** The contract of environments. */
import type { Grain } from "./guidance.ts";
import type { Box, Spaces } from "./space.ts";
import type { Stateful } from "./stage.ts";
import type { Tensors } from "./tensor.ts";

/** Success of chance and of the expert, on so many worlds: a score lies between the two. */
export interface Reference {
  /** Success of uniformly random actions, 0 to 1. */
  readonly floor: number;
  /** Success of the expert, 0 to 1; null where there is none. */
  readonly ceiling: number | null;
  /** Worlds on which both were measured. */
  readonly worlds: number;
}

/** What a vectorised environment looks like from outside; fixed for its lifetime. */
export interface EnvSpec {
  /** The environment's id, such as "BabyAI-GoToRedBallNoDists-v0". */
  readonly id: string;
  /** Number of environments stepped together, N. */
  readonly envs: number;
  /** What an observation holds, by the names of its tensors. */
  readonly observation: Spaces;
  /** Names of the discrete actions; an action is an index into it. Empty where actions are floats. */
  readonly actions: readonly string[];
  /**
   * The kind of each action, such as "moves" of turns and steps alike: what tables of a teacher's
   * accuracy group by. Absent where each action is a kind of its own.
   */
  readonly actionKinds?: readonly string[];
  /** What float actions may be; absent where actions are discrete. */
  readonly actionBox?: Box;
  /** Whether observations say which actions are legal. */
  readonly legalActions?: boolean;
  /** Words that missions are made of, in a fixed order; empty where there is no mission. */
  readonly missionWords: readonly string[];
  /**
   * What a teacher may suggest at the other grains, where the environment has words for it. At the grain
   * "reference" these are the places of a view: a sentence of {@linkcode Observations.text} that ends with
   * one tells of a thing that is seen there.
   */
  readonly guidance?: Readonly<Partial<Record<Exclude<Grain, "action">, readonly string[]>>>;
  /** Where each of `guidance.reference` is: cells to the agent's right, and cells ahead of it. */
  readonly places?: readonly (readonly [right: number, ahead: number])[];
  /** Largest number of steps of an episode; at it the episode is truncated. */
  readonly maxSteps: number;
  /** The return at which an episode counts as solved; where absent, one that ends with a reward does. */
  readonly rewardThreshold?: number;
  /**
   * What chance and the expert come to, where that was measured once and for all; otherwise a run
   * measures it on its own held-out worlds.
   */
  readonly reference?: Reference;
  /** An episode's end and the next one's first observation come in the same step. */
  readonly autoreset: "same-step";
}

/**
 * Observations of N environments. They are views: valid until the environment's next step.
 */
export interface Observations {
  /** Number of environments, N. */
  readonly envs: number;
  /** Each [N, ...shape], by the names and within the bounds of `EnvSpec.observation`. */
  readonly tensors: Tensors;
  /** [N, A] 1 where an action is legal; present where `EnvSpec.legalActions` says so. */
  readonly legal?: Uint8Array;
  /** What environment i asks of the agent. */
  mission(i: number): string;
  /** Environment i's observation in words, one sentence a thing seen. */
  text(i: number): readonly string[];
  /** A hash of the observation and the mission of environment i: equal states have equal keys. */
  key(i: number): number;
}

/** Actions of N environments: [N] indices of names, or [N, ...shape] floats of the action box. */
export type Actions = Int32Array | Float32Array;

/** What a step of N environments answers. */
export interface EnvStep {
  /** s_tp1; for an episode that ended, the first observation of the next one. */
  readonly observations: Observations;
  /** [N] r_tp1. */
  readonly rewards: Float32Array;
  /** [N] 1 where the task ended the episode: no value follows. */
  readonly terminated: Uint8Array;
  /** [N] 1 where the step limit cut the episode: value would have followed. */
  readonly truncated: Uint8Array;
  /**
   * Observations at the end of the episodes that ended in this step. Other rows mean nothing, but can be
   * read: what they hold is of some state of theirs.
   */
  readonly finals: Observations;
}

/**
 * An expert's knowledge of the environment's present states: a labelled control and a ruler, never
 * an unannounced source of learning.
 */
export interface Oracle {
  /** The expert's action in environment i, or -1 where the expert has none. */
  action(i: number): number;
  /** Whether an action in environment i is the expert's, or leaves a plan no longer than its own. */
  isRight(i: number, action: number): boolean;
  /** What the expert is about in environment i: one of `EnvSpec.guidance.subgoal`, or empty. */
  subgoal?(i: number): string;
  /**
   * Where the things in sight are any of which is meant in environment i, of `EnvSpec.guidance.reference`:
   * the one that the expert goes to first; none where it sees none.
   */
  references?(i: number): readonly string[];
  /** All that the expert is about in environment i: one of `EnvSpec.guidance.plan`, or empty. */
  plan?(i: number): string;
}

/** A cell of a world as a terminal shows it. */
export interface SketchCell {
  /** Characters that take two columns together. */
  readonly text: string;
  /** Red, green and blue of the text, 0 to 255; the terminal's own where absent. */
  readonly color?: readonly [red: number, green: number, blue: number];
  /** Whether the agent sees it. */
  readonly isSeen?: boolean;
}

/** N copies of a world, stepped together. */
export interface Env extends Stateful {
  /** What it looks like from outside. */
  readonly spec: EnvSpec;
  /** Starts an episode from each seed (length N) and gives s_0. */
  reset(seeds: ArrayLike<number>): Observations;
  /** Applies one action an environment. Ended episodes start anew in the same step. */
  step(actions: Actions): EnvStep;
  /** The expert, where the environment has one. */
  readonly oracle?: Oracle;
  /**
   * What the last step achieved in environment i, each thing as a goal in the words of missions, such
   * as "go to the red ball"; of an episode that ended, what ended it.
   */
  achieved?(i: number): readonly string[];
  /** World i as it is now, as a short text from which `draw` makes a picture. */
  snapshot?(i: number): string;
  /** A picture of a snapshot, as SVG. Needs no episode, and works after `dispose`. */
  draw?(snapshot: string): string;
  /** The same for terminals: rows of cells. */
  sketch?(snapshot: string): readonly (readonly SketchCell[])[];
}
