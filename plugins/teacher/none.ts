import { silence } from "../../core/kit/guidance.ts";
import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import type { Guidance } from "../../core/stages/mod.ts";

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
    const known = new Map<number, Guidance>();
    return {
      grain: "action",
      candidates: env.actions,
      learnsBy: [],
      advise({ envs }) {
        const guidance = known.get(envs) ?? silence(envs, env.actions);
        known.set(envs, guidance);
        return guidance;
      },
      receive: () => {},
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
    };
  },
});
