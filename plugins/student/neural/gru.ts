/** A gated recurrent unit on TensorFlow.js. */
import type { Tensor2D, TensorFlow } from "../../../runtimes/tfjs/tfjs.ts";

/** A step of the memory of B states. */
export interface GruInputs {
  /** [B, 3 W] x W_x + b_x: what is seen, for the gates r, z and n. */
  readonly input: Tensor2D;
  /** [B, 3 W] h W_h + b_h: what is remembered, for the same. */
  readonly recalled: Tensor2D;
  /** [B, W] h: what is remembered. */
  readonly memory: Tensor2D;
}

/**
 * One step of a gated recurrent unit (Cho et al., arXiv 1406.1078, in PyTorch's form):
 * r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z), n = tanh(x_n + r h_n), h' = (1 - z) n + z h.
 *
 * @returns [B, W] h'.
 */
export function gruStep(tf: TensorFlow, { input, recalled, memory }: GruInputs): Tensor2D {
  const [x_r, x_z, x_n] = tf.split<Tensor2D>(input, 3, 1);
  const [h_r, h_z, h_n] = tf.split<Tensor2D>(recalled, 3, 1);
  const r = x_r!.add(h_r!).sigmoid();
  const z = x_z!.add(h_z!).sigmoid();
  const n = x_n!.add(r.mul(h_n!)).tanh();
  return n.add(z.mul(memory.sub(n)));
}
