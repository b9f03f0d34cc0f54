/** What a step achieved, as goals in the words of missions and of subgoals (bot_words.ts). */
import {
  COLOR_NAMES,
  DOOR,
  DROP,
  EMPTY,
  FORWARD,
  LEFT,
  LOCKED,
  OPEN,
  PICKUP,
  RIGHT,
  TOGGLE,
  TYPE_NAMES,
} from "./cells.ts";
import type { BabyAIVector } from "./vector.ts";
import type { World } from "./world.ts";

const AROUND = [[1, 0], [-1, 0], [0, 1], [0, -1]] as const;

/** Tells what the last step of a batch of worlds achieved; it has to be told of every step. */
export class Achievements {
  readonly #carried: Uint8Array;
  readonly #actions: Int32Array;

  constructor(private readonly vector: BabyAIVector) {
    this.#carried = new Uint8Array(vector.envs);
    this.#actions = new Int32Array(vector.envs).fill(-1);
  }

  /** Before a step. */
  begin(actions: Int32Array): void {
    this.#carried.set(this.vector.worlds.carrying);
    this.#actions.set(actions);
  }

  /** An episode was started otherwise than by the end of another one. */
  forget(): void {
    this.#actions.fill(-1);
  }

  /** What the last step achieved in world i. */
  of(i: number): readonly string[] {
    const { vector } = this;
    if (vector.terminated[i] === 1 || vector.truncated[i] === 1) {
      return vector.rewards[i]! > 0 ? [vector.finalMission(i)] : [];
    }
    const world = vector.world(i);
    const carried = this.#carried[i]!;
    switch (this.#actions[i]) {
      case PICKUP:
        return carried === 0 && world.carrying !== 0
          ? [`pick up ${name(world, world.carrying)}`]
          : [];
      case DROP:
        return carried !== 0 && world.carrying === 0 ? putDown(world, carried) : [];
      case TOGGLE:
        return turned(world);
      case LEFT:
      case RIGHT:
      case FORWARD:
        return reached(world);
      default:
        return [];
    }
  }
}

/** What the agent has come to: the thing before it, or those around the free place before it. */
function reached(world: World): string[] {
  const front = world.objectAt(world.frontX, world.frontY);
  if (front !== 0) return [`go to ${name(world, front)}`];
  if (world.typeAt(world.frontX, world.frontY) !== EMPTY) return [];
  return besideFront(world).map((id) => `go next to ${name(world, id)}`);
}

function putDown(world: World, moved: number): string[] {
  const what = name(world, moved);
  const beside = besideFront(world).map((id) => `put ${what} next to ${name(world, id)}`);
  return [`drop ${what}`, ...beside];
}

/** Which way the door before the agent was turned, if it is one and is not locked. */
function turned(world: World): string[] {
  const { frontX, frontY } = world;
  const state = world.stateAt(frontX, frontY);
  if (world.typeAt(frontX, frontY) !== DOOR || state === LOCKED) return [];
  return [`${state === OPEN ? "open" : "close"} ${name(world, world.objectAt(frontX, frontY))}`];
}

/** The objects around the cell before the agent. */
function besideFront(world: World): number[] {
  return AROUND.map(([x, y]) => world.objectAt(world.frontX + x, world.frontY + y))
    .filter((id) => id !== 0);
}

function name(world: World, id: number): string {
  return `the ${COLOR_NAMES[world.objectColor(id)]} ${TYPE_NAMES[world.objectType(id)]}`;
}
