import { definePlugin, type Plugin } from "../../core/plugin.ts";

const options = {} as const;

/** No feedback: guidance flows one way, from the teacher to the student. */
export const none: Plugin<"feedback", typeof options> = definePlugin({
  kind: "feedback",
  name: "none",
  description: "No verdicts: guidance flows one way, from teacher to student.",
  options,
  create: () => ({
    judge: ({ advantages: { length } }) => ({
      signs: new Int8Array(length),
      strengths: new Float32Array(length),
      words: () => "",
    }),
  }),
});
