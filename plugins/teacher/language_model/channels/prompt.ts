import type {
  Channel,
  JudgedTurn,
  Mode,
  PromptFields,
  StageState,
  StateFeatures,
  VerdictEvent,
} from "@tandem/core";
import type { BuiltinChannel } from "./opened.ts";

/** What stands for the verdict where there is none. */
export const NO_VERDICT = "none";

/** How the channel words verdicts. */
export interface PromptOptions {
  /** "good" and "bad", or the rule's own sentence. */
  readonly verdictWords: "short" | "rule";
  /** Verdicts that are told, at least 1. */
  readonly verdicts: number;
}

/** A verdict in words. */
interface Remark {
  readonly words: string;
  readonly said: string;
  readonly strength: number;
  /** The turn of a conversation that it is about. */
  readonly turn?: JudgedTurn;
}

/**
 * Puts the verdict on what was said last into the next prompt of the same episode, as the paper does
 * (arXiv 2401.06603, Algorithm 1), or the last k of them, each with what it is about: the strongest
 * first, since they tell most, and of equals the latest. A conversation has them in the order in which
 * they came, each behind what was asked and said. Measurements have no last verdict.
 */
export class PromptChannel implements Channel {
  /** [N] the verdicts of a training environment's episode, the latest first. */
  #remarks: Remark[][] = [];

  constructor(private readonly options: PromptOptions) {}

  promptFields(_state: StateFeatures, env: number, mode: Mode): PromptFields {
    const remarks = (mode === "train" ? this.#remarks[env] : undefined) ?? [];
    const turns = remarks.flatMap(({ turn }) => turn ? [turn] : []).reverse();
    if (turns.length > 0) return { turns };
    if (this.options.verdicts === 1) return { feedback: remarks[0]?.words ?? NO_VERDICT };
    const sorted = remarks.toSorted((a, b) => b.strength - a.strength);
    const told = sorted.map(({ said, words }) => `${said}: ${words}`);
    return { feedback: told.join("; ") || NO_VERDICT };
  }

  /** An episode's end clears the slate; an abstention says nothing of what was said last. */
  onVerdict({ env, sign, strength, said, ended, stepsAgo, asked, words }: VerdictEvent): void {
    if (stepsAgo !== undefined) return; // its episode may be over, and more was said since
    const earlier = ended || this.options.verdicts === 1 ? [] : this.#remarks[env] ?? [];
    if (ended || sign === 0) {
      this.#remarks[env] = earlier;
      return;
    }
    const worded = this.#worded(sign, words);
    const turn = asked && { turn: { ...asked, said, words: worded } };
    const remark = { words: worded, said, strength, ...turn };
    this.#remarks[env] = [remark, ...earlier].slice(0, this.options.verdicts);
  }

  save(): StageState {
    return { json: { remarks: Array.from(this.#remarks, (remarks) => [...remarks ?? []]) } };
  }

  load({ json }: StageState): void {
    this.#remarks = (json as { remarks: Remark[][] }).remarks.map((remarks) => [...remarks]);
  }

  startAnew(): void {
    this.#remarks = [];
  }

  #worded(sign: number, words: () => string): string {
    if (this.options.verdictWords === "rule") return words();
    return sign > 0 ? "good" : "bad";
  }
}

/** Puts verdicts into the next prompt. */
export const prompt: BuiltinChannel<PromptOptions> = {
  description: "Tells the model in its next prompt how its last suggestion did.",
  open: ({ options }) => new PromptChannel(options),
};
