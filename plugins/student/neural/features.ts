import type { Box, EnvSpec, Guidance, Observations, Rollout } from "@tandem/core";
import { floatWidth, writeFloats } from "@tandem/core/kit";
import { entryBounds, type Odometry, writeEntries } from "@tandem/core/internal";
import type { Column } from "@tandem/runtimes/fused";
import type { Inputs } from "./engine.ts";
import type { Phrases } from "./phrases.ts";

/** Missions whose words are kept at hand. */
const KNOWN_MISSIONS = 10_000;

/** What a network reads beside the observation and the mission's words. */
export interface MoreFeatures {
  /** The words' places in the mission. */
  readonly phrases?: Phrases;
  /** Where the agent has come to since its episode began, as floats after the observation's own. */
  readonly odometry?: Odometry;
  /** Where each candidate is, if guidance is read as a pointer: see {@linkcode EnvSpec.places}. */
  readonly pointer?: NonNullable<EnvSpec["places"]>;
}

/** A pointer: cells to the right and ahead, as shares of the farthest, and 1 where there is any. */
const POINTER = 3;

/** Writes observations, missions and guidance as the rows of a network's inputs. */
export class Features {
  /** The categories of an observation. */
  readonly entries: readonly Column[];
  /** One a mission word: present (1) or absent (0). */
  readonly words: readonly Column[];
  /** Width of a guidance row: one-hot choice and the teacher's distribution, or a pointer. */
  readonly guidance: number;
  /** The floats of an observation. */
  readonly floats: number;
  /** Actions of which the environment says whether they are legal; 0 where all are. */
  readonly legal: number;
  readonly #wordIndex: ReadonlyMap<string, number>;
  readonly #wordsOf = new Map<string, Uint8Array>();
  readonly #phrases: Phrases | undefined;
  readonly #odometry: Odometry | undefined;
  readonly #pointer: Pointer | undefined;
  /** Floats of the observation itself. */
  readonly #seen: number;
  /** What each float is multiplied by, after the middle was taken away. */
  readonly #scales: readonly Scale[];
  #scratch = new Float32Array(0);

  /** @param hears Whether guidance is written; else every row is that of silence. */
  constructor(
    spec: EnvSpec,
    private readonly candidates: number,
    private readonly hears = true,
    { phrases, odometry, pointer }: MoreFeatures = {},
  ) {
    this.#pointer = pointer && {
      places: pointer,
      farthest: Math.max(1, ...pointer.flat().map(Math.abs)),
    };
    this.#phrases = phrases;
    this.#odometry = odometry;
    const { observation, missionWords, actions, legalActions } = spec;
    this.entries = entryBounds(observation).map((categories) => ({ categories, optional: false }));
    this.words = missionWords.map(() => ({ categories: 2, optional: true }));
    this.#wordIndex = new Map(missionWords.map((word, index) => [word, index]));
    this.guidance = pointer ? POINTER : 2 * candidates;
    this.#seen = floatWidth(observation);
    this.floats = this.#seen + (odometry?.features ?? 0);
    this.legal = legalActions ? actions.length : 0;
    this.#scales = Object.values(observation)
      .flatMap((space) => space.kind === "box" ? scalesOf(space) : []);
  }

  /** Writes the states of observations, and what is remembered before them, where that is given. */
  writeStates(inputs: Inputs, observations: Observations, memory?: Float32Array): void {
    recall(inputs, memory);
    this.#writeTensors(inputs, observations.tensors, observations.legal, memory);
    for (let i = 0; i < inputs.size; i++) this.#writeMission(inputs, i, observations.mission(i));
  }

  /** Writes the states of a rollout and what was said in them. */
  writeRollout(inputs: Inputs, rollout: Rollout): void {
    const { observations, legal, missions, guidance, envs, memory } = rollout;
    this.#writeTensors(inputs, observations, legal, memory);
    for (let row = 0; row < missions.length; row++) {
      this.#writeMission(inputs, row, missions[row]!);
    }
    guidance.forEach((said, t) => this.writeGuidance(inputs, said, t * envs));
  }

  /** Writes states that are no rollout's, in each of which nothing was said; all actions are legal unless told. */
  writeSilent(
    inputs: Inputs,
    tensors: Observations["tensors"],
    missions: readonly string[],
    legal?: Uint8Array,
    memory?: Float32Array,
  ): void {
    recall(inputs, memory);
    this.#writeTensors(inputs, tensors, legal, memory);
    if (!legal) inputs.legal.fill(1);
    inputs.guidance.fill(0);
    missions.forEach((mission, row) => this.#writeMission(inputs, row, mission));
  }

  /** Writes what was said as the rows from `row` on. Silence is a row of zeros. */
  writeGuidance(inputs: Inputs, { choices, distribution }: Guidance, row = 0): void {
    const { guidance, guidanceStride } = inputs;
    const { candidates } = this;
    const from = row * guidanceStride;
    guidance.fill(0, from, from + choices.length * guidanceStride);
    if (!this.hears) return;
    for (let i = 0; i < choices.length; i++) {
      const choice = choices[i]!;
      if (choice < 0) continue;
      const at = from + i * guidanceStride;
      if (this.#pointer) {
        point(this.#pointer, choice, guidance, at);
        continue;
      }
      guidance[at + choice] = 1;
      for (let k = 0; k < candidates; k++) {
        guidance[at + candidates + k] = distribution[i * candidates + k]!;
      }
      if (this.legal === candidates) this.#keepLegal(inputs, row + i);
    }
  }

  /** Leaves of the teacher's distribution what it says of legal actions; nothing is silence. */
  #keepLegal({ guidance, guidanceStride, legal }: Inputs, row: number): void {
    const { candidates } = this;
    const at = row * guidanceStride;
    let total = 0;
    for (let k = 0; k < candidates; k++) {
      const isLegal = legal[row * candidates + k]!;
      guidance[at + k]! *= isLegal;
      total += guidance[at + candidates + k]! *= isLegal;
    }
    if (total <= 0) return guidance.fill(0, at, at + 2 * candidates) as never;
    for (let k = 0; k < candidates; k++) guidance[at + candidates + k]! /= total;
  }

  #writeTensors(
    inputs: Inputs,
    tensors: Observations["tensors"],
    legal?: Uint8Array,
    memory?: Float32Array,
  ): void {
    const { size, entries, floats, floatStride } = inputs;
    const width = this.#seen;
    if (legal) inputs.legal.set(legal);
    writeEntries(entries, tensors, size);
    if (this.#odometry) this.#odometry.write(memory, size, floats, floatStride, width);
    if (width === 0) return;
    if (this.#scratch.length < size * width) this.#scratch = new Float32Array(size * width);
    writeFloats(this.#scratch, tensors, size);
    for (let row = 0; row < size; row++) {
      for (let d = 0; d < width; d++) {
        const { middle, half } = this.#scales[d]!;
        floats[row * floatStride + d] = (this.#scratch[row * width + d]! - middle) / half;
      }
    }
  }

  /** Writes a mission's words, and their places, as row `row`, unless they stand there. */
  #writeMission(inputs: Inputs, row: number, mission: string): void {
    if (inputs.missions[row] === mission) return;
    const { missions, words } = inputs;
    missions[row] = mission;
    const present = this.#wordsIn(mission);
    const at = row * present.length;
    for (let w = 0; w < present.length; w++) words[at + w] = present[w]!;
    if (!this.#phrases) return;
    const slots = this.#phrases.slotsOf(mission);
    for (let p = 0; p < slots.length; p++) inputs.slots[row * slots.length + p] = slots[p]!;
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

/** Places, and the largest of their numbers. */
interface Pointer {
  readonly places: NonNullable<EnvSpec["places"]>;
  readonly farthest: number;
}

function point({ places, farthest }: Pointer, choice: number, to: Float32Array, at: number): void {
  const [right, ahead] = places[choice]!;
  to[at] = right / farthest;
  to[at + 1] = ahead / farthest;
  to[at + 2] = 1;
}

/** Copies the first numbers of `rows` rows, as many as both have: a memory ends with the pose. */
export function copyColumns(from: Float32Array, to: Float32Array, rows: number): void {
  const [read, written] = [from.length / rows, to.length / rows];
  const width = Math.min(read, written);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) to[row * written + k] = from[row * read + k]!;
  }
}

/** Takes the network's own part of what is remembered. */
function recall(inputs: Inputs, memory?: Float32Array): void {
  if (memory && inputs.memory.length > 0) copyColumns(memory, inputs.memory, inputs.size);
  else inputs.memory.fill(0);
}

/** Half of a range, and its middle: (x - middle) / half is -1 to 1 within it. */
export interface Scale {
  readonly middle: number;
  readonly half: number;
}

/** Bounds beyond this are none: environments write the largest float for infinity. */
const BOUNDED = 1e6;

/** How each number of a box is brought to -1 to 1; numbers without two bounds stay as they are. */
export function scalesOf({ low, high }: Box): Scale[] {
  return low.map((least, d) => {
    const most = high[d]!;
    const isBounded = -BOUNDED <= least && least < most && most <= BOUNDED;
    return isBounded
      ? { middle: (least + most) / 2, half: (most - least) / 2 }
      : { middle: 0, half: 1 };
  });
}
