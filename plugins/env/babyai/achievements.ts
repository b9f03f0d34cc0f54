/** What a step achieved, as goals in the words of missions. */
import { COLOR_NAMES, DOOR, DROP, OPEN, PICKUP, TOGGLE, TYPE_NAMES } from "./cells.ts";
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
    const action = this.#actions[i]!;
    const carried = this.#carried[i]!;
    const front = world.objectAt(world.frontX, world.frontY);
    if (action === PICKUP) {
      return carried === 0 && world.carrying !== 0
        ? [`pick up ${name(world, world.carrying)}`]
        : [];
    }
    if (action === DROP) return carried !== 0 && world.carrying === 0 ? placed(world, carried) : [];
    if (action === TOGGLE) return opened(world) ? [`open ${name(world, front)}`] : [];
    return action >= 0 && front !== 0 ? [`go to ${name(world, front)}`] : [];
  }
}

function opened(world: World): boolean {
  const { frontX, frontY } = world;
  return world.typeAt(frontX, frontY) === DOOR && world.stateAt(frontX, frontY) === OPEN;
}

/** What stands beside an object that was put before the agent. */
function placed(world: World, moved: number): string[] {
  const { frontX, frontY } = world;
  const beside = AROUND.map(([x, y]) => world.objectAt(frontX + x, frontY + y));
  return beside.filter((id) => id !== 0).map((id) => {
    return `put ${name(world, moved)} next to ${name(world, id)}`;
  });
}

function name(world: World, id: number): string {
  return `the ${COLOR_NAMES[world.objectColor(id)]} ${TYPE_NAMES[world.objectType(id)]}`;
}
