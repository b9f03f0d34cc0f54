/** What was said in each training environment's episode, as later questions tell it. */
import type { Feedback, Guidance } from "@tandem/core";
import { suggestionOf } from "@tandem/core/kit";

/** What stands for a verdict where there is none. */
export const NO_VERDICT = "none";

/** What a question tells. */
export interface QuestionParts {
  readonly mission: string;
  readonly observation: readonly string[];
  /** The verdict on the last answer. */
  readonly feedback: string;
}

/** A question that was answered before. */
export interface AnsweredQuestion {
  readonly asked: QuestionParts;
  /** The candidate, by its place. */
  readonly choice: number;
  /** The verdict on the answer. */
  readonly verdict: string;
}

/** The conversations, as a checkpoint keeps them. */
export interface SavedConversations {
  readonly last: readonly string[];
  readonly turns?: readonly (readonly AnsweredQuestion[])[];
}

/** What guidance carries, so that its verdict finds the question: what each environment was asked. */
export type AskedNote = readonly QuestionParts[];

/** Keeps the last verdict of each environment, and the last questions with their verdicts. */
export class Conversations {
  /** [N] the verdict that stands in the next question of a training environment. */
  #last: string[] = [];
  /** [N] the last questions of the episode. */
  #turns: (readonly AnsweredQuestion[])[] = [];

  /** @param most How many questions are kept. */
  constructor(private readonly most: number) {}

  /** Whether questions of before are told. */
  get hasTurns(): boolean {
    return this.most > 0;
  }

  /** The verdict that the next question of environment i tells. */
  lastVerdict(i: number): string {
    return this.#turns[i]?.at(-1)?.verdict ?? this.#last[i] ?? NO_VERDICT;
  }

  /** The questions that stand before the next one of environment i, the oldest first. */
  turns(i: number): readonly AnsweredQuestion[] {
    return this.#turns[i] ?? [];
  }

  /** Hears verdicts; an episode that ends is forgotten. */
  hear({ rollout, verdicts }: Feedback): void {
    const { envs, terminated, truncated } = rollout;
    for (const [t, { signs, words }] of verdicts.entries()) {
      const guidance = rollout.guidance[t]!;
      for (let i = 0; i < envs; i++) {
        const at = t * envs + i;
        const over = terminated[at] === 1 || truncated[at] === 1;
        const silent = signs[i] === 0 || guidance.choices[i]! < 0;
        const verdict = silent ? NO_VERDICT : `"${suggestionOf(guidance, i)}": ${words(i)}`;
        this.#last[i] = over ? NO_VERDICT : verdict;
        if (over) this.#turns[i] = [];
        else this.#keep(guidance, i, verdict);
      }
    }
  }

  /** Another run's environments are others. */
  forget(): void {
    this.#last = [];
    this.#turns = [];
  }

  save(): SavedConversations {
    return { last: [...this.#last], ...this.hasTurns && { turns: [...this.#turns] } };
  }

  load({ last, turns = [] }: SavedConversations): void {
    this.#last = [...last];
    this.#turns = [...turns];
  }

  #keep({ choices, note }: Guidance, i: number, verdict: string): void {
    const asked = (note as AskedNote | undefined)?.[i];
    const choice = choices[i]!;
    if (!this.hasTurns || choice < 0 || !asked) return;
    const turns = [...this.turns(i), { asked, choice, verdict }];
    this.#turns[i] = turns.slice(-this.most);
  }
}
