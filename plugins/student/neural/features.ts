import type { EnvSpec, Guidance } from "../../../core/stages.ts";
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
    this.entries = observation.map((categories) => ({ categories, optional: false }));
    this.words = missionWords.map(() => ({ categories: 2, optional: true }));
    this.#wordIndex = new Map(missionWords.map((word, index) => [word, index]));
    this.guidanceWidth = 2 * candidates;
  }

  /** Writes a mission's words as row `row`, unless they stand there. */
  writeMission({ missions, words }: Inputs, row: number, mission: string): void {
    if (missions[row] === mission) return;
    missions[row] = mission;
    const present = this.#wordsIn(mission);
    const at = row * present.length;
    for (let w = 0; w < present.length; w++) words[at + w] = present[w]!;
  }

  /** Writes what was said to environment i as row `row`. Silence is a row of zeros. */
  writeGuidance(inputs: Inputs, row: number, { choices, distribution }: Guidance, i: number): void {
    const { guidance, guidanceStride } = inputs;
    const { candidates } = this;
    const at = row * guidanceStride;
    const choice = this.hears ? choices[i]! : -1;
    for (let k = 0; k < candidates; k++) {
      guidance[at + k] = k === choice ? 1 : 0;
      guidance[at + candidates + k] = choice < 0 ? 0 : distribution[i * candidates + k]!;
    }
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
