import { type Observations, TandemError } from "@tandem/core";
import { type PromptParts } from "@tandem/core/kit";
import { BoundedMap } from "@tandem/core/internal";

/** States whose prompts are remembered; those not met for longest are forgotten first. */
const MOST_STATES = 100_000;

/** A prompt; states that are the same in words share one. */
export interface Question {
  readonly ids: readonly number[];
}

/** Puts states into words, once each. */
export class Questions {
  readonly #known = new BoundedMap<number, Question>(MOST_STATES);
  readonly #byText = new BoundedMap<string, Question>(MOST_STATES);
  /** States of the rollout under way, which must not be forgotten. */
  #held = new Map<number, Question>();

  /**
   * @param prompt Fills a template in.
   * @param read Gives a text's ids.
   */
  constructor(
    private readonly prompt: (parts: PromptParts) => string,
    private readonly read: (text: string) => readonly number[],
    private readonly candidates: readonly string[],
  ) {}

  /** [N] the questions of these states. `hold` keeps them for {@linkcode recall}. */
  of(observations: Observations, hold = false): Question[] {
    return Array.from({ length: observations.envs }, (_, i) => {
      const key = observations.key(i);
      const question = this.#known.get(key) ?? this.#ask(observations, i);
      this.#known.set(key, question);
      if (hold) this.#held.set(key, question);
      return question;
    });
  }

  /** The question of a state that was held. @throws E_SHAPE where it was not. */
  recall(key: number): Question {
    const question = this.#held.get(key);
    if (question) return question;
    throw new TandemError("E_SHAPE", `The student learns from a state "${key}" it did not act in.`);
  }

  /** Lets go of what was held. */
  release(): void {
    this.#held = new Map();
  }

  #ask(observations: Observations, i: number): Question {
    const text = this.prompt({
      mission: observations.mission(i),
      observation: observations.text(i),
      feedback: "none",
      candidates: this.candidates,
    });
    const question = this.#byText.get(text) ?? { ids: this.read(text) };
    this.#byText.set(text, question);
    return question;
  }
}
