import { entryBounds, writeEntries } from "../../../core/kit/tensors.ts";
import type { EnvSpec, Guidance, Observations, Rollout } from "../../../core/stages/mod.ts";
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

  /** Writes the states of observations, and what is remembered before them, where that is given. */
  writeStates(inputs: Inputs, observations: Observations, memory?: Float32Array): void {
    if (memory) inputs.memory.set(memory);
    else inputs.memory.fill(0);
    writeEntries(inputs.entries, observations.tensors, inputs.size);
    for (let i = 0; i < inputs.size; i++) this.writeMission(inputs, i, observations.mission(i));
  }

  /** Writes the states of a rollout and what was said in them. */
  writeRollout(inputs: Inputs, { observations, missions, guidance, envs }: Rollout): void {
    writeEntries(inputs.entries, observations, missions.length);
    for (let row = 0; row < missions.length; row++) {
      this.writeMission(inputs, row, missions[row]!);
    }
    guidance.forEach((said, t) => this.writeGuidance(inputs, t * envs, said, 0, envs));
  }

  /** Writes a mission's words as row `row`, unless they stand there. */
  writeMission(inputs: Inputs, row: number, mission: string): void {
    if (inputs.missions[row] !== mission) this.#write(inputs, row, mission);
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
