/** Draws worlds of a level until one holds, as Minigrid does. */

import type { Pcg64 } from "../../../core/random.ts";
import { Builder, type Level } from "./builder.ts";
import { REJECTED } from "./rooms.ts";
import { MAX_OBJECTS, type Worlds } from "./worlds.ts";

/** Makes episodes of one level in the worlds of one batch. */
export class Generator {
  readonly #builder: Builder;

  constructor(worlds: Worlds, readonly level: Level, random: Pcg64) {
    this.#builder = new Builder(worlds, level, random);
  }

  /** Starts an episode in world `index` from a generator's next numbers. */
  generate(index: number, random: Pcg64): void {
    const builder = this.#builder;
    builder.index = index;
    builder.lockedRoom = -1;
    builder.layoutRandom = builder.poseRandom = builder.goalRandom = random;
    while (!this.#attempt());
    builder.finish(this.level);
  }

  /** Takes the object to move into the agent's hands, on levels that start so. */
  startCarrying(index: number): void {
    const { worlds } = this.#builder;
    for (let id = 1; id < worlds.objects[index]!; id++) {
      const row = index * MAX_OBJECTS + id;
      if ((worlds.members[row]! & 1) === 0) continue;
      const at = index * worlds.size + worlds.objectPlace[row]!;
      worlds.cells[at] = 1;
      worlds.objectAt[at] = 0;
      worlds.objectPlace[row] = -1;
      worlds.carrying[index] = id;
      worlds.moved[index] = 1;
    }
  }

  #attempt(): boolean {
    try {
      this.#builder.begin();
      this.level.build(this.#builder);
      this.#builder.validate(this.level.sparesKeys);
      return true;
    } catch (error) {
      if (error === REJECTED) return false;
      throw error;
    }
  }
}
