import * as v from "valibot";
import { between, positive, share, whole } from "../../../../core/kit/bounds.ts";

const atLeast0 = between(0, 1e6);
const classWeight = v.union([v.literal("balanced"), atLeast0]);

/** How the channel "weights" trains the model; see {@linkcode WeightsChannel}. */
export const weightsOptions = v.strictObject({
  /**
   * "dpo" on pairs of one state's candidates of which one was praised and one withStageErrors, "kto" on each by
   * itself, "reinforce" and "ppo" on what each was worth beyond what is usual.
   */
  method: v.optional(v.picklist(["dpo", "kto", "reinforce", "ppo"]), "dpo"),
  /** Low-rank adapters, or every weight. */
  train: v.optional(v.picklist(["lora", "all"]), "all"),
  /** Adapters: their inner width, their scale alpha / rank, and the linear maps that get one. */
  rank: v.optional(whole(0, 1024), 8),
  alpha: v.optional(positive(1e6), 16),
  targets: v.optional(v.pipe(v.array(v.string()), v.maxLength(100)), ["q", "v"]),
  /** Adam's step size. */
  learningRate: v.optional(positive(10), 3e-4),
  /** "dpo" and "kto": how far the model may leave the one that was opened; small is far. */
  beta: v.optional(positive(1e6), 1),
  /** Weight of KL(model || the one that was opened) beside the loss. */
  kl: v.optional(atLeast0, 0.05),
  /** "ppo": the ratio of probabilities is clipped to 1 +- this. */
  clip: v.optional(positive(1e3), 0.2),
  /**
   * What answers is a running average of the trained weights, of which this share is kept a step; 0:
   * the weights as they are.
   */
  average: v.optional(v.pipe(share, v.ltValue(1, "it must be below 1")), 0.98),
  /** Verdicts between two updates; those that abstain count too. */
  every: v.optional(whole(1, 1e9), 32_768),
  /** Gradient steps an update, and prompts a step. */
  steps: v.optional(whole(1, 1_000_000), 32),
  batch: v.optional(whole(1, 4096), 16),
  /** Most states whose verdicts are remembered; those not judged for longest are forgotten first. */
  capacity: v.optional(whole(1, 1_000_000), 8192),
  /** Share of what verdicts counted that is left after an update. */
  keep: v.optional(share, 1),
  /** Verdicts at which a candidate in a state counts half of what it can. */
  halfTrust: v.optional(atLeast0, 16),
  /** "kto": weights of praise and of blame; "balanced" evens the classes out. */
  goodWeight: v.optional(classWeight, "balanced"),
  badWeight: v.optional(classWeight, "balanced"),
});

/** How a `VerdictTrainer` trains. */
export interface TrainingOptions extends Omit<v.InferOutput<typeof weightsOptions>, "every"> {
  /** A candidate's score is the mean or the sum of its tokens' log-probabilities, ... */
  readonly normalisation: "mean" | "sum";
  /** ... divided by this before the softmax over the candidates. */
  readonly temperature: number;
}
