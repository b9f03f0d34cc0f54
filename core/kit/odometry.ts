/** Where an agent has come to since its episode began, from its own actions and the cell before it. */
import { TandemError } from "../base/errors.ts";
import type { Actions, EnvSpec, Tensors } from "../stages/mod.ts";

/** The actions that move an agent, in BabyAI's words. */
const MOVES = ["turn left", "turn right", "go forward"] as const;

/** Minigrid's numbers: what can be stepped on is empty, or a door that is open. */
const EMPTY = 1, DOOR = 4, OPEN = 0;

/** A cell's type, colour and state. */
const CHANNELS = 3;

/** The step forward and to the right for each direction, as seen from where the episode began. */
const AHEAD = [1, 0, -1, 0] as const;
const RIGHT = [0, 1, 0, -1] as const;

/** What places are divided by: rooms are some eight cells wide. */
const SCALE = 4;

/**
 * Dead reckoning in the view of Minigrid's agent: its direction r, of four, and its place (f, q), so
 * many cells ahead and to the right of where its episode began, facing then. These three numbers are
 * remembered; zeros are where every episode begins.
 *
 * A turn to the left makes r one less and to the right one more, modulo 4; a step forward adds the
 * direction's unit vector, if the cell before the agent can be stepped on.
 */
export class Odometry {
  /** Numbers remembered: r, f, q. */
  readonly width = 3;
  /** Floats written: one-hot r, times 1, f / 4 and q / 4. */
  readonly features = 12;
  readonly #name: string;
  readonly #actions: readonly number[];
  /** Byte of a view's row at which the cell before the agent begins. */
  readonly #front: number;

  /**
   * Reckons for the environments of one kind.
   *
   * @param asks Who asks for it, and the setting that does without.
   * @throws TandemError E_WIRING where the env shows no view of an agent that turns and walks.
   */
  constructor(
    { id, actions, observation }: EnvSpec,
    asks: { readonly who: string; readonly without: string },
  ) {
    this.#actions = MOVES.map((move) => actions.indexOf(move));
    const view = Object.entries(observation).find(([, space]) =>
      space.kind === "multi-discrete" && space.layout === "grid"
    );
    const [name = "", space] = view ?? [];
    const size = Math.sqrt(Math.floor((space?.shape[0] ?? 0) / CHANNELS));
    if (this.#actions.includes(-1) || !Number.isInteger(size) || size % 2 !== 1) {
      throw new TandemError(
        "E_WIRING",
        `${asks.who} keeps track of the agent's pose in a view of an odd number of cells ` +
          `along a side, with the actions "${MOVES.join('", "')}", which "${id}" has not; ` +
          `${asks.without} does without.`,
      );
    }
    this.#name = name;
    // A view is [from the left][from the far end]; its agent stands in the middle of the nearest row.
    this.#front = CHANNELS * ((size >> 1) * size + size - 2);
  }

  /**
   * Writes the features of `size` poses into rows of floats, from column `to` on.
   *
   * @param memory [size, W] whose last three numbers of a row are the pose; absent where episodes begin.
   */
  write(
    memory: Float32Array | undefined,
    size: number,
    floats: Float32Array,
    stride: number,
    to: number,
  ): void {
    const width = memory ? memory.length / size : 0;
    for (let i = 0; i < size; i++) {
      const at = i * stride + to, end = (i + 1) * width;
      floats.fill(0, at, at + this.features);
      const r = memory ? memory[end - 3]! : 0;
      floats[at + r] = 1;
      floats[at + 4 + r] = memory ? memory[end - 2]! / SCALE : 0;
      floats[at + 8 + r] = memory ? memory[end - 1]! / SCALE : 0;
    }
  }

  /** Where the cell before the agent lies, of row i of [N, 3] poses. */
  front(poses: Float32Array, i: number): { readonly ahead: number; readonly right: number } {
    const [r, f, q] = poses.subarray(i * this.width) as unknown as [number, number, number];
    return { ahead: f + AHEAD[r]!, right: q + RIGHT[r]! };
  }

  /** Goes on by what is done in what is seen; [N, W] as in {@linkcode Odometry.write}. */
  move(tensors: Tensors, actions: Actions, memory: Float32Array): void {
    const { data } = tensors[this.#name]!;
    const [left, right, forward] = this.#actions;
    const size = actions.length;
    const [bytes, width] = [data.length / size, memory.length / size];
    for (let i = 0; i < size; i++) {
      const end = (i + 1) * width;
      const r = memory[end - 3]!;
      if (actions[i] === left) memory[end - 3] = (r + 3) % 4;
      if (actions[i] === right) memory[end - 3] = (r + 1) % 4;
      if (actions[i] !== forward || !isFree(data, i * bytes + this.#front)) continue;
      memory[end - 2]! += AHEAD[r]!;
      memory[end - 1]! += RIGHT[r]!;
    }
  }
}

function isFree(view: ArrayLike<number>, cell: number): boolean {
  const [type, state] = [view[cell], view[cell + 2]];
  return type === EMPTY || type === DOOR && state === OPEN;
}
