/** Verdicts as channels are told of them. */
import { silence } from "../../../../../core/kit/guidance.ts";
import type { Channel, JudgedAction, Mode, StateFeatures } from "../../../../../core/stages/mod.ts";
import { featuresOf } from "../../../../../plugins/teacher/language_model/features.ts";
import { Worth } from "../../../../../plugins/teacher/language_model/worth.ts";

/** States in which one thing is seen. */
export const [KEY, BOX]: readonly StateFeatures[] = [
  featuresOf("go", ["a key"]),
  featuresOf("go", ["a box"]),
] as const;

/** What may be said of a verdict beside what it is on. */
interface More extends Partial<JudgedAction> {
  readonly seen?: readonly string[];
}

/** A verdict of strength 1 on a candidate in a state. */
export function verdictOn(
  features: StateFeatures,
  candidate: number,
  sign: number,
  more: More = {},
): JudgedAction {
  return { features, candidate, sign, strength: 1, ...more };
}

/** A channel that is told of verdicts as the teacher tells them: with what they are worth. */
export class Pupil<C extends Channel> {
  readonly #worth = new Worth();

  constructor(readonly channel: C) {}

  /** Teaches a verdict on a candidate in a state. */
  learn(features: StateFeatures, candidate: number, sign: number, more: More = {}): void {
    const verdict = verdictOn(features, candidate, sign, more);
    const worth = this.#worth.of(verdict);
    if (!worth) return;
    const guidance = silence(1, ["left", "right", "on"]);
    const asked = { env: 0, mission: "", seen: [], guidance, prompt: () => "" };
    this.channel.learn?.({ ...asked, ...verdict, ...worth, ...more });
  }

  /** What the channel adds to scores of 0. */
  corrections(state: StateFeatures, mode: Mode = "evaluate", candidates = 3): number[] {
    const scores = new Float32Array(candidates);
    this.channel.correct?.(scores, { mission: "", seen: [], ...state }, mode);
    return [...scores];
  }

  /** Goes on from where another one is. */
  async follow(other: Pupil<C>): Promise<void> {
    await this.channel.load?.(structuredClone(await other.channel.save!()));
    this.#worth.load(structuredClone(other.#worth.save()));
  }
}

/** The first of the largest values. */
export function best(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
