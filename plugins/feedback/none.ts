import { definePlugin, type Plugin, type Verdicts } from "@tandem/core";

/** No verdicts: guidance flows one way, from teacher to student. */
export const none: Plugin<"feedback"> = definePlugin({
  kind: "feedback",
  name: "none",
  description: "No verdicts: guidance flows one way, from teacher to student.",
  details: `
    No feedback: guidance flows one way, from the teacher to the student.`,
  options: {},
  create: () => {
    // Silence is always the same, so it is made once a number of environments.
    const silences = new Map<number, Verdicts>();
    return {
      judge({ advantages: { length } }) {
        let silence = silences.get(length);
        if (!silence) {
          const [signs, strengths] = [new Int8Array(length), new Float32Array(length)];
          silences.set(length, silence = { signs, strengths, words: () => "" });
        }
        return silence;
      },
    };
  },
});
