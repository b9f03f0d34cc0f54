import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import { changeOf, wordsFor } from "../../core/kit/verdicts.ts";

const options = {} as const;

export const paper: Plugin<"feedback", typeof options> = definePlugin({
  kind: "feedback",
  name: "paper",
  description: "The paper's sign rule: positive unless the advantage fell.",
  details: `
    The paper's sign rule (arXiv 2401.06603, Algorithm 1): with A the advantage at the token
    before and A' the one now, A > A' is a negative verdict and anything else a positive one. The
    strength is |A' - A|. The first token of an episode has no token before it, and the rule
    abstains there: held against the last token of another episode it would lose nearly always,
    for that one may have solved it.`,
  options,
  create: () => ({
    judge: (now, before) => {
      const changes = changeOf(now, before);
      const signs = Int8Array.from(changes, (change) => change < 0 ? -1 : change >= 0 ? 1 : 0);
      return {
        signs,
        strengths: changes.map((change) => Math.abs(change) || 0), // none of what is not a number
        comparesWithBefore: true,
        words: wordsFor(signs),
      };
    },
  }),
});
