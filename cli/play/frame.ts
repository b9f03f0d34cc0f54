/** What is shown of one step of a trained student. */
import type { SketchCell } from "../../core/stages/mod.ts";

/** A step: the state, what was said and done in it, and what came of it. */
export interface Frame {
  readonly episode: number;
  /** The step of the episode, from 1. */
  readonly step: number;
  readonly mission: string;
  /** The world before the step, where the env draws for terminals. */
  readonly sketch?: readonly (readonly SketchCell[])[];
  /** The world before the step, where the env draws. */
  readonly svg?: string;
  /** What is seen, in words. */
  readonly seen: readonly string[];
  /** What the teacher says; absent where it is silent. */
  readonly said?: { readonly text: string; readonly probability: number };
  /** The action's name, or its floats. */
  readonly did: string;
  /** Whether a person chose it. */
  readonly byHand: boolean;
  /** A = Q - V of the action, given what was said, and that of the step before in the episode. */
  readonly advantage: number;
  readonly before: number | undefined;
  readonly reward: number;
  /** How the episode ended with this step, if it did. */
  readonly end?: "solved" | "not solved";
}
