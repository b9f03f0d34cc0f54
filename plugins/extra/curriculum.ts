import * as v from "valibot";
import { between, share, whole } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import { described } from "@tandem/core/internal";
import type { CurriculumOptions } from "./options.ts";

const options = {
  levels: described(
    "The levels in turn, the easiest first.",
    v.pipe(
      v.array(v.union([v.string(), between(-1e9, 1e9)])),
      v.minLength(1),
      v.maxLength(1000),
    ),
  ),
  option: option("The env's option that takes them.", v.string(), "level"),
  by: option(
    "What leads to the next level: success in training, or an equal share of the iterations each.",
    v.picklist(["success", "time"]),
    "success",
  ),
  success: option("Success that leads on, as a share of episodes.", share, 0.9),
  window: option(
    "Episodes at a level over which success is counted, at least; each iteration adds its own.",
    whole(1, 1_000_000),
    100,
  ),
} as const;

/** Trains on easy levels first and goes on as the student succeeds. */
export const curriculum: Plugin<"extra", CurriculumOptions> = definePlugin({
  kind: "extra",
  name: "curriculum",
  description: "Trains on easy levels first and goes on as the student succeeds.",
  details: `
    A curriculum over levels: training begins with the first and goes on to the next when the
    student succeeds often enough, or when its share of the iterations is over (Bengio et al.,
    "Curriculum learning", ICML 2009). The run is measured on the pipeline's own env throughout.

    Success is counted over whole iterations, from the last that reach \`window\` episodes
    together.`,
  options,
  create({ levels, option, by, success, window }) {
    let level = 0;
    let counts: { ended: number; solved: number }[] = [];
    const goOn = () => {
      level++;
      counts = [];
    };
    return {
      begin({ iteration, iterations, ended, solved }) {
        if (by === "time") {
          level = Math.min(levels.length - 1, Math.floor(iteration * levels.length / iterations));
        } else {
          counts = recent([...counts, { ended, solved }], window);
          const all = sum(counts);
          const enough = all.ended >= window && all.solved / all.ended >= success;
          if (enough && level < levels.length - 1) goOn();
        }
        return { env: { [option]: levels[level]! } };
      },
      report: () => ({ level }),
      save: () => ({ json: { level, counts } }),
      load({ json }) {
        const saved = structuredClone(json) as { level: number; counts: typeof counts };
        level = saved.level;
        counts = saved.counts;
      },
    };
  },
});

/** The last counts, as few as have `least` episodes together. */
function recent<T extends { readonly ended: number }>(counts: readonly T[], least: number): T[] {
  let from = counts.length;
  for (let ended = 0; from > 0 && ended < least; ended += counts[from]!.ended) from--;
  return counts.slice(from);
}

function sum(counts: readonly { ended: number; solved: number }[]) {
  return counts.reduce(
    (all, { ended, solved }) => ({ ended: all.ended + ended, solved: all.solved + solved }),
    { ended: 0, solved: 0 },
  );
}
