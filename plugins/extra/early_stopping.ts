import { share, whole } from "@tandem/core/kit";
import {
  definePlugin,
  type EvaluationResult,
  option,
  type Plugin,
  TandemError,
} from "@tandem/core";
import type { EarlyStoppingOptions } from "./options.ts";

const options = {
  success: option(
    "Success on held-out worlds at which training ends, as a share of episodes; absent, none does.",
    share,
  ),
  patience: option(
    "Measurements in a row without a new best that end training; with 0, none do.",
    whole(0, 1_000_000),
    10,
  ),
  minDelta: option(
    "How much more success than the best so far counts as a new best, as a share of episodes.",
    share,
    0,
  ),
} as const;

/** Ends a run when its success is reached, or no longer rises. */
export const earlyStopping: Plugin<"extra", EarlyStoppingOptions> = definePlugin({
  kind: "extra",
  name: "early-stopping",
  description: "Ends a run when its success is reached, or no longer rises.",
  details: `
    Ends a run before its last iteration: where success on held-out worlds has been reached, or
    where it has not risen above its best for \`patience\` measurements (Prechelt, "Early stopping:
    but when?", 1998). It looks where the run measures anyway, every \`evaluation.every\` iterations.

    The run is whole then: it is measured, saved and reported as if all iterations were done, and
    its record says who ended it and why. What is compared should be measured on other worlds: a run
    that ends at a lucky measurement reports that one.
  `,
  options,
  create({ success: enough, patience, minDelta }) {
    if (enough === undefined && patience === 0) {
      throw new TandemError(
        "E_OPTION",
        'The extra "early-stopping" would never end a run: it needs success or patience above 0.',
      );
    }
    let best = -Infinity;
    let since = 0;
    return {
      evaluate({ iteration, success: { rate } }: EvaluationResult) {
        if (iteration === 0) return;
        if (rate > best + minDelta) [best, since] = [rate, 0];
        else since++;
        if (enough !== undefined && rate >= enough) return { stop: `success reached ${rate}` };
        if (since === patience) {
          return { stop: `no success above ${best} in ${since} measurements` };
        }
      },
      save: () => ({ json: { best: Number.isFinite(best) ? best : null, since } }),
      load({ json }) {
        const kept = json as { best: number | null; since: number };
        [best, since] = [kept.best ?? -Infinity, kept.since];
      },
    };
  },
});
