import { type Box, definePlugin, type NoOptions, type Plugin } from "@tandem/core";
import {
  box,
  type Pcg64,
  restart,
  termination,
  transition,
  vectorise,
  type World,
  type WorldOptions,
} from "@tandem/core/kit";

/** What is seen: the cart's place and speed, the pole's angle and its speed. */
type Spaces = { readonly state: Box };

const GRAVITY = 9.8; // m/s^2
const CART = 1.0; // kg
const POLE = 0.1; // kg
const HALF_LENGTH = 0.5; // m, half of the pole's
const FORCE = 10.0; // N
const TAU = 0.02; // s between two states
const TOTAL = CART + POLE;
const MOMENT = POLE * HALF_LENGTH;

/** Where an episode fails: in metres from the middle, and in radians from upright (12 degrees). */
const FARTHEST = 2.4;
const STEEPEST = 12 * 2 * Math.PI / 360;

const MISSION = "keep the pole upright";

/** Gymnasium's bounds: twice of what fails, so that the last state of an episode lies within. */
const HIGH = [2 * FARTHEST, Infinity, 2 * STEEPEST, Infinity];

/** A pole on a cart, to be kept upright by pushing the cart. */
export const cartpole: Plugin<"env", NoOptions, "box"> = definePlugin({
  kind: "env",
  name: "cartpole",
  description: "A pole on a cart, to be kept upright by pushing the cart.",
  details: `
    The cart and pole of Barto, Sutton & Anderson (Neuronlike adaptive elements that can solve
    difficult learning control problems, 1983) without friction, with the constants of Gymnasium's
    CartPole-v1: Euler's method at 0.02 s, pushes of 10 N, an episode fails beyond 2.4 m or 12
    degrees and is cut after 500 steps, each step earns 1. An observation is the cart's place (m)
    and speed, the pole's angle (rad) and its speed; at first each lies within 0.05. It counts as
    solved at a return of 475.`,
  options: {},
  fits: ["box"],
  create: (_options, _context, { envs }) => vectorise(CARTPOLE, envs),
});

const CARTPOLE: WorldOptions<Spaces, number> = {
  id: "CartPole-v1",
  mission: MISSION,
  observation: { state: box({ shape: [4], low: HIGH.map((high) => -high), high: HIGH }) },
  actions: ["push left", "push right"],
  maxSteps: 500,
  rewardThreshold: 475,
  text: ({ state }) => inWords(state),
  make: () => new CartPole(),
};

class CartPole implements World<Spaces> {
  /** x (m), dx/dt, theta (rad, to the right), dtheta/dt. */
  state = [0, 0, 0, 0];

  reset(random: Pcg64) {
    this.state = this.state.map(() => random.uniform(-0.05, 0.05));
    return restart({ state: this.state });
  }

  step(action: number) {
    this.state = moved(this.state, action === 1 ? FORCE : -FORCE);
    const [x, , theta] = this.state;
    const isOver = Math.abs(x!) > FARTHEST || Math.abs(theta!) > STEEPEST;
    return isOver ? termination({ state: this.state }, 1) : transition({ state: this.state }, 1);
  }

  /** Pushes to the side to which the pole is about to fall, a little towards the middle. */
  expert() {
    const [x, speed, theta, turning] = this.state;
    return theta! + 0.25 * turning! + 0.01 * x! + 0.03 * speed! > 0 ? 1 : 0;
  }
}

/** The state after 0.02 s under a force (N), by Euler's method. */
function moved([x, speed, theta, turning]: readonly number[], force: number): number[] {
  const [sin, cos] = [Math.sin(theta!), Math.cos(theta!)];
  const push = (force + MOMENT * turning! * turning! * sin) / TOTAL;
  const angular = (GRAVITY * sin - cos * push) /
    (HALF_LENGTH * (4 / 3 - POLE * cos * cos / TOTAL));
  const linear = push - MOMENT * angular * cos / TOTAL;
  return [
    x! + TAU * speed!,
    speed! + TAU * linear,
    theta! + TAU * turning!,
    turning! + TAU * angular,
  ];
}

/** What is seen in sentences: two steps from now tell where the pole goes. */
function inWords([x, speed, theta, turning]: ArrayLike<number> & Iterable<number>): string[] {
  const side = (value: number) => value < 0 ? "left" : "right";
  const soon = theta! + 0.25 * turning!;
  return [
    `The pole leans ${side(theta!)}`,
    `The pole is about to fall ${side(soon)}`,
    `The cart is ${Math.abs(x!) < 0.5 ? "in the middle" : `on the ${side(x!)}`}`,
    `The cart rolls ${side(speed!)}`,
  ];
}
