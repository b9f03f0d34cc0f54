import { definePlugin, discrete, option, Pcg64, TandemError, zeros } from "@tandem/tandem";
import type { Env, EnvSpec, EnvStep, Observations, Oracle } from "@tandem/tandem";
import type { Pcg64State, StageState, Tensor } from "@tandem/tandem";
import * as v from "valibot";

const COLOURS = ["red", "green", "blue"] as const;
const MISSION = "name the colour";

const options = {
  limit: option(
    "Steps after which an episode is cut.",
    v.pipe(v.number(), v.integer(), v.minValue(1)),
    4,
  ),
} as const;

export default definePlugin({
  kind: "env",
  name: "my-plugin",
  description: "A colour is shown and has to be named.",
  details: `
    Shows a colour, which changes every step; naming it ends the episode with the reward 1 - 0.9 t
    / limit. Describe your own world here.`,
  options,
  fits: ["vector"],
  create: ({ limit }, _context, { envs }) => new Naming(envs, limit),
});

class Naming implements Env {
  readonly spec: EnvSpec;
  readonly #random: Pcg64[];
  readonly #steps: Int32Array;
  readonly #now: Shown;
  readonly #finals: Shown;
  readonly #answer: EnvStep;

  constructor(envs: number, limit: number) {
    this.spec = {
      id: "Naming",
      envs,
      observation: { colour: discrete(COLOURS.length) },
      actions: COLOURS.map((colour) => `say ${colour}`),
      missionWords: MISSION.split(" "),
      maxSteps: limit,
      autoreset: "same-step",
    };
    this.#random = Array.from({ length: envs }, () => new Pcg64(0));
    this.#steps = new Int32Array(envs);
    this.#now = new Shown(envs);
    this.#finals = new Shown(envs);
    this.#answer = {
      observations: this.#now,
      finals: this.#finals,
      rewards: new Float32Array(envs),
      terminated: new Uint8Array(envs),
      truncated: new Uint8Array(envs),
    };
  }

  reset(seeds: ArrayLike<number>): Observations {
    for (let i = 0; i < this.spec.envs; i++) {
      this.#random[i]!.reseed(seeds[i]!);
      this.#steps[i] = 0;
      this.#show(i);
    }
    return this.#now;
  }

  step(actions: Int32Array): EnvStep {
    const { rewards, terminated, truncated } = this.#answer;
    const { maxSteps, envs } = this.spec;
    for (let i = 0; i < envs; i++) {
      const action = actions[i]!;
      if (!(action in COLOURS)) {
        throw new TandemError("E_ACTION", `"${action}" is no action of Naming: 0, 1 or 2.`);
      }
      const steps = this.#steps[i] = this.#steps[i]! + 1;
      const right = action === this.#now.data[i];
      terminated[i] = right ? 1 : 0;
      truncated[i] = !right && steps === maxSteps ? 1 : 0;
      rewards[i] = right ? 1 - 0.9 * steps / maxSteps : 0;
      this.#finals.data[i] = this.#now.data[i]!;
      // An episode that ends begins anew in the same step.
      if (terminated[i] === 1 || truncated[i] === 1) this.#steps[i] = 0;
      this.#show(i);
    }
    return this.#answer;
  }

  readonly oracle: Oracle = {
    action: (i) => this.#now.data[i]!,
    isRight: (i, action) => action === this.#now.data[i],
  };

  save(): StageState {
    const random = this.#random.map((one) => one.save());
    return { json: { random, shown: [...this.#now.data], steps: [...this.#steps] } };
  }

  load({ json }: StageState): void {
    const saved = json as { random: Pcg64State[]; shown: number[]; steps: number[] };
    for (const [i, state] of saved.random.entries()) this.#random[i]!.load(state);
    this.#now.data.set(saved.shown);
    this.#steps.set(saved.steps);
  }

  #show(i: number): void {
    this.#now.data[i] = this.#random[i]!.integers(0, COLOURS.length);
  }
}

class Shown implements Observations {
  readonly tensors: { readonly colour: Tensor<"uint8"> };
  readonly data: Uint8Array;

  constructor(readonly envs: number) {
    this.tensors = { colour: zeros("uint8", [envs]) };
    this.data = this.tensors.colour.data;
  }

  mission(): string {
    return MISSION;
  }

  text(i: number): string[] {
    return [`You see ${COLOURS[this.data[i]!]}`];
  }

  key(i: number): number {
    return this.data[i]!;
  }
}
