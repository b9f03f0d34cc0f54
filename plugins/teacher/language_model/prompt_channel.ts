import type { Mode } from "../../../core/stages.ts";
import type { Channel, Hearing, Told } from "./channels.ts";
import type { StateFeatures } from "./features.ts";

/** What stands for the verdict where there is none. */
export const NO_VERDICT = "none";

/** How the channel words verdicts. */
export interface PromptOptions {
  /** "good" and "bad", or the rule's own sentence. */
  readonly verdictWords: "short" | "rule";
}

/**
 * Puts the verdict on what was said last into the next prompt of the same episode, as the paper does
 * (arXiv 2401.06603, Algorithm 1). Measurements have no last verdict.
 */
export class PromptChannel implements Channel {
  readonly name = "prompt";
  /** [N] the verdict that stands in the next prompt of a training environment. */
  #last: string[] = [];

  constructor(private readonly options: PromptOptions) {}

  tell(_state: StateFeatures, env: number, mode: Mode): Told {
    return { feedback: (mode === "train" ? this.#last[env] : undefined) ?? NO_VERDICT };
  }

  hear(hearing: Hearing): void {
    this.#last[hearing.env] = this.#wordsFor(hearing);
  }

  save() {
    return { json: { last: [...this.#last] } };
  }

  load({ json }: { json: unknown }): void {
    this.#last = [...(json as { last: string[] }).last];
  }

  /** An episode's end clears the slate. */
  #wordsFor({ sign, ended, words }: Hearing): string {
    if (sign === 0 || ended) return NO_VERDICT;
    if (this.options.verdictWords === "rule") return words();
    return sign > 0 ? "good" : "bad";
  }
}
