/** Plays a trained student step by step: at a pace, a step at a time, or by hand. */
import type { Trained } from "../../core/run/trained.ts";
import { suggestionOf } from "../../core/kit/guidance.ts";
import type { Decision, Guidance, Observations } from "../../core/stages/mod.ts";
import type { Frame } from "./frame.ts";

/** What {@linkcode Player} is told. */
export interface PlayerOptions {
  /** The seed of the first world; the next ones follow it. */
  readonly seed: number;
  /** Whether worlds are drawn, for a file. */
  readonly draws?: boolean;
}

/** A student in one world after another. */
export class Player {
  #seen: Observations;
  #episode = 1;
  #step = 1;
  #before: number | undefined;
  #skips = false;

  /** @param trained Of one environment. */
  constructor(private readonly trained: Trained, private readonly options: PlayerOptions) {
    this.#seen = trained.reset([options.seed]);
  }

  /** The names of the actions; empty where they are floats. */
  get actions(): readonly string[] {
    return this.trained.env.spec.actions;
  }

  /** The episode ends with the step that is about to be taken, whatever comes of it. */
  skipAfterStep(): void {
    this.#skips = true;
  }

  #next(): void {
    this.#skips = false;
    this.#episode++;
    this.#step = 1;
    this.#before = undefined;
    this.#seen = this.trained.reset([this.options.seed + this.#episode - 1]);
  }

  /**
   * Takes a step.
   *
   * @param choose Tells what is about to be done and gives the action to take in its place, or nothing.
   * @returns The step; after an episode's last one the next begins.
   */
  async step(choose: (frame: Frame) => Promise<number | void> = async () => {}): Promise<Frame> {
    const shown = this.#world();
    let frame: Frame | undefined;
    const taken = await this.trained.step(async (decision, guidance) => {
      frame = this.#frame(shown, decision, guidance);
      const action = await choose(frame);
      if (action === undefined) return undefined;
      frame = { ...frame, did: this.actions[action]!, byHand: true };
      return Int32Array.of(action);
    });
    const done = { ...frame!, reward: taken.rewards[0]! };
    this.#before = done.advantage;
    this.#step++;
    const ended = taken.terminated[0] === 1 || taken.truncated[0] === 1;
    if (!ended && !this.#skips) {
      this.#seen = taken.observations;
      return done;
    }
    this.#next();
    return ended ? { ...done, end: done.reward > 0 ? "solved" : "not solved" } : done;
  }

  #world(): Pick<Frame, "mission" | "seen" | "sketch" | "svg"> {
    const { env } = this.trained;
    const snapshot = env.snapshot?.(0);
    const drawn = snapshot !== undefined && this.options.draws;
    return {
      mission: this.#seen.mission(0),
      seen: this.#seen.text(0),
      sketch: snapshot === undefined ? undefined : env.sketch?.(snapshot),
      svg: drawn ? env.draw?.(snapshot) : undefined,
    };
  }

  #frame(
    shown: Pick<Frame, "mission" | "seen" | "sketch" | "svg">,
    { actions, qValues, values }: Decision,
    guidance: Guidance,
  ): Frame {
    const choice = guidance.choices[0]!;
    return {
      ...shown,
      episode: this.#episode,
      step: this.#step,
      ...choice >= 0 &&
        {
          said: { text: suggestionOf(guidance, 0), probability: guidance.distribution[choice]! },
        },
      did: this.actions[actions[0]!] ?? [...actions].map((part) => part.toFixed(3)).join(", "),
      byHand: false,
      advantage: qValues[0]! - values[0]!,
      before: this.#before,
      reward: 0,
    };
  }
}
