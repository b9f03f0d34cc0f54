import { definePlugin, type Grain, type Plugin } from "@tandem/core";
import { candidatesAt } from "@tandem/core/internal";
import { fixedTeacher, streamState, teacherStreams } from "@tandem/core/kit";
import { grainOption } from "./grain.ts";
import type { RandomOptions } from "./options.ts";

/** Control: any action, each as likely. */
export const random: Plugin<"teacher", RandomOptions, Grain> = definePlugin({
  kind: "teacher",
  name: "random",
  description: "Control: any action, each as likely.",
  details: `
    Suggests any action, or any candidate of another grain, each as likely: a control without knowledge.`,
  options: { grain: grainOption },
  fits: ({ grain }) => [grain],
  create: ({ grain }, context, { env }) => {
    const candidates = candidatesAt(env, grain);
    const streams = teacherStreams(context);
    const confidence = 1 / candidates.length;
    return {
      ...streamState(streams),
      ...fixedTeacher(candidates, (_i, mode) => ({
        choice: streams[mode].integers(0, candidates.length),
        confidence,
      }), grain),
    };
  },
});
