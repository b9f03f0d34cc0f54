import { multiDiscrete, VectorSteps, whole } from "@tandem/core/kit";
import {
  definePlugin,
  type Env,
  type EnvSpec,
  type EnvStep,
  type MultiDiscrete,
  type Observations,
  option,
  type Oracle,
  type Plugin,
  type StageState,
} from "@tandem/core";
import type { CorridorOptions } from "./options.ts";

const MOVES = [-1, 1, 0] as const;
const MISSION = "go to the flag";

const options = {
  length: option("Number of cells, at least 2.", whole(2, 255), 7),
} as const;

/** A corridor with a flag: a tiny world for tutorials and tests. */
export const corridor: Plugin<"env", CorridorOptions, "vector"> = definePlugin({
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
  readonly spec: EnvSpec & { readonly observation: { readonly cells: MultiDiscrete } };
  readonly #steps: VectorSteps<{ readonly cells: MultiDiscrete }>;

  constructor(envs: number, private readonly length: number) {
    this.spec = {
      id: `Corridor-${length}`,
      envs,
      observation: { cells: multiDiscrete([length, length]) },
      actions: ["go left", "go right", "stay"],
      missionWords: MISSION.split(" "),
      maxSteps: 3 * length,
      autoreset: "same-step",
    };
    this.#steps = new VectorSteps(this.spec, {
      mission: MISSION,
      begin({ cells }, random) {
        cells[0] = random.integers(0, length);
        cells[1] = (cells[0] + random.integers(1, length)) % length;
      },
      text({ cells: [agent, flag] }) {
        const steps = Math.abs(flag! - agent!);
        const side = flag! < agent! ? "left" : "right";
        return [`You see a flag ${steps} ${steps === 1 ? "step" : "steps"} ${side}`];
      },
      key: ({ cells }) => cells[0]! * 256 + cells[1]!,
    });
  }

  reset(seeds: ArrayLike<number>): Observations {
    return this.#steps.reset(seeds);
  }

  step(actions: Int32Array): EnvStep {
    const steps = this.#steps;
    const { envs, maxSteps } = this.spec;
    for (let i = 0; i < envs; i++) {
      const move = MOVES[steps.actionOf(actions, i)]!;
      const { cells } = steps.rows[i]!;
      cells[0] = Math.min(this.length - 1, Math.max(0, cells[0]! + move));
      if (cells[0] !== cells[1]) steps.transition(i);
      else steps.termination(i, 1 - 0.9 * (steps.stepOf(i) / maxSteps));
    }
    return steps.answer;
  }

  achieved(i: number): readonly string[] {
    return this.#steps.answer.terminated[i] === 1 ? [MISSION] : [];
  }

  save(): StageState {
    return this.#steps.save();
  }

  load(state: StageState): void {
    this.#steps.load(state);
  }

  readonly oracle: Oracle = {
    action: (i) => {
      const { cells } = this.#steps.rows[i]!;
      return cells[0]! > cells[1]! ? 0 : 1;
    },
    isRight: (i, action) => action === this.oracle.action(i),
  };
}
