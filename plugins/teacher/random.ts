import { silence, suggest } from "../../core/kit/guidance.ts";
import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import { streamState } from "../../core/kit/streams.ts";

const options = {} as const;

export const random: Plugin<"teacher", typeof options> = definePlugin({
  kind: "teacher",
  name: "random",
  description: "Control: any action, each as likely.",
  details: `
    Suggests any action, each as likely: a control without knowledge.`,
  options,
  create: (_options, context, { env: { actions } }) => {
    const streams = {
      train: context.random("teacher"),
      evaluate: context.random("teacher evaluation"),
    };
    let calls = 0;
    return {
      ...streamState(streams),
      grain: "action",
      candidates: actions,
      learnsBy: [],
      advise({ envs }, mode) {
        const guidance = silence(envs, actions);
        calls += envs;
        for (let i = 0; i < envs; i++) {
          suggest(guidance, i, streams[mode].integers(0, actions.length), 1 / actions.length);
        }
        return guidance;
      },
      receive: () => {},
      usage: () => ({ calls, cacheHits: 0, tokens: 0 }),
    };
  },
});
