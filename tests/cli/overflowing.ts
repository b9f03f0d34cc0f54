/** A pipeline whose losses leave 32 bits: its targets are finite, and their squares are not. */
import type { Pipeline } from "../../core/pipeline/pipeline.ts";
import { definePlugin } from "../../core/mod.ts";
import corridor from "./corridor.ts";

const overflowing = definePlugin({
  kind: "advantage",
  name: "overflowing",
  description: "Targets of 1e30.",
  options: {},
  create: () => ({
    estimate: ({ rewards }) => ({
      advantages: rewards.map(() => 1),
      targets: rewards.map(() => 1e30),
    }),
  }),
});

const pipeline: Pipeline = corridor.with({ advantage: overflowing() });
export default pipeline;
