import { ArrayGuidance } from "../../core/kit/guidance.ts";
import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";

const options = {} as const;

export const none: Plugin<"teacher", typeof options> = definePlugin({
  kind: "teacher",
  name: "none",
  description: "No guidance at all: the student learns alone.",
  details: `
    No teacher: the student alone, the floor of every comparison.`,
  options,
  create: (_options, _context, { env }) => {
    // Silence is always the same, so it is made once a number of environments.
    const silences = new Map<number, ArrayGuidance>();
    return {
      grain: "action",
      candidates: env.actions,
      learnsBy: [],
      advise({ envs }) {
        const silence = silences.get(envs) ?? new ArrayGuidance(envs, env.actions);
        silences.set(envs, silence);
        return silence;
      },
      receive: () => {},
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
    };
  },
});
