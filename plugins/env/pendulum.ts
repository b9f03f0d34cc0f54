import { definePlugin, type NoOptions, type Plugin, type Spaces } from "@tandem/core";
import { box, type Pcg64, restart, transition, vectorise, type World } from "@tandem/core/kit";

/** Gravity in m / s^2, a step in s, mass in kg, length in m, the largest speed in rad / s. */
const [G, DT, MASS, LENGTH, MAX_SPEED] = [10, 0.05, 1, 1, 8] as const;
/** The largest torque in N m: too little to lift the pendulum without swinging it up. */
const MAX_TORQUE = 2;

/** A pendulum to swing up and keep there, by a torque: the smallest world of floats. */
export const pendulum: Plugin<"env", NoOptions, "box" | "continuous"> = definePlugin({
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
    thdot]. Episodes start at any angle with thdot in -1 to 1, and are truncated after 200 steps. One counts as solved at a return of -250,
    a bound of ours: Gymnasium has none.`,
  options: {},
  fits: ["box", "continuous"],
  create: (_options, _context, { envs }) =>
    vectorise({
      id: "Pendulum",
      mission: "swing up and stay up",
      observation: {
        state: box({ shape: [3], low: [-1, -1, -MAX_SPEED], high: [1, 1, MAX_SPEED] }),
      },
      actionBox: box({ shape: [1], low: -MAX_TORQUE, high: MAX_TORQUE }),
      maxSteps: 200,
      rewardThreshold: -250,
      text: ({ state }) => inWords(state),
      make: () => new Pendulum(),
    }, envs),
});

class Pendulum implements World<Spaces, Float32Array> {
  /** th (rad, from upright) and dth/dt. */
  state = [0, 0];

  reset(random: Pcg64) {
    this.state = [random.uniform(-Math.PI, Math.PI), random.uniform(-1, 1)];
    return restart(this.#seen());
  }

  step([action]: Float32Array) {
    const torque = within(MAX_TORQUE, action!);
    const [angle, speed] = this.state as [number, number];
    const reward = -(upright(angle) ** 2 + 0.1 * speed ** 2 + 0.001 * torque ** 2);
    const pull = 3 * G / (2 * LENGTH) * Math.sin(angle) + 3 / (MASS * LENGTH ** 2) * torque;
    const faster = within(MAX_SPEED, speed + pull * DT);
    this.state = [angle + faster * DT, faster];
    return transition(this.#seen(), reward);
  }

  #seen() {
    const [angle, speed] = this.state as [number, number];
    return { state: [Math.cos(angle), Math.sin(angle), speed] };
  }
}

/** What is seen in sentences. */
function inWords([height, side, speed]: ArrayLike<number> & Iterable<number>): string[] {
  const where = height! > 0.9 ? "up" : height! > 0 ? "above the middle" : "below the middle";
  return [
    `The pendulum is ${where} and leans ${side! < 0 ? "right" : "left"}`,
    `It swings ${speed! < 0 ? "right" : "left"} at ${Math.abs(speed!).toFixed(1)} rad/s`,
  ];
}

/** An angle as its distance from upright, -pi to pi. */
function upright(angle: number): number {
  const turns = (angle + Math.PI) / (2 * Math.PI);
  return (turns - Math.floor(turns)) * 2 * Math.PI - Math.PI;
}

function within(bound: number, value: number): number {
  return Math.min(bound, Math.max(-bound, value));
}
