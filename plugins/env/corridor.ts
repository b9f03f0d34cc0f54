import { whole } from "../../core/kit/bounds.ts";
import { TandemError } from "../../core/stages/errors.ts";
import { option } from "../../core/pipeline/options.ts";
import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import type {
  Env,
  EnvSpec,
  EnvStep,
  Observations,
  Oracle,
  StageState,
  Tensor,
} from "../../core/stages/mod.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";
import { zeros } from "../../core/kit/tensors.ts";
import { Pcg64, type Pcg64State } from "../../core/kit/random.ts";

const ACTIONS = ["go left", "go right", "stay"] as const;
const MOVES = [-1, 1, 0] as const;
const MISSION = "go to the flag";

const options = {
  length: option("Number of cells, at least 2.", whole(2, 255), 7),
} as const;

export const corridor: Plugin<"env", typeof options, "vector"> = definePlugin({
  kind: "env",
  name: "corridor",
  description: "A corridor with a flag: a tiny world for tutorials and tests.",
  details: `
    A corridor with an agent and a flag: the smallest world in which guidance can help. The
    tutorial's example of an environment, and the one on which parts are tested in milliseconds.

    An observation is [agent's cell, flag's cell]. The reward is that of BabyAI, 1 - 0.9 t / T, on
    reaching the flag; after T = 3 x length steps the episode is truncated.`,
  options,
  fits: ["vector"],
  create: ({ length }, _context, { envs }) => new Corridor(envs, length),
});

class Corridor implements Env {
  readonly spec: EnvSpec;
  readonly #length: number;
  readonly #random: Pcg64[];
  readonly #now: Cells;
  readonly #final: Cells;
  readonly #steps: Int32Array;
  readonly #answer: EnvStep;

  constructor(envs: number, length: number) {
    this.spec = {
      id: `Corridor-${length}`,
      envs,
      observation: { cells: multiDiscrete([length, length]) },
      actions: ACTIONS,
      missionWords: MISSION.split(" "),
      maxSteps: 3 * length,
      autoreset: "same-step",
    };
    this.#length = length;
    this.#random = Array.from({ length: envs }, () => new Pcg64(0));
    this.#now = new Cells(envs);
    this.#final = new Cells(envs);
    this.#steps = new Int32Array(envs);
    this.#answer = {
      observations: this.#now,
      finals: this.#final,
      rewards: new Float32Array(envs),
      terminated: new Uint8Array(envs),
      truncated: new Uint8Array(envs),
    };
  }

  reset(seeds: ArrayLike<number>): Observations {
    for (let i = 0; i < this.spec.envs; i++) {
      this.#random[i]!.reseed(seeds[i]!);
      this.#begin(i);
    }
    return this.#now;
  }

  step(actions: Int32Array): EnvStep {
    const { rewards, terminated, truncated } = this.#answer;
    const { maxSteps } = this.spec;
    const cells = this.#now.data;
    for (let i = 0; i < this.spec.envs; i++) {
      const move = MOVES[actions[i]!];
      if (move === undefined) {
        throw new TandemError("E_ACTION", `"${actions[i]}" is no action of Corridor: 0, 1 or 2.`);
      }
      const agent = Math.min(this.#length - 1, Math.max(0, cells[2 * i]! + move));
      cells[2 * i] = agent;
      const steps = this.#steps[i] = this.#steps[i]! + 1;
      terminated[i] = agent === cells[2 * i + 1] ? 1 : 0;
      truncated[i] = steps >= maxSteps && terminated[i] === 0 ? 1 : 0;
      rewards[i] = terminated[i] === 1 ? 1 - 0.9 * (steps / maxSteps) : 0;
      if (terminated[i] === 0 && truncated[i] === 0) continue;
      this.#final.data.set(cells.subarray(2 * i, 2 * i + 2), 2 * i);
      this.#begin(i);
    }
    return this.#answer;
  }

  achieved(i: number): readonly string[] {
    return this.#answer.terminated[i] === 1 ? [MISSION] : [];
  }

  save(): StageState {
    const { data } = this.#now;
    const steps = this.#steps.slice();
    return {
      json: this.#random.map((random) => random.save()),
      arrays: {
        cells: { shape: [steps.length, 2], data: data.slice() },
        steps: { shape: [steps.length], data: steps },
      },
    };
  }

  load({ json, arrays }: StageState): void {
    for (const [i, state] of (json as Pcg64State[]).entries()) this.#random[i]!.load(state);
    this.#now.data.set(arrays!.cells!.data);
    this.#steps.set(arrays!.steps!.data);
  }

  readonly oracle: Oracle = {
    action: (i) => this.#now.data[2 * i]! > this.#now.data[2 * i + 1]! ? 0 : 1,
    isRight: (i, action) => action === this.oracle.action(i),
  };

  #begin(i: number): void {
    const random = this.#random[i]!;
    const agent = random.integers(0, this.#length);
    const away = random.integers(1, this.#length);
    this.#now.data[2 * i] = agent;
    this.#now.data[2 * i + 1] = (agent + away) % this.#length;
    this.#steps[i] = 0;
  }
}

class Cells implements Observations {
  readonly tensors: { readonly cells: Tensor<"uint8"> };
  readonly data: Uint8Array;

  constructor(readonly envs: number) {
    this.tensors = { cells: zeros("uint8", [envs, 2]) };
    this.data = this.tensors.cells.data;
  }

  mission(): string {
    return MISSION;
  }

  text(i: number): string[] {
    const distance = this.data[2 * i + 1]! - this.data[2 * i]!;
    const steps = Math.abs(distance);
    const side = distance < 0 ? "left" : "right";
    return [`You see a flag ${steps} ${steps === 1 ? "step" : "steps"} ${side}`];
  }

  key(i: number): number {
    return this.data[2 * i]! * 256 + this.data[2 * i + 1]!;
  }
}
