import * as v from "valibot";
import { ArrayGuidance } from "../../core/guidance.ts";
import { definePlugin, type Plugin } from "../../core/plugin.ts";
import { streamState } from "../../core/streams.ts";

const options = {
  /** Chance that the expert's action is suggested; otherwise another one is, each as likely. */
  accuracy: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
} as const;

/**
 * The environment's expert as a teacher, right with a given chance: a labelled control. Its
 * distribution says honestly how sure it may be.
 */
export const bot: Plugin<"teacher", typeof options, "action"> = definePlugin({
  kind: "teacher",
  name: "bot",
  description: "Control: the environment's expert, right with a given accuracy.",
  options,
  fits: ["action"],
  usesOracle: true,
  create: ({ accuracy }, context, { env: { actions } }) => {
    // Apart, so that being measured leaves the training draws as they were.
    const streams = {
      train: context.random("teacher"),
      evaluate: context.random("teacher evaluation"),
    };
    const others = actions.length - 1;
    let calls = 0;
    return {
      ...streamState(streams),
      grain: "action",
      candidates: actions,
      learnsBy: [],
      advise({ envs }, mode, oracle) {
        const random = streams[mode];
        const guidance = new ArrayGuidance(envs, actions);
        for (let i = 0; i < envs; i++) {
          const best = oracle?.action(i) ?? -1;
          if (best < 0) continue;
          calls++;
          const right = random.random() < accuracy;
          const other = (best + 1 + random.integers(0, others)) % actions.length;
          guidance.suggest(i, right ? best : other, accuracy);
          // It says how sure it may be; how likely its word was is another matter.
          guidance.logProbs[i] = Math.log(right ? accuracy : (1 - accuracy) / others);
        }
        return guidance;
      },
      receive: () => {},
      usage: () => ({ calls, cacheHits: 0, tokens: 0 }),
    };
  },
});
