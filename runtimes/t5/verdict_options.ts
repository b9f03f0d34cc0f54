import type { Breathe } from "../../core/kit/breath.ts";
import type { Pcg64 } from "../../core/kit/random.ts";
import type { Tensors } from "../tfjs/tfjs.ts";
import type { LoraOptions } from "./lora.ts";
import type { VerdictMethod } from "./verdict_losses.ts";

/** How a `VerdictTrainer` trains. */
export interface VerdictTrainerOptions extends Pick<LoraOptions, "rank" | "alpha" | "targets"> {
  readonly method: VerdictMethod;
  /** Whether adapters are trained or every weight. */
  readonly train: "lora" | "all";
  readonly learningRate: number;
  /** KTO and DPO: how far the model may leave the reference; small is far. */
  readonly beta: number;
  /** Weight of KL(model || reference) beside the loss. */
  readonly kl: number;
  /** PPO's clipping, epsilon. */
  readonly clip: number;
  /**
   * What answers is a running average of the trained weights, of which this share is kept a step: single
   * steps of training on few verdicts swing widely. 0: the weights as they are.
   */
  readonly average: number;
  /** Gradient steps an update, and prompts a step. */
  readonly steps: number;
  readonly batch: number;
  /** Most states whose verdicts are remembered. */
  readonly capacity: number;
  /** Share of what verdicts counted that is left after an update. */
  readonly keep: number;
  /** Verdicts at which an answer counts half of what it can. */
  readonly halfTrust: number;
  /** KTO: weights of praise and of blame; "balanced" evens the classes out. */
  readonly goodWeight: number | "balanced";
  readonly badWeight: number | "balanced";
  /** A candidate's score is the mean or the sum of its tokens' log-probabilities, ... */
  readonly normalisation: "mean" | "sum";
  /** ... divided by this before the softmax over the candidates. */
  readonly temperature: number;
}

/** What a `VerdictTrainer` is made of. */
export interface TrainerParts {
  readonly tensors: Tensors;
  /** A T5's folder, with model.safetensors. */
  readonly dir: string;
  /** Token ids of what may be answered, end tokens included. */
  readonly candidates: readonly (readonly number[])[];
  /** Token ids of a prompt. */
  readonly encode: (prompt: string) => readonly number[];
  /** Draws the adapters and the order of the prompts. */
  readonly random: Pcg64;
  /** Asked between steps, so that others have their turn. */
  readonly breathe?: Breathe;
}

/** What an update of a `VerdictTrainer` did. */
export interface UpdateReport {
  /** Mean loss of its steps. */
  readonly loss: number;
  /** Mean KL(model || reference) of the last step's prompts. */
  readonly divergence: number;
  /** States that verdicts were remembered for. */
  readonly states: number;
}

/** Options that train a T5 of the shipped one's size within minutes. */
export const VERDICT_TRAINING: VerdictTrainerOptions = {
  method: "dpo",
  train: "all",
  learningRate: 3e-4,
  beta: 1,
  kl: 0.05,
  clip: 0.2,
  average: 0.98,
  steps: 32,
  batch: 16,
  capacity: 4096,
  keep: 1,
  halfTrust: 16,
  goodWeight: "balanced",
  badWeight: "balanced",
  normalisation: "mean",
  temperature: 1,
};
