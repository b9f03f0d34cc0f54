import { entryBounds } from "../../../core/kit/tensors.ts";
import type { EnvSpec, Guidance } from "../../../core/stages/mod.ts";
import type { Column } from "../../../runtimes/fused/columns.ts";
import type { Inputs } from "./engine.ts";

/** Missions whose words are kept at hand. */
const KNOWN_MISSIONS = 10_000;

/** Writes observations, missions and guidance as the rows of a network's inputs. */
export class Features {
  /** The entries of an observation. */
  readonly entries: readonly Column[];
  /** One a mission word: present (1) or absent (0). */
  readonly words: readonly Column[];
  /** Width of a guidance row: one-hot choice and the teacher's distribution. */
  readonly guidanceWidth: number;
  readonly #wordIndex: ReadonlyMap<string, number>;
  readonly #wordsOf = new Map<string, Uint8Array>();

  /** @param hears Whether guidance is written; else every row is that of silence. */
  constructor(spec: EnvSpec, private readonly candidates: number, private readonly hears = true) {
    const { observation, missionWords } = spec;
    this.entries = entryBounds(observation).map((categories) => ({ categories, optional: false }));
    this.words = missionWords.map(() => ({ categories: 2, optional: true }));
    this.#wordIndex = new Map(missionWords.map((word, index) => [word, index]));
    this.guidanceWidth = 2 * candidates;
  }

  /** Writes a mission's words as row `row`, unless they stand there. */
  writeMission(inputs: Inputs, row: number, mission: string): void {
    if (inputs.missions[row] !== mission) this.#write(inputs, row, mission);
  }

  /** Writes the words of all rows' missions, where they do not stand yet. */
  writeMissions(inputs: Inputs, all: readonly string[]): void {
    const { missions } = inputs;
    for (let row = 0; row < all.length; row++) {
      if (missions[row] !== all[row]) this.#write(inputs, row, all[row]!);
    }
  }

  /**
   * Writes what was said to the environments `first` to `end` (exclusive) as the rows from `row` on.
   * Silence is a row of zeros.
   */
  writeGuidance(inputs: Inputs, row: number, said: Guidance, first: number, end: number): void {
    const { guidance, guidanceStride } = inputs;
    const { candidates } = this;
    const { choices, distribution } = said;
    const from = row * guidanceStride;
    guidance.fill(0, from, from + (end - first) * guidanceStride);
    if (!this.hears) return;
    for (let i = first; i < end; i++) {
      const choice = choices[i]!;
      if (choice < 0) continue;
      const at = from + (i - first) * guidanceStride;
      guidance[at + choice] = 1;
      for (let k = 0; k < candidates; k++) {
        guidance[at + candidates + k] = distribution[i * candidates + k]!;
      }
    }
  }

  #write({ missions, words }: Inputs, row: number, mission: string): void {
    missions[row] = mission;
    const present = this.#wordsIn(mission);
    const at = row * present.length;
    for (let w = 0; w < present.length; w++) words[at + w] = present[w]!;
  }

  /** [words] 1 where the mission has the word. */
  #wordsIn(mission: string): Uint8Array {
    let present = this.#wordsOf.get(mission);
    if (!present) {
      present = new Uint8Array(this.words.length);
      for (const word of mission.toLowerCase().split(/[^a-z]+/)) {
        const index = this.#wordIndex.get(word);
        if (index !== undefined) present[index] = 1;
      }
      if (this.#wordsOf.size >= KNOWN_MISSIONS) this.#wordsOf.clear();
      this.#wordsOf.set(mission, present);
    }
    return present;
  }
}
