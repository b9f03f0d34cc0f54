import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import type {
  Actions,
  Env,
  EnvSpec,
  EnvStep,
  Observations,
  StageState,
  Tensor,
} from "../../core/stages/mod.ts";
import { TandemError } from "../../core/base/errors.ts";
import { Pcg64, type Pcg64State } from "../../core/kit/random.ts";
import { box } from "../../core/kit/spaces.ts";
import { zeros } from "../../core/kit/tensors.ts";

/** Gravity in m / s^2, a step in s, mass in kg, length in m, the largest speed in rad / s. */
const [G, DT, MASS, LENGTH, MAX_SPEED] = [10, 0.05, 1, 1, 8];
/** The largest torque in N m: too little to lift the pendulum without swinging it up. */
const MAX_TORQUE = 2;
const MAX_STEPS = 200;
const MISSION = "swing up and stay up";

export const pendulum: Plugin<"env", Record<never, never>, "box" | "continuous"> = definePlugin({
  kind: "env",
  name: "pendulum",
  description: "A pendulum to swing up and keep there, by a torque: the smallest world of floats.",
  details: `
    A pendulum that hangs on a motor and is to be swung up and kept there, by the equations of
    Gymnasium's Pendulum-v1. An action is one float, the torque u in -2 to 2, too little to lift the
    pendulum without a swing. With th the angle from upright and g = 10, m = l = 1, dt = 0.05,

        thdot += (3 g / (2 l) sin th + 3 / (m l^2) u) dt,  within -8 to 8,
        th += thdot dt,
        r = -(th^2 + 0.1 thdot^2 + 0.001 u^2),

    where r is of the state before, with th between -pi and pi. An observation is [cos th, sin th,
    thdot]. Episodes start at any angle with thdot in -1 to 1, and are truncated after 200 steps.`,
  options: {},
  fits: ["box", "continuous"],
  create: (_options, _context, { envs }) => new Pendulum(envs),
});

class Pendulum implements Env {
  readonly spec: EnvSpec;
  readonly #random: Pcg64[];
  /** [N] th and thdot. */
  readonly #angles: Float64Array;
  readonly #speeds: Float64Array;
  readonly #steps: Int32Array;
  readonly #now: Arm;
  readonly #final: Arm;
  readonly #answer: EnvStep;

  constructor(envs: number) {
    this.spec = {
      id: "Pendulum",
      envs,
      observation: {
        state: box({ shape: [3], low: [-1, -1, -MAX_SPEED], high: [1, 1, MAX_SPEED] }),
      },
      actions: [],
      actionBox: box({ shape: [1], low: -MAX_TORQUE, high: MAX_TORQUE }),
      missionWords: MISSION.split(" "),
      maxSteps: MAX_STEPS,
      autoreset: "same-step",
    };
    this.#random = Array.from({ length: envs }, () => new Pcg64(0));
    this.#angles = new Float64Array(envs);
    this.#speeds = new Float64Array(envs);
    this.#steps = new Int32Array(envs);
    this.#now = new Arm(envs);
    this.#final = new Arm(envs);
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

  step(actions: Actions): EnvStep {
    const { rewards, truncated } = this.#answer;
    for (let i = 0; i < this.spec.envs; i++) {
      rewards[i] = this.#turn(i, actions[i]!);
      const steps = this.#steps[i] = this.#steps[i]! + 1;
      truncated[i] = steps >= MAX_STEPS ? 1 : 0;
      this.#now.write(i, this.#angles[i]!, this.#speeds[i]!);
      if (truncated[i] === 0) continue;
      this.#final.write(i, this.#angles[i]!, this.#speeds[i]!);
      this.#begin(i);
    }
    return this.#answer;
  }

  save(): StageState {
    return {
      json: {
        random: this.#random.map((random) => random.save()),
        angles: Array.from(this.#angles),
        speeds: Array.from(this.#speeds),
        steps: Array.from(this.#steps),
      } satisfies Saved,
    };
  }

  load({ json }: StageState): void {
    const { random, angles, speeds, steps } = json as Saved;
    random.forEach((state, i) => this.#random[i]!.load(state));
    this.#angles.set(angles);
    this.#speeds.set(speeds);
    this.#steps.set(steps);
    angles.forEach((angle, i) => this.#now.write(i, angle, speeds[i]!));
  }

  /** One step of pendulum i. @returns The reward. */
  #turn(i: number, action: number): number {
    if (!Number.isFinite(action)) {
      throw new TandemError("E_ACTION", `"${action}" is no torque of Pendulum: a number, -2 to 2.`);
    }
    const torque = within(MAX_TORQUE, action);
    const [angle, speed] = [this.#angles[i]!, this.#speeds[i]!];
    const pull = 3 * G / (2 * LENGTH) * Math.sin(angle) + 3 / (MASS * LENGTH ** 2) * torque;
    const faster = within(MAX_SPEED, speed + pull * DT);
    this.#speeds[i] = faster;
    this.#angles[i] = angle + faster * DT;
    return -(upright(angle) ** 2 + 0.1 * speed ** 2 + 0.001 * torque ** 2);
  }

  #begin(i: number): void {
    const random = this.#random[i]!;
    this.#angles[i] = random.uniform(-Math.PI, Math.PI);
    this.#speeds[i] = random.uniform(-1, 1);
    this.#steps[i] = 0;
    this.#now.write(i, this.#angles[i]!, this.#speeds[i]!);
  }
}

interface Saved {
  readonly random: Pcg64State[];
  readonly angles: number[];
  readonly speeds: number[];
  readonly steps: number[];
}

/** What is seen of N pendulums. */
class Arm implements Observations {
  readonly tensors: { readonly state: Tensor<"float32"> };
  readonly #state: Float32Array;
  readonly #bits: Int32Array;

  constructor(readonly envs: number) {
    this.tensors = { state: zeros("float32", [envs, 3]) };
    this.#state = this.tensors.state.data;
    this.#bits = new Int32Array(this.#state.buffer);
  }

  write(i: number, angle: number, speed: number): void {
    this.#state[3 * i] = Math.cos(angle);
    this.#state[3 * i + 1] = Math.sin(angle);
    this.#state[3 * i + 2] = speed;
  }

  mission(): string {
    return MISSION;
  }

  text(i: number): string[] {
    const [height, side, speed] = this.#state.subarray(3 * i, 3 * i + 3) as unknown as number[];
    const where = height! > 0.9 ? "up" : height! > 0 ? "above the middle" : "below the middle";
    const leans = side! < 0 ? "right" : "left";
    const swings = speed! < 0 ? "right" : "left";
    return [
      `The pendulum is ${where} and leans ${leans}`,
      `It swings ${swings} at ${Math.abs(speed!).toFixed(1)} rad/s`,
    ];
  }

  key(i: number): number {
    let [low, high] = [0, 0];
    for (let d = 0; d < 3; d++) {
      const bits = this.#bits[3 * i + d]!;
      low = Math.imul(low ^ bits, 0x9e3779b1) >>> 0;
      high = Math.imul(high + bits ^ low >>> 15, 0x85ebca6b) >>> 0;
    }
    return (high & 0x1fffff) * 2 ** 32 + low;
  }
}

function within(bound: number, value: number): number {
  return Math.min(bound, Math.max(-bound, value));
}

/** An angle as its distance from upright, -pi to pi. */
function upright(angle: number): number {
  const turns = (angle + Math.PI) / (2 * Math.PI);
  return (turns - Math.floor(turns)) * 2 * Math.PI - Math.PI;
}
