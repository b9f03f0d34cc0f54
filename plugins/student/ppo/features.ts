import type { EnvSpec, Guidance } from "../../../core/stages.ts";
import type { Column } from "../../../runtimes/fused/columns.ts";
import type { Inputs } from "./engine.ts";

/** Missions whose words are kept at hand. */
const KNOWN_MISSIONS = 10_000;

/** Writes observations, missions and guidance as the rows of a network's inputs. */
export class Features {
  /** The entries of an observation, then one column a mission word: present (1) or absent (0). */
  readonly columns: readonly Column[];
  /** Width of a guidance row: one-hot choice and the teacher's distribution. */
  readonly guidanceWidth: number;
  readonly #entries: number;
  readonly #wordIndex: ReadonlyMap<string, number>;
  readonly #wordsOf = new Map<string, Uint8Array>();

  constructor(spec: EnvSpec, private readonly candidates: number) {
    const { observation, missionWords } = spec;
    this.columns = [
      ...observation.map((categories) => ({ categories, optional: false })),
      ...missionWords.map(() => ({ categories: 2, optional: true })),
    ];
    this.#entries = observation.length;
    this.#wordIndex = new Map(missionWords.map((word, index) => [word, index]));
    this.guidanceWidth = 2 * candidates;
  }

  /** Writes the state whose observation stands at `from` as row `row`. */
  writeState(inputs: Inputs, row: number, data: Uint8Array, from: number, mission: string): void {
    const { columns, columnsStride } = inputs;
    const entries = this.#entries;
    const at = row * columnsStride;
    for (let d = 0; d < entries; d++) columns[at + d] = data[from + d]!;
    const words = this.#wordsIn(mission);
    for (let w = 0; w < words.length; w++) columns[at + entries + w] = words[w]!;
  }

  /** Writes what was said to environment i as row `row`. Silence is a row of zeros. */
  writeGuidance(inputs: Inputs, row: number, { choices, distribution }: Guidance, i: number): void {
    const { guidance, guidanceStride } = inputs;
    const { candidates } = this;
    const at = row * guidanceStride;
    const choice = choices[i]!;
    for (let k = 0; k < candidates; k++) {
      guidance[at + k] = k === choice ? 1 : 0;
      guidance[at + candidates + k] = choice < 0 ? 0 : distribution[i * candidates + k]!;
    }
  }

  /** [words] 1 where the mission has the word. */
  #wordsIn(mission: string): Uint8Array {
    let present = this.#wordsOf.get(mission);
    if (!present) {
      present = new Uint8Array(this.#wordIndex.size);
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
