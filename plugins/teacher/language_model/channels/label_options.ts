import { positive, whole } from "@tandem/core/kit";
import { option } from "@tandem/core";

/** How a channel keeps what verdicts name as right, and learns from draws of it. */
export function labelOptions({ most, size, samples }: {
  /** The most labels that may be kept. */
  readonly most: number;
  /** Labels kept, and drawn each time, unless told otherwise. */
  readonly size: number;
  readonly samples: number;
}) {
  return {
    rate: option("Adagrad's step size.", positive(1e6), 0.3),
    size: option("Most labels kept; the oldest is forgotten first.", whole(1, most), size),
    every: option(
      "Judged steps of environments between two times to train.",
      whole(1, 1_000_000),
      512,
    ),
    samples: option("Labels that are drawn each time it trains.", whole(1, 1_000_000), samples),
  } as const;
}
