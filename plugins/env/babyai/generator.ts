/** Draws worlds of a level until one holds, as Minigrid does. */

import { TandemError } from "../../../core/errors.ts";
import { Pcg64, type Seed } from "../../../core/random.ts";
import { Builder, type Level } from "./builder.ts";
import { EMPTY } from "./cells.ts";
import { MISSION_BYTES } from "./missions.ts";
import { REJECTED } from "./rooms.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/** Factors of a world that are as in the world of a seed, while the rest varies. */
export interface FixedFactors {
  /** Where the agent starts and faces. */
  readonly agent?: Seed;
  /** What stands where: walls, doors and objects. */
  readonly layout?: Seed;
  /** What the mission asks for. */
  readonly goal?: Seed;
}

/** Worlds drawn before fixed factors are found not to fit together. */
const FIXED_TRIES = 10000;

/** Makes episodes of one level in the worlds of one batch. */
export class Generator {
  readonly #builder: Builder;
  readonly #tries: number;
  readonly #layoutStart: Pcg64 | null = null;
  readonly #layout = new Pcg64(0);
  readonly #mission: Uint8Array | null = null;

  /** @throws TandemError E_OPTION where a fixed factor is no seed. */
  constructor(worlds: Worlds, readonly level: Level, fixed: FixedFactors = {}) {
    const builder = this.#builder = new Builder(worlds, level, this.#layout);
    this.#tries = Object.values(fixed).some((seed) => seed !== undefined) ? FIXED_TRIES : Infinity;
    const goal = fixed.goal === undefined ? null : this.#startOf("goal", fixed.goal);
    if (goal) this.#mission = worlds.missions.slice(0, MISSION_BYTES);
    const agent = fixed.agent === undefined ? null : this.#startOf("agent", fixed.agent);
    const pose = agent && { place: worlds.agent[0]!, direction: worlds.direction[0]! };
    if (fixed.layout !== undefined) this.#layoutStart = this.#startOf("layout", fixed.layout);
    builder.fixedPose = pose;
    builder.layoutIsFixed = this.#layoutStart !== null;
  }

  /**
   * Starts an episode in world `index` from a generator's next numbers.
   *
   * @throws TandemError E_OPTION where fixed factors do not fit together.
   */
  generate(index: number, random: Pcg64): void {
    const builder = this.#builder;
    builder.index = index;
    builder.lockedRoom = -1;
    builder.layoutRandom = this.#layoutStart ? this.#layout : random;
    builder.poseRandom = builder.goalRandom = random;
    for (let tries = 0; tries < this.#tries; tries++) {
      if (this.#layoutStart) this.#layout.copyFrom(this.#layoutStart);
      if (this.#attempt(this.#mission)) return builder.finish(this.level);
    }
    throw new TandemError(
      "E_OPTION",
      `No world was found in ${this.#tries} whose fixed factors fit together: ` +
        "fix fewer of them, or take the factors of one seed.",
    );
  }

  /** Takes the object to move into the agent's hands, on levels that start so. */
  startCarrying(index: number): void {
    const { worlds } = this.#builder;
    for (let id = 1; id < worlds.objects[index]!; id++) {
      const row = index * MAX_OBJECTS + id;
      if ((worlds.members[row]! & 1) === 0) continue;
      const at = index * worlds.size + worlds.objectPlace[row]!;
      worlds.cells[at] = EMPTY;
      worlds.objectAt[at] = 0;
      worlds.objectPlace[row] = -1;
      worlds.carrying[index] = id;
      worlds.moved[index] = 1;
    }
  }

  #attempt(mission: Uint8Array | null): boolean {
    const builder = this.#builder;
    try {
      builder.begin();
      this.level.build(builder);
      if (mission !== null) builder.replaceMission(mission);
      builder.validate(this.level.sparesKeys);
      return true;
    } catch (error) {
      if (error === REJECTED) return false;
      throw error;
    }
  }

  /** Makes a seed's world in world 0; gives the generator as it was before the draws that made it. */
  #startOf(factor: string, seed: Seed): Pcg64 {
    const builder = this.#builder, random = seeded(factor, seed), start = new Pcg64(0);
    builder.index = 0;
    builder.layoutRandom = builder.poseRandom = builder.goalRandom = random;
    do start.copyFrom(random); while (!this.#attempt(null));
    return start;
  }
}

function seeded(factor: string, seed: Seed): Pcg64 {
  try {
    return new Pcg64(seed);
  } catch (cause) {
    throw new TandemError(
      "E_OPTION",
      `The option fixed.${factor} is "${seed}", not a seed: a whole number from 0 on.`,
      { cause },
    );
  }
}
