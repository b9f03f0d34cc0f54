/** The bias of T5's self-attention. */
import { TandemError } from "@tandem/core";
import type { T5Config } from "../t5/config.ts";
import { relativeBucket } from "../t5/position.ts";

/** Added to what must not be seen. */
const HIDDEN = -1e30;
/** Most numbers of a bias (1 GiB of them). */
const MOST_NUMBERS = 2 ** 28;

/**
 * [heads, tokens, tokens]: by relative position, and hidden where not seen.
 *
 * @param relative [buckets, heads] what was learned. @param places [tokens] where each stands.
 * @throws TandemError E_PROMPT where they are too many.
 */
export function selfAttentionBias(
  config: T5Config,
  side: "encoder" | "decoder",
  relative: Float32Array,
  places: readonly number[],
  sees: (at: number, other: number) => boolean,
): Float32Array {
  const { heads } = config;
  const size = places.length;
  if (heads * size * size > MOST_NUMBERS) {
    const most = Math.floor(Math.sqrt(MOST_NUMBERS / heads));
    throw new TandemError(
      "E_PROMPT",
      `The prompt has "${size}" tokens; the runtime "fused" takes ${most} at most.`,
    );
  }
  const bias = new Float32Array(heads * size * size).fill(HIDDEN);
  const bucketOf = (distance: number) => relativeBucket(distance, side === "encoder", config);
  const most = Math.max(...places);
  const buckets = Array.from({ length: 2 * most + 1 }, (_, i) => bucketOf(i - most));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (!sees(i, j)) continue;
      const bucket = buckets[places[j]! - places[i]! + most]!;
      for (let h = 0; h < heads; h++) {
        bias[(h * size + i) * size + j] = relative[bucket * heads + h]!;
      }
    }
  }
  return bias;
}
