/**
 * The sign rule as arXiv 2401.06603 prints it: a verdict says better or worse, not by how much. The
 * built-in rule `paper` gives the same signs and A' - A in its real value as the strength.
 *
 *     deno task run pipelines/babyai.ts --set feedback=./bench/mutual/sign.ts --set teacher.credit=guidance
 */
import { definePlugin, type Plugin } from "@tandem/core";
import { changeOf, wordsFor } from "@tandem/core/kit";

const sign: Plugin<"feedback", Record<never, never>> = definePlugin({
  kind: "feedback",
  name: "sign",
  description: "The printed sign rule: every verdict is as strong as any other.",
  options: {},
  create: () => ({
    judge(now, before) {
      const changes = changeOf(now, before);
      const signs = Int8Array.from(changes, (change) => change < 0 ? -1 : change >= 0 ? 1 : 0);
      const strengths = Float32Array.from(signs, Math.abs);
      return { signs, strengths, comparesWithBefore: true, words: wordsFor(signs) };
    },
  }),
});

export default sign;
