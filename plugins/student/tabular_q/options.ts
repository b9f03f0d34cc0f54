import * as v from "valibot";
import { between, positive, share, whole, WORDLESS_MODES } from "@tandem/core/kit";
import { option } from "@tandem/core";

/** Options of {@linkcode tabularQ}. */
export const tabularQOptions = {
  learningRate: option(
    "Share of its error by which a value is corrected, alpha.",
    positive(1),
    0.1,
  ),
  exploration: option("Chance of an action at random while it trains, epsilon.", share, 0.1),
  initial: option(
    "Value of what was never tried: above what is to be won, it makes the student try everything.",
    between(-1e6, 1e6),
    0,
  ),
  states: option(
    "The most states remembered; then that not learned about for longest is forgotten.",
    whole(1, 10_000_000),
    100_000,
  ),
  hears: option("Whether guidance is heard; else it is not, for controls.", v.boolean(), true),
  guidance: option(
    `What guidance is to the student. "features": values are told apart by the teacher's choice.
    "trust": they are Q(s, a) + trust(s) log p(a | s), with p the teacher's distribution and the
    trust learned. "annealed": while it trains the student acts by p with a probability that falls
    to 0. The latter two are for guidance that names actions.`,
    v.picklist(WORDLESS_MODES),
    "features",
  ),
  initialTrust: option(
    'The trust at first, where guidance is "trust", in units of reward.',
    positive(1e3),
    0.1,
  ),
  imitation: option(
    'Probability of acting as the teacher would at first, where guidance is "annealed".',
    share,
    1,
  ),
  annealing: option(
    "Iterations in which that probability falls to 0, in a straight line.",
    whole(1, 10_000_000),
    20,
  ),
} as const;
