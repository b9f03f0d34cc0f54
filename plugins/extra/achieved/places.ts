/** Where the things that agents come to stand, as missions say it: seen from where an episode began. */
import type { Actions, EnvSpec, Tensors } from "@tandem/core";
import { Odometry } from "@tandem/core/internal";

/** What is saved as JSON. */
export interface SavedPlaces {
  /** The pose of each environment, three numbers. */
  readonly poses: readonly number[];
  readonly moved: readonly boolean[];
}

/**
 * Follows every environment's agent by its own actions. A mission's place is that of the beginning: once
 * a thing was put down, things may stand elsewhere, and nothing is said until the next episode.
 */
export class Places {
  readonly #odometry: Odometry;
  readonly #poses: Float32Array;
  readonly #moved: boolean[];

  /** @throws TandemError E_WIRING where the env shows no view of an agent that turns and walks. */
  constructor(env: EnvSpec) {
    const without = "extra.places=0";
    this.#odometry = new Odometry(env, { who: 'The extra "hindsight-replay"', without });
    this.#poses = new Float32Array(env.envs * this.#odometry.width);
    this.#moved = new Array<boolean>(env.envs).fill(false);
  }

  /** An episode begins in environment i. */
  begin(i: number): void {
    const { width } = this.#odometry;
    this.#poses.fill(0, i * width, (i + 1) * width);
    this.#moved[i] = false;
  }

  /** Goes on by what is done in what is seen. */
  move(tensors: Tensors, actions: Actions): void {
    this.#odometry.move(tensors, actions, this.#poses);
  }

  /** Something was put down in environment i. */
  putDown(i: number): void {
    this.#moved[i] = true;
  }

  /** What can be said of the cell before the agent of environment i: two phrases at most. */
  ofFront(i: number): string[] {
    if (this.#moved[i]) return [];
    const { ahead, right } = this.#odometry.front(this.#poses, i);
    return [
      ...(ahead > 0 ? ["in front of you"] : ahead < 0 ? ["behind you"] : []),
      ...(right > 0 ? ["on your right"] : right < 0 ? ["on your left"] : []),
    ];
  }

  save(): SavedPlaces {
    return { poses: [...this.#poses], moved: [...this.#moved] };
  }

  load({ poses, moved }: SavedPlaces): void {
    this.#poses.set(poses);
    moved.forEach((wasMoved, i) => this.#moved[i] = wasMoved);
  }
}
