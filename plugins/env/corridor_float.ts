import {
  box,
  type Pcg64,
  positive,
  restart,
  termination,
  transition,
  vectorise,
} from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import type { CorridorFloatOptions } from "./options.ts";

const MISSION = "go to the flag";
const ACTIONS = ["go left", "go right"] as const;

const options = {
  stride: option("How far a step goes, of a corridor of the length 1.", positive(0.25), 0.1),
} as const;

/** A corridor whose places are floats: a tiny world for students that read them. */
export const corridorFloat: Plugin<"env", CorridorFloatOptions, "box"> = definePlugin({
  kind: "env",
  name: "corridor-float",
  description: "A corridor whose places are floats: a tiny world for students that read them.",
  details: `
    An agent and a flag somewhere between 0 and 1; a step goes to the left or to the right, and
    passing or touching the flag ends the episode with the reward 1 - 0.9 t / T. After T = 3 /
    stride steps it is truncated. An observation is [agent's place, flag's place].`,
  options,
  fits: ["box"],
  create: ({ stride }, _context, { envs }) => vectorise(corridorOf(stride), envs),
});

const corridorOf = (stride: number) => ({
  id: `CorridorFloat-${stride}`,
  mission: MISSION,
  observation: { places: box({ shape: [2], low: 0, high: 1 }) },
  actions: ACTIONS,
  maxSteps: Math.ceil(3 / stride),
  text: ({ places: [agent, flag] }: { readonly places: Float32Array }) => [
    `You see a flag ${flag! < agent! ? "left" : "right"}`,
  ],
  make: () => new Corridor(stride),
});

class Corridor {
  state = { agent: 0, flag: 0, steps: 0 };

  constructor(private readonly stride: number) {}

  reset(random: Pcg64) {
    // The two are a stride apart at least: nobody starts at the flag.
    const agent = random.random();
    const away = random.uniform(this.stride, 1 - this.stride);
    this.state = { agent, flag: (agent + away) % 1, steps: 0 };
    return restart({ places: this.places });
  }

  step(action: number) {
    const { agent, flag, steps } = this.state;
    const to = Math.min(1, Math.max(0, agent + (action === 1 ? this.stride : -this.stride)));
    this.state = { agent: to, flag, steps: steps + 1 };
    const isThere = (agent - flag) * (to - flag) <= 0;
    if (!isThere) return transition({ places: this.places });
    return termination({ places: this.places }, 1 - 0.9 * (steps + 1) / Math.ceil(3 / this.stride));
  }

  expert() {
    return this.state.flag < this.state.agent ? 0 : 1;
  }

  private get places() {
    return [this.state.agent, this.state.flag];
  }
}
