/** Goals as missions might say them: with "a" for "the", without a colour, by where a thing stands. */
import type { Pcg64 } from "@tandem/core/kit";
import { isArticle, wordsOf } from "./goals.ts";

/** Shares of the goals that are said otherwise; absent, as many as of the missions that came up. */
export interface WordingOptions {
  readonly indefinite?: number;
  readonly vague?: number;
  readonly places: number;
  /** Words that a goal can do without. */
  readonly details: readonly string[];
}

/** What missions were made of, counted over those that came up. */
export interface Asked {
  /** Parts that ask for one thing each, and those of them without a detail. */
  readonly goals: number;
  readonly vague: number;
  /** Articles, and those of them that are "a". */
  readonly articles: number;
  readonly indefinite: number;
}

/** Goals of which it is kept whether they are known. */
const KNOWN_GOALS = 10_000;

/** Says goals in the words of missions, and knows which words those are. */
export class Wording {
  asked: Asked = { goals: 0, vague: 0, articles: 0, indefinite: 0 };
  readonly #missionWords: ReadonlySet<string>;
  readonly #known = new Map<string, boolean>();

  constructor(
    private readonly options: WordingOptions,
    private readonly random: Pcg64,
    missionWords: readonly string[],
  ) {
    this.#missionWords = new Set(missionWords);
  }

  /** Notes in which words a goal is asked for. */
  hear(goal: string): void {
    const words = wordsOf(goal);
    const { goals, vague, articles, indefinite } = this.asked;
    this.asked = {
      goals: goals + 1,
      vague: vague + +!words.some((word) => this.options.details.includes(word)),
      articles: articles + words.filter((word) => word === "the" || word === "a").length,
      indefinite: indefinite + words.filter((word) => word === "a").length,
    };
  }

  /**
   * The goal as a mission might say it.
   *
   * @param places Where the one thing that it speaks of stands; of these, one is said or none.
   */
  reword(goal: string, places: readonly string[] = []): string {
    const { goals, articles, ...asked } = this.asked;
    const { vague = asked.vague / Math.max(1, goals), details } = this.options;
    const { indefinite = asked.indefinite / Math.max(1, articles) } = this.options;
    const isVague = this.#happens(vague);
    const words = goal.split(" ").filter((word) => !isVague || !details.includes(word))
      .map((word) => word === "the" && this.#happens(indefinite) ? "a" : word);
    const isPlaced = places.length > 0 && words.filter(isArticle).length === 1 &&
      this.#happens(this.options.places);
    if (isPlaced) words.push(places[this.random.integers(0, places.length)]!);
    return words.join(" ");
  }

  /** Whether a mission may be made of the goal's words. */
  isKnown(goal: string): boolean {
    let known = this.#known.get(goal);
    if (known === undefined) {
      known = wordsOf(goal).every((word) => this.#missionWords.has(word));
      if (this.#known.size >= KNOWN_GOALS) this.#known.clear();
      this.#known.set(goal, known);
    }
    return known;
  }

  #happens(share: number): boolean {
    return share > 0 && this.random.random() < share;
  }
}
