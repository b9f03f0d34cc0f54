import * as v from "valibot";
import { fixedTeacher, share, streamState, teacherStreams } from "@tandem/core/kit";
import { candidatesAt } from "@tandem/core/internal";
import { definePlugin, type Grain, GRAINS, option, type Oracle, type Plugin } from "@tandem/core";
import type { BotOptions } from "./options.ts";

const options = {
  grain: option(
    `What it names: the expert's next action, what it is about, its whole plan, or the thing in sight
    that it is about ("reference").`,
    v.picklist(GRAINS),
    "action",
  ),
  accuracy: option(
    "Chance that what the expert does is suggested; otherwise another one is, each as likely.",
    share,
    1,
  ),
} as const;

/** Control: the environment's expert, right with a given accuracy. */
export const bot: Plugin<"teacher", BotOptions, Grain> = definePlugin({
  kind: "teacher",
  name: "bot",
  description: "Control: the environment's expert, right with a given accuracy.",
  details: `
    The environment's expert as a teacher, right with a given chance: a labelled control. Its
    distribution says honestly how sure it may be.`,
  options,
  fits: ({ grain }) => [grain],
  usesOracle: true,
  create: ({ accuracy, grain }, context, { env }) => {
    const candidates = candidatesAt(env, grain);
    const streams = teacherStreams(context);
    const expertsChoice = chooserAt(grain, candidates);
    const others = candidates.length - 1;
    return {
      ...streamState(streams),
      ...fixedTeacher(candidates, (i, mode, oracle) => {
        const best = oracle ? expertsChoice(oracle, i) : -1;
        if (best < 0) return undefined;
        const right = streams[mode].random() < accuracy;
        const other = (best + 1 + streams[mode].integers(0, others)) % candidates.length;
        // It says how sure it may be; how likely its suggestion was is another matter.
        const logProb = Math.log(right ? accuracy : (1 - accuracy) / others);
        return { choice: right ? best : other, confidence: accuracy, logProb };
      }, grain),
    };
  },
});

/** What the expert does in environment i as an index into the candidates, or -1. */
function chooserAt(
  grain: Grain,
  candidates: readonly string[],
): (oracle: Oracle, i: number) => number {
  if (grain === "action") return (oracle, i) => oracle.action(i);
  const index = new Map(candidates.map((words, candidate) => [words, candidate]));
  const words = (oracle: Oracle, i: number) =>
    grain === "reference" ? oracle.references?.(i)[0] : oracle[grain]?.(i);
  return (oracle, i) => index.get(words(oracle, i) ?? "") ?? -1;
}
