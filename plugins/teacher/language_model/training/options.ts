import * as v from "valibot";
import { between, positive, share, whole } from "@tandem/core/kit";
import { option } from "@tandem/core";

const atLeast0 = between(0, 1e6);
const classWeight = v.union([v.literal("balanced"), atLeast0]);

/** How the channel "weights" trains the model; see {@linkcode WeightsChannel}. */
export const weightsOptions = v.strictObject({
  method: option(
    `"dpo" on pairs of one state's candidates of which one was praised and one blamed, "kto" on
    each by itself, "reinforce" and "ppo" on what each was worth beyond what is usual;
    "cross-entropy" on what is right, for rules that name it, such as hindsight-credit: of others it
    learns what was praised.`,
    v.picklist(["dpo", "kto", "reinforce", "ppo", "cross-entropy"]),
    "dpo",
  ),
  train: option("Low-rank adapters, or every weight.", v.picklist(["lora", "all"]), "all"),
  rank: option("Inner width of the adapters.", whole(0, 1024), 8),
  alpha: option("Adapters are scaled by alpha / rank.", positive(1e6), 16),
  targets: option(
    "The linear maps that get an adapter.",
    v.pipe(v.array(v.string()), v.maxLength(100)),
    ["q", "v"],
  ),
  learningRate: option("Adam's step size.", positive(10), 3e-4),
  beta: option(
    '"dpo" and "kto": how far the model may leave the one that was opened; small is far.',
    positive(1e6),
    1,
  ),
  kl: option("Weight of KL(model || the one that was opened) beside the loss.", atLeast0, 0.05),
  clip: option('"ppo": the ratio of probabilities is clipped to 1 +- this.', positive(1e3), 0.2),
  average: option(
    `What answers is a running average of the trained weights, of which this share is kept a step;
    0: the weights as they are.`,
    v.pipe(share, v.ltValue(1, "it must be below 1")),
    0.98,
  ),
  every: option(
    "Verdicts between two updates; those that abstain count too.",
    whole(1, 1e9),
    32_768,
  ),
  steps: option("Gradient steps an update.", whole(1, 1_000_000), 32),
  batch: option("Prompts a gradient step.", whole(1, 4096), 16),
  capacity: option(
    "Most states whose verdicts are remembered; those not judged for longest are forgotten first.",
    whole(1, 1_000_000),
    8192,
  ),
  keep: option("Share of what verdicts counted that is left after an update.", share, 1),
  halfTrust: option(
    "Verdicts at which a candidate in a state counts half of what it can.",
    atLeast0,
    16,
  ),
  goodWeight: option(
    '"kto": weight of praise; "balanced" evens the classes out.',
    classWeight,
    "balanced",
  ),
  badWeight: option(
    '"kto": weight of blame; "balanced" evens the classes out.',
    classWeight,
    "balanced",
  ),
});

/** How a `VerdictTrainer` trains. */
export interface TrainingOptions extends Omit<v.InferOutput<typeof weightsOptions>, "every"> {
  /** A candidate's score is the mean or the sum of its tokens' log-probabilities, ... */
  readonly normalisation: "mean" | "sum";
  /** ... divided by this before the softmax over the candidates. */
  readonly temperature: number;
}
