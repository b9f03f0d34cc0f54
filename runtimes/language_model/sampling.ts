/** From logits to a token: greedy, or drawn at a temperature from the likeliest tokens. */

/** A source of uniform numbers in [0, 1). */
export interface RandomSource {
  random(): number;
}

/** How the next token is chosen. Without `temperature`, or at 0, the likeliest is taken. */
export interface SamplingOptions {
  /** Divides the logits before drawing; 0 is greedy. Default 0. */
  readonly temperature?: number;
  /** Draw from the k likeliest tokens alone. Default: all. */
  readonly topK?: number;
  /** Draw from the smallest set of likeliest tokens that holds this probability. Default 1. */
  readonly topP?: number;
}

/** log(sum(exp(row))), without overflow. */
export function logSumExp(row: Float32Array): number {
  let max = -Infinity;
  for (const value of row) if (value > max) max = value;
  let sum = 0;
  for (const value of row) sum += Math.exp(value - max);
  return max + Math.log(sum);
}

/** Index of the largest value; of equal ones the first. */
export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}

/**
 * Chooses a token.
 *
 * @param logits [vocab] of one row.
 * @param random Drawn from once a token unless the choice is greedy.
 */
export function chooseToken(
  logits: Float32Array,
  options: SamplingOptions,
  random: RandomSource | undefined,
): number {
  const { temperature = 0, topK = 0, topP = 1 } = options;
  if (temperature === 0 || !random) return argmax(logits);
  const order = likeliest(logits, topK > 0 ? topK : logits.length);
  const max = logits[order[0]!]!;
  const weights = order.map((token) => Math.exp((logits[token]! - max) / temperature));
  let kept = weights.length;
  let total = 0;
  for (const weight of weights) total += weight;
  if (topP < 1) {
    let held = 0;
    for (kept = 0; kept < weights.length && held < topP * total; kept++) held += weights[kept]!;
    kept = Math.max(kept, 1);
    total = weights.slice(0, kept).reduce((sum, weight) => sum + weight, 0);
  }
  let left = random.random() * total;
  for (let i = 0; i < kept; i++) {
    left -= weights[i]!;
    if (left < 0) return order[i]!;
  }
  return order[kept - 1]!;
}

/** The `count` tokens of largest logit, the largest first. */
function likeliest(logits: Float32Array, count: number): number[] {
  const order = Array.from({ length: logits.length }, (_, i) => i)
    .sort((a, b) => logits[b]! - logits[a]! || a - b);
  return order.slice(0, count);
}
