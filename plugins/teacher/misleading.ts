import { silence, suggest } from "../../core/kit/guidance.ts";
import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import type { Oracle } from "../../core/stages/mod.ts";
import { streamState } from "../../core/kit/streams.ts";

const options = {} as const;

export const misleading: Plugin<"teacher", typeof options> = definePlugin({
  kind: "teacher",
  name: "misleading",
  description: "Control: always an action that the environment's expert finds wrong.",
  details: `
    Suggests an action that the expert finds wrong, always and with certainty: a labelled control
    that shows how much bad guidance harms. Where the expert has no action, or finds none wrong,
    it is silent.`,
  options,
  usesOracle: true,
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
      advise({ envs }, mode, oracle) {
        const guidance = silence(envs, actions);
        for (let i = 0; i < envs; i++) {
          const wrong = wrongActions(oracle, i, actions.length);
          if (wrong.length === 0) continue;
          calls++;
          suggest(guidance, i, streams[mode].choice(wrong));
          guidance.logProbs[i] = -Math.log(wrong.length);
        }
        return guidance;
      },
      receive: () => {},
      usage: () => ({ calls, cacheHits: 0, tokens: 0 }),
    };
  },
});

function wrongActions(oracle: Oracle | undefined, i: number, count: number): number[] {
  if (!oracle || oracle.action(i) < 0) return [];
  return Array.from({ length: count }, (_, action) => action)
    .filter((action) => !oracle.isRight(i, action));
}
