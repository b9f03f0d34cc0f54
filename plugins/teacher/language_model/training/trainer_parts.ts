import type { Breathe } from "@tandem/core";
import type { Pcg64 } from "@tandem/core/kit";
import type { Tensors } from "@tandem/runtimes/tfjs";

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
