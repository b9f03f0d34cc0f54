/** Options that the students with a language model for a policy share. */
import * as v from "valibot";
import { between, positive, whole } from "../../../core/bounds.ts";
import type { OptionsOutput } from "../../../core/options.ts";

/** The weight of a term of a loss. */
export const weight: v.GenericSchema<number> = between(0, 1e6);

/** What every such student takes. Numbers are GLAM's where it published some. */
export const modelOptions = {
  /**
   * A folder in Hugging Face layout with a T5's model.safetensors, relative to the working directory, or
   * the name of a model that was pulled; "shipped" is Tandem's own.
   */
  model: v.optional(v.string(), "shipped"),
  /**
   * The prompt: "glam" (arXiv 2302.02662, with one observation), "tandem" (what the shipped model
   * knows), or a text with the fields {mission}, {observation}, {seen} and {candidates}.
   */
  prompt: v.optional(v.string(), "glam"),
  /** The actions to choose from; empty for all that the environment has. */
  actions: v.optional(v.pipe(v.array(v.string()), v.maxLength(1000)), []),
  /**
   * Where the actions' logits come from. "scores": the model's own, of each action's text behind the
   * prompt, as GLAM does. "policy": a perceptron on the decoder's first hidden state, as LLaRP has it
   * (arXiv 2310.17722).
   */
  head: v.optional(v.picklist(["scores", "policy"]), "scores"),
  /**
   * What a text's score is. "as-published": the sum of its tokens' log-probabilities, which favours
   * short texts. "normalised": their mean. "raw-logits": the sum of the tokens' logits, with 1 for every
   * token that a text is shorter than the longest, which is what GLAM's published code computes.
   */
  scoring: v.optional(v.picklist(["as-published", "normalised", "raw-logits"]), "as-published"),
  /** What is trained: the "heads" alone, low-rank adapters too ("lora"), or "all" weights. */
  train: v.optional(v.picklist(["heads", "lora", "all"]), "all"),
  /** Inner width of the adapters, which are scaled by alpha / rank. */
  rank: v.optional(whole(1, 1024), 16),
  /** See rank. */
  alpha: v.optional(positive(1e6), 32),
  /** Widths of the hidden layers of the value head and of the policy head. */
  hidden: v.optional(v.pipe(v.array(whole(1, 4096)), v.maxLength(8)), [1024, 1024]),
  /** Adam's step size. GLAM's is for models of 780 million weights; small ones need larger steps. */
  learningRate: v.optional(positive(10), 1e-6),
  /** Passes over a rollout. */
  epochs: v.optional(whole(1, 1000), 4),
  /** Samples of one gradient step. */
  minibatch: v.optional(whole(1, 4096), 64),
  /** Weight of V's squared error. */
  valueLoss: v.optional(weight, 0.5),
  /** Largest norm of the gradient. */
  maxGradNorm: v.optional(positive(1e9), 0.5),
  /** Rewards and values are multiplied by it within losses. */
  rewardScale: v.optional(positive(1e6), 20),
} as const;

/** Options as {@linkcode modelOptions} parses them. */
export type ModelOptions = OptionsOutput<typeof modelOptions>;
