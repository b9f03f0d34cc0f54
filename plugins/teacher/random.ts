import { definePlugin, type Plugin } from "@tandem/core";
import { fixedTeacher, streamState, teacherStreams } from "@tandem/core/kit";

/** Control: any action, each as likely. */
export const random: Plugin<"teacher"> = definePlugin({
  kind: "teacher",
  name: "random",
  description: "Control: any action, each as likely.",
  details: `
    Suggests any action, each as likely: a control without knowledge.`,
  options: {},
  create: (_options, context, { env: { actions } }) => {
    const streams = teacherStreams(context);
    const confidence = 1 / actions.length;
    return {
      ...streamState(streams),
      ...fixedTeacher(actions, (_i, mode) => ({
        choice: streams[mode].integers(0, actions.length),
        confidence,
      })),
    };
  },
});
