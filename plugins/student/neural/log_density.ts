import type { Tensor1D, Tensor2D } from "@tandem/runtimes/tfjs";

/** log(2 pi). */
export const LOG_2_PI: number = Math.log(2 * Math.PI);

/**
 * [B] log P(a) = -sum over d of ((a_d - mean_d)^2 / (2 std_d^2) + log std_d + log(2 pi) / 2) of a normal
 * distribution.
 *
 * @param mean [B, A] @param logStd [A] @param actions [B, A]
 */
export function logDensity(mean: Tensor2D, logStd: Tensor1D, actions: Tensor2D): Tensor1D {
  const noise = actions.sub<Tensor2D>(mean).div(logStd.exp());
  return noise.square().div(-2).sub(logStd).sub(LOG_2_PI / 2).sum<Tensor1D>(1);
}
