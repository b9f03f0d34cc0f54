import * as v from "valibot";
import { definePlugin, type Grain, GRAINS, option, type Plugin } from "@tandem/core";
import { candidatesAt } from "@tandem/core/internal";
import { fixedTeacher, streamState, teacherStreams } from "@tandem/core/kit";
import type { RandomOptions } from "./options.ts";

/** Control: any action, each as likely. */
export const random: Plugin<"teacher", RandomOptions, Grain> = definePlugin({
  kind: "teacher",
  name: "random",
  description: "Control: any action, each as likely.",
  details: `
    Suggests any action, or any candidate of another grain, each as likely: a control without knowledge.`,
  options: {
    grain: option(
      "What it names: actions, or what the environment has words for at this grain.",
      v.picklist(GRAINS),
      "action",
    ),
  },
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
