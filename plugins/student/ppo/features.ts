import type { EnvSpec } from "../../../core/stages.ts";

/** Writes observations, missions and guidance as the rows of a network's inputs. */
export class Features {
  /** Width of a state row: one-hot observation and bag of mission words. */
  readonly stateWidth: number;
  /** Width of a guidance row: one-hot choice and the teacher's distribution. */
  readonly guidanceWidth: number;
  readonly #offsets: Int32Array;
  readonly #wordIndex: ReadonlyMap<string, number>;
  readonly #wordsOf = new Map<string, Int32Array>();

  constructor(spec: EnvSpec, readonly candidates: number) {
    const { observation, missionWords } = spec;
    this.#offsets = new Int32Array(observation.length);
    let offset = 0;
    for (let d = 0; d < observation.length; d++) {
      this.#offsets[d] = offset;
      offset += observation[d]!;
    }
    this.#wordIndex = new Map(missionWords.map((word, index) => [word, offset + index]));
    this.stateWidth = offset + missionWords.length;
    this.guidanceWidth = 2 * candidates;
  }

  /** Writes a state's row at `at`; the row must be zero. */
  writeState(
    rows: Float32Array,
    at: number,
    data: Uint8Array,
    from: number,
    mission: string,
  ): void {
    const offsets = this.#offsets;
    for (let d = 0; d < offsets.length; d++) rows[at + offsets[d]! + data[from + d]!] = 1;
    for (const index of this.#indicesOf(mission)) rows[at + index] = 1;
  }

  /** Writes a guidance row at `at`; the row must be zero. Silence is a row of zeros. */
  writeGuidance(
    rows: Float32Array,
    at: number,
    choice: number,
    distribution: Float32Array,
    from: number,
  ): void {
    if (choice < 0) return;
    rows[at + choice] = 1;
    for (let k = 0; k < this.candidates; k++) {
      rows[at + this.candidates + k] = distribution[from + k]!;
    }
  }

  #indicesOf(mission: string): Int32Array {
    let indices = this.#wordsOf.get(mission);
    if (!indices) {
      const words = mission.toLowerCase().split(/[^a-z]+/);
      indices = Int32Array.from(words.flatMap((word) => this.#wordIndex.get(word) ?? []));
      this.#wordsOf.set(mission, indices);
    }
    return indices;
  }
}
