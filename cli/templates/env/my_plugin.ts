import { definePlugin, option } from "@tandem/core";
import {
  discrete,
  type Pcg64,
  restart,
  termination,
  transition,
  vectorise,
} from "@tandem/core/kit";
import * as v from "valibot";

const COLOURS = ["red", "green", "blue"] as const;

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
  create: ({ limit }, _context, { envs }) => vectorise(naming(limit), envs),
});

const naming = (limit: number) => ({
  id: "Naming",
  mission: "name the colour",
  observation: { colour: discrete(COLOURS.length) },
  actions: COLOURS.map((colour) => `say ${colour}`),
  maxSteps: limit,
  text: ({ colour }: { readonly colour: Uint8Array }) => [`You see ${COLOURS[colour[0]!]}`],
  make: () => new Naming(limit),
});

/** One world, as plain as in Gymnasium; what it remembers stands in its state. */
class Naming {
  state = { colour: 0, steps: 0 };

  constructor(private readonly limit: number) {}

  reset(random: Pcg64) {
    this.state = { colour: random.integers(0, COLOURS.length), steps: 0 };
    return restart({ colour: this.state.colour });
  }

  step(action: number, random: Pcg64) {
    const { colour } = this.state;
    const steps = this.state.steps + 1;
    if (action === colour) return termination({ colour }, 1 - 0.9 * steps / this.limit);
    this.state = { colour: random.integers(0, COLOURS.length), steps };
    return transition({ colour: this.state.colour });
  }

  expert() {
    return this.state.colour;
  }
}
