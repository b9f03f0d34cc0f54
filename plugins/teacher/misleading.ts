import * as v from "valibot";
import { definePlugin, type Grain, GRAINS, option, type Oracle, type Plugin } from "@tandem/core";
import { candidatesAt } from "@tandem/core/internal";
import { fixedTeacher, streamState, teacherStreams } from "@tandem/core/kit";
import type { MisleadingOptions } from "./options.ts";

/** Control: always an action that the environment's expert finds wrong. */
export const misleading: Plugin<"teacher", MisleadingOptions, Grain> = definePlugin({
  kind: "teacher",
  name: "misleading",
  description: "Control: always an action that the environment's expert finds wrong.",
  details: `
    Suggests a legal action that the expert finds wrong, always and with certainty: a labelled control
    that shows how much bad guidance harms. At another grain it suggests any candidate but what the
    expert would name. Where the expert has nothing to say, or finds nothing wrong, it is silent.`,
  options: {
    grain: option(
      "What it names: actions, or what the environment has words for at this grain.",
      v.picklist(GRAINS),
      "action",
    ),
  },
  fits: ({ grain }) => [grain],
  usesOracle: true,
  create: ({ grain }, context, { env }) => {
    const candidates = candidatesAt(env, grain);
    const streams = teacherStreams(context);
    return {
      ...streamState(streams),
      ...fixedTeacher(candidates, (i, mode, oracle, { legal }) => {
        const isRight = oracle && judgeOf(oracle, grain, i);
        if (!isRight) return undefined;
        const isLegal = (c: number) =>
          grain !== "action" || legal?.[i * candidates.length + c] !== 0;
        const wrong = candidates.flatMap((words, c) => isLegal(c) && !isRight(c, words) ? [c] : []);
        if (wrong.length === 0) return undefined;
        return { choice: streams[mode].choice(wrong), logProb: -Math.log(wrong.length) };
      }, grain),
    };
  },
});

/** Tells which candidates the expert finds right in environment i; undefined where it has nothing to say. */
function judgeOf(
  oracle: Oracle,
  grain: Grain,
  i: number,
): ((candidate: number, words: string) => boolean) | undefined {
  if (oracle.action(i) < 0) return undefined;
  if (grain === "action") return (action) => oracle.isRight(i, action);
  const named = grain === "reference" ? oracle.references?.(i) ?? [] : [oracle[grain]?.(i) ?? ""];
  return named.join("") === "" ? undefined : (_, words) => named.includes(words);
}
