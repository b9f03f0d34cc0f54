/** Options that the students with a language model for a policy share. */
import * as v from "valibot";
import { between, positive, whole } from "@tandem/core/kit";
import { option, type OptionsOutput } from "@tandem/core";

/** The weight of a term of a loss. */
export const weight: v.GenericSchema<number> = between(0, 1e6);

/** What every such student takes. Numbers are GLAM's where it published some. */
export const modelOptions = {
  model: option(
    `A folder in Hugging Face layout with a T5's model.safetensors, relative to the working
    directory, or the name of a model that was pulled; "shipped" is Tandem's own.`,
    v.string(),
    "shipped",
  ),
  prompt: option(
    `The prompt: "glam" (arXiv 2302.02662, with one observation), "tandem" (what the shipped model
    knows), or a text with the fields {mission}, {observation}, {seen} and {candidates}.`,
    v.string(),
    "glam",
  ),
  actions: option(
    "The actions to choose from; empty for all that the environment has.",
    v.pipe(v.array(v.string()), v.maxLength(1000)),
    [],
  ),
  head: option(
    `Where the actions' logits come from. "scores": the model's own, of each action's text behind
    the prompt, as GLAM does. "policy": a perceptron on the decoder's first hidden state, as LLaRP
    has it (arXiv 2310.17722).`,
    v.picklist(["scores", "policy"]),
    "scores",
  ),
  scoring: option(
    `What a text's score is. "as-published": the sum of its tokens' log-probabilities, which
    favours short texts. "normalised": their mean. "raw-logits": the sum of the tokens' logits,
    with 1 for every token that a text is shorter than the longest, which is what GLAM's published
    code computes.`,
    v.picklist(["as-published", "normalised", "raw-logits"]),
    "as-published",
  ),
  train: option(
    'What is trained: the "heads" alone, low-rank adapters too ("lora"), or "all" weights.',
    v.picklist(["heads", "lora", "all"]),
    "all",
  ),
  rank: option("Inner width of the adapters.", whole(1, 1024), 16),
  alpha: option("Adapters are scaled by alpha / rank.", positive(1e6), 32),
  hidden: option(
    "Widths of the hidden layers of the value head and of the policy head.",
    v.pipe(v.array(whole(1, 4096)), v.maxLength(8)),
    [1024, 1024],
  ),
  learningRate: option(
    "Adam's step size. GLAM's is for models of 780 million weights; small ones need larger steps.",
    positive(10),
    1e-6,
  ),
  epochs: option("Passes over a rollout.", whole(1, 1000), 4),
  minibatch: option("Samples of one gradient step.", whole(1, 4096), 64),
  valueLoss: option("Weight of V's squared error.", weight, 0.5),
  maxGradNorm: option("Largest norm of the gradient.", positive(1e9), 0.5),
  rewardScale: option("Rewards and values are multiplied by it within losses.", positive(1e6), 20),
} as const;

/** Options as {@linkcode modelOptions} parses them. */
export type ModelOptions = OptionsOutput<typeof modelOptions>;
