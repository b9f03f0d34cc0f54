import type { Tensor1D, Tensor2D } from "../../../runtimes/tfjs/tfjs.ts";

/** What the network says of B states under guidance. */
export interface Outputs {
  /** [B, A] unnormalised log-probabilities of the actions. */
  readonly logits: Tensor2D;
  /** [B, A] Q(s, a) given x. */
  readonly qValues: Tensor2D;
  /** [B] V(s). */
  readonly values: Tensor1D;
  /** [B, 1] how far the policy leans on the teacher; only in networks that trust. */
  readonly trust?: Tensor2D;
  /** [B, W] what is remembered of each state and those before; only in networks with memory. */
  readonly memory?: Tensor2D;
}
