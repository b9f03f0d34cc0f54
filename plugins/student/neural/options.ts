/** Options that several network students share: one name, one meaning. */
import * as v from "valibot";
import {
  between,
  grainsOf,
  GUIDANCE_MODES,
  positive,
  usesDistribution,
  whole,
} from "@tandem/core/kit";
import { option, type OptionsOutput, type Trait } from "@tandem/core";
import { DISTILLATION_GATES } from "./distillation_gate.ts";
import { learningRateOptions } from "./learning_rate.ts";

/** The weight of a term of a loss. */
export const weight: v.GenericSchema<number> = between(0, 1e6);
/** Samples of one gradient step. */
export const minibatch: v.GenericSchema<number> = whole(1, 1 << 20);

/** What every actor-critic takes. */
export const sharedOptions = {
  learningRate: option("Adam's step size.", positive(10), 1e-3),
  ...learningRateOptions,
  hidden: option("Width of the hidden layers.", whole(1, 4096), 64),
  minibatch: option("Samples of one gradient step.", minibatch, 512),
  valueLoss: option("Weight of V's squared error.", weight, 0.5),
  qLoss: option("Weight of Q's squared error.", weight, 0.5),
  maxGradNorm: option("Largest norm of the gradient.", positive(1e9), 0.5),
  deterministic: option(
    "Whether it takes its likeliest action when it is measured, in place of drawing one.",
    v.boolean(),
    false,
  ),
  runtime: option(
    `What computes: "fused" on the processor, "tfjs" on the run's device; "auto" takes the former
    where it can do what is asked, unless the device is a GPU.`,
    v.picklist(["auto", "fused", "tfjs"]),
    "auto",
  ),
  threads: option(
    `Threads of the runtime "fused", 0 for one a core. Results are the same to the bit for any
    number; more than one pays for itself from some 100 samples a minibatch on cores that are
    free.`,
    whole(0, 64),
    1,
  ),
} as const;

/** What reads the state, where a student can do it by maps. */
export const network = option(
  `What reads the observation and the mission: layers over both side by side ("dense"), or the
  maps of the student \`match\`, which need a grid ("match").`,
  v.picklist(["dense", "match"]),
  "dense",
);

/** How guidance reaches an actor-critic that acts to win rewards. */
export const guidanceOptions = {
  hears: option(
    "Whether guidance reaches the student; one that does not hear any is a control.",
    v.boolean(),
    true,
  ),
  guidance: option(
    `What guidance is to the student. "features": inputs of the network. "trust": beside that, the
    policy's logits are f(s, x) + trust(s) log p(. | s), with p the teacher's distribution and the
    trust learned. "annealed": no input, but a cross-entropy to p in the loss, whose weight falls
    to 0, so that nothing is missed once the teacher has left. These two are for guidance that
    names actions. "mission": what is said is read in the place of the mission, where missions are
    made of its words; for subgoals and plans.`,
    v.picklist(GUIDANCE_MODES),
    "features",
  ),
  reference: option(
    `How guidance at the grain "reference" is read, where it is an input: as a "map", a plane over the
    places of the view with the chosen one and one with the teacher's distribution; or as a "pointer",
    how far to the right and ahead the chosen place is, and whether there is one.`,
    v.picklist(["map", "pointer"]),
    "map",
  ),
  missionSteps: option(
    `Steps for which what was said stands at most, where guidance is "mission"; it is over before
    where the env says that it was achieved, or the episode ends.`,
    whole(1, 1_000_000),
    20,
  ),
  initialTrust: option(
    `The trust at first, where guidance is "trust": at 1 the student begins by acting as the
    teacher would, above it by taking what the teacher finds likeliest more often than that.`,
    positive(1e3),
    1,
  ),
  imitation: option(
    'Weight of the cross-entropy at first, where guidance is "annealed".',
    weight,
    1,
  ),
  annealing: option(
    "Iterations in which that weight falls to 0, in a straight line.",
    whole(1, 10_000_000),
    20,
  ),
  imitationFloor: option(
    "Weight at which it stays in place of falling to 0: the student goes on leaning a little.",
    weight,
    0,
  ),
  distillation: option(
    `Weight of a cross-entropy to p of the policy as it is in silence, where guidance is "features" or
    "trust": what the student does with its teacher it learns to do without. For guidance that names
    actions.`,
    weight,
    0,
  ),
  distillationGate: option(
    `How far a cross-entropy to p is let through. "open": all of it. "return": times the probability
    that episodes with the teacher achieve more than those without, in which advice on trial leaves
    the student alone. "advantage": state by state, times a sigmoid of what p is worth less what the
    student's own policy is, by its Q.`,
    v.picklist(DISTILLATION_GATES),
    "open",
  ),
} as const;

/** How an actor-critic learns from past steps. */
export const replayOptions = {
  replayLoss: option(
    `Weight of the loss of past steps, where an extra stage such as hindsight-replay holds some:
    each minibatch takes as many beside, with
    -log P(a | s) max(R - V(s), 0) + 1/2 max(R - V(s), 0)^2. At 0 none are taken.`,
    weight,
    1,
  ),
} as const;

/** Options as {@linkcode guidanceOptions} parses them. */
export type GuidanceOptions = OptionsOutput<typeof guidanceOptions>;
/** Options as {@linkcode sharedOptions} parses them. */
export type SharedOptions = OptionsOutput<typeof sharedOptions>;

/** What an actor-critic reads and does: all but texts, and float actions where guidance need not name any. */
export function fitsOf(
  options: Pick<GuidanceOptions, "guidance" | "distillation">,
): readonly Trait[] {
  const actions = usesDistribution(options) ? [] : ["continuous"] as const;
  return [...NAMED, ...actions, ...grainsOf(options)];
}

/** What network students read, and that they choose among actions that have names. */
export const NAMED = ["vector", "grid", "box", "discrete"] as const;
