/** The places of a mission's words: who does what to what stands in their order. */
import { type EnvSpec, TandemError } from "@tandem/core";
import { BoundedMap } from "@tandem/core/internal";

/** Words that begin another clause; they stand at its first place, which is empty in the first clause. */
const BEGINNINGS: ReadonlySet<string> = new Set(["and", "then", "after"]);

/** Missions whose places are kept at hand. */
const KNOWN = 10_000;

/** A word is a byte, and 0 is none. */
const MOST_WORDS = 255;

/** Reads missions as words at places: clause by clause, and within each from its first word on. */
export class Phrases {
  /** Places of a mission, P: those of a clause, clause after clause. */
  readonly slots: number;
  readonly #words: ReadonlyMap<string, number>;
  readonly #known = new BoundedMap<string, Uint8Array>(KNOWN);

  /**
   * @param clauses The most clauses of a mission. @param positions The most words of a clause, the word
   * that joins it to the one before included.
   * @throws TandemError E_WIRING where the env has no words, or too many.
   */
  constructor(
    { id, missionWords }: Pick<EnvSpec, "id" | "missionWords">,
    private readonly clauses: number,
    private readonly positions: number,
  ) {
    const { length } = missionWords;
    if (length === 0 || length > MOST_WORDS) {
      throw new TandemError(
        "E_WIRING",
        `The student "match" reads missions of 1 to ${MOST_WORDS} different words, and "${id}" has ` +
          `"${length}".`,
      );
    }
    this.slots = clauses * positions;
    this.#words = new Map(missionWords.map((word, index) => [word, 1 + index]));
  }

  /**
   * [P] the word at each place, counted from 1; 0 where there is none.
   *
   * @throws TandemError E_SHAPE where a word is none of the env's, E_OPTION where words are more than
   * places: none is left out unsaid.
   */
  slotsOf(mission: string): Uint8Array {
    const known = this.#known.get(mission);
    if (known) return known;
    const slots = new Uint8Array(this.slots);
    let [clause, place] = [0, 1];
    for (const word of mission.toLowerCase().split(/[^a-z]+/)) {
      if (word === "") continue;
      if (BEGINNINGS.has(word)) [clause, place] = [clause + 1, 0];
      const number = this.#words.get(word);
      if (number === undefined) throw unknownWord(mission, word);
      if (clause >= this.clauses) throw tooLong(mission, "clauses", this.clauses);
      if (place >= this.positions) throw tooLong(mission, "positions", this.positions);
      slots[clause * this.positions + place++] = number;
    }
    this.#known.set(mission, slots);
    return slots;
  }
}

function unknownWord(mission: string, word: string): TandemError {
  return new TandemError(
    "E_SHAPE",
    `The mission "${mission}" has the word "${word}", which is none of the env's missionWords.`,
  );
}

function tooLong(mission: string, what: "clauses" | "positions", most: number): TandemError {
  const held = what === "clauses" ? `"${most}" clauses` : `clauses of "${most}" words`;
  return new TandemError(
    "E_OPTION",
    `The mission "${mission}" is longer than student.${what} has room for, ${held}: raise it.`,
  );
}
