import { definePlugin, type Plugin } from "@tandem/core";
import { changeOf, wordsFor } from "@tandem/core/kit";

/** The paper's sign rule: positive unless the advantage fell. */
export const paper: Plugin<"feedback"> = definePlugin({
  kind: "feedback",
  name: "paper",
  description: "The paper's sign rule: positive unless the advantage fell.",
  details: `
    The paper's sign rule (arXiv 2401.06603, Algorithm 1): with A the advantage at the suggestion
    before and A' the one now, A > A' is a negative verdict and anything else a positive one. The
    strength is |A' - A|. The first suggestion of an episode has none before it, and the rule
    abstains there: held against the last suggestion of another episode it would lose nearly
    always, for that one may have solved it.`,
  options: {},
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
