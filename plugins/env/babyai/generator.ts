/** Draws worlds of a level until one holds, as Minigrid does. */

import { TandemError } from "@tandem/core";
import type { Seed } from "@tandem/core/kit";
import { Builder, type Level } from "./builder.ts";
import { EMPTY } from "./cells.ts";
import { type MissionChoice, missionTest } from "./mission_words.ts";
import { MISSION_BYTES } from "./missions.ts";
import type { Pose } from "./objects.ts";
import { REJECTED } from "./rooms.ts";
import { makeStreams, type Stream } from "./streams.ts";
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

/** What of a level's worlds are made. */
export interface WorldChoice {
  /** Factors that are the same in every world; none unless told otherwise. */
  readonly fixed?: FixedFactors;
  /** Which missions are met; all unless told otherwise. */
  readonly missions?: MissionChoice;
}

/** Worlds drawn before a level is given up: of BabyAI's own none comes near it. */
const TRIES = 10_000;

/** Makes episodes of one level in the worlds of one batch. */
export class Generator {
  readonly #builder: Builder;
  readonly #worlds: Worlds;
  readonly #isFixed: boolean;
  /** The layout's stream where that is fixed, and how it stands before each world. */
  readonly #layout: { readonly random: Stream; readonly start: Stream } | null = null;
  readonly #mission: Uint8Array | null = null;
  readonly #isChosen: ReturnType<typeof missionTest>;

  /** @throws TandemError E_OPTION where a fixed factor is no seed, or a word none of a mission's. */
  constructor(
    worlds: Worlds,
    readonly level: Level,
    { fixed = {}, missions = {} }: WorldChoice,
    random: Stream,
  ) {
    const builder = this.#builder = new Builder(worlds, level, random);
    this.#worlds = worlds;
    this.#isChosen = missionTest(missions);
    this.#isFixed = Object.values(fixed).some((seed) => seed !== undefined);
    if (!this.#isFixed) return;
    const [ahead, start, layout] = makeStreams(3) as [Stream, Stream, Stream];
    if (fixed.goal !== undefined) {
      this.#makeWorld("goal", fixed.goal, ahead, start);
      this.#mission = worlds.missions.slice(0, MISSION_BYTES);
    }
    let pose: Pose | null = null;
    if (fixed.agent !== undefined) {
      this.#makeWorld("agent", fixed.agent, ahead, start);
      pose = { place: worlds.agent[0]!, direction: worlds.direction[0]! };
    }
    if (fixed.layout !== undefined) {
      this.#makeWorld("layout", fixed.layout, ahead, start);
      this.#layout = { random: layout, start };
    }
    builder.fixedPose = pose;
    builder.layoutIsFixed = this.#layout !== null;
  }

  /**
   * Starts an episode in world `index` from a generator's next numbers.
   *
   * @throws TandemError E_OPTION where fixed factors do not fit together or no mission is chosen, E_LEVEL
   * where no world holds.
   */
  generate(index: number, random: Stream): void {
    const builder = this.#builder;
    builder.index = index;
    builder.lockedRoom = -1;
    builder.layoutRandom = this.#layout?.random ?? random;
    builder.poseRandom = builder.goalRandom = random;
    for (let tries = 0; tries < TRIES; tries++) {
      this.#layout?.random.copyFrom(this.#layout.start);
      if (!this.#attempt(this.#mission)) continue;
      const { missions } = this.#worlds;
      if (this.#isChosen?.(missions, index * MISSION_BYTES) === false) continue;
      return builder.finish(this.level);
    }
    throw this.#notFound();
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

  #notFound(): TandemError {
    const none = `No world was found in ${TRIES}`;
    if (this.#isChosen) {
      return new TandemError(
        "E_OPTION",
        `${none} whose mission is one of those chosen by the option missions.`,
      );
    }
    if (this.#isFixed) {
      return new TandemError(
        "E_OPTION",
        `${none} whose fixed factors fit together: fix fewer of them, or take the factors of one seed.`,
      );
    }
    return new TandemError(
      "E_LEVEL",
      `No world of the level holds, of ${TRIES} drawn: there is no room for what it has, or its mission ` +
        "is done at the start.",
    );
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

  /** Makes a seed's world in world 0; `start` keeps the generator as it was before that world. */
  #makeWorld(factor: keyof FixedFactors, seed: Seed, random: Stream, start: Stream): void {
    const builder = this.#builder;
    try {
      random.reseed(seed);
    } catch (cause) {
      throw new TandemError(
        "E_OPTION",
        `The option fixed.${factor} is "${seed}", not a seed: a whole number from 0 on.`,
        { cause },
      );
    }
    builder.index = 0;
    builder.layoutRandom = builder.poseRandom = builder.goalRandom = random;
    do start.copyFrom(random); while (!this.#attempt(null));
  }
}
