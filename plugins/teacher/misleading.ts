import { definePlugin, type Oracle, type Plugin } from "@tandem/core";
import { fixedTeacher, streamState, teacherStreams } from "@tandem/core/kit";

/** Control: always an action that the environment's expert finds wrong. */
export const misleading: Plugin<"teacher"> = definePlugin({
  kind: "teacher",
  name: "misleading",
  description: "Control: always an action that the environment's expert finds wrong.",
  details: `
    Suggests a legal action that the expert finds wrong, always and with certainty: a labelled control
    that shows how much bad guidance harms. Where the expert has no action, or finds none wrong,
    it is silent.`,
  options: {},
  usesOracle: true,
  create: (_options, context, { env: { actions } }) => {
    const streams = teacherStreams(context);
    return {
      ...streamState(streams),
      ...fixedTeacher(actions, (i, mode, oracle, { legal }) => {
        const isLegal = (action: number) => legal?.[i * actions.length + action] !== 0;
        const wrong = wrongActions(oracle, i, actions.length).filter(isLegal);
        if (wrong.length === 0) return undefined;
        return { choice: streams[mode].choice(wrong), logProb: -Math.log(wrong.length) };
      }),
    };
  },
});

function wrongActions(oracle: Oracle | undefined, i: number, count: number): number[] {
  if (!oracle || oracle.action(i) < 0) return [];
  return Array.from({ length: count }, (_, action) => action)
    .filter((action) => !oracle.isRight(i, action));
}
