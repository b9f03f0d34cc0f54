import { definePlugin, type Plugin } from "../../core/plugin.ts";

const options = {} as const;

/**
 * The paper's sign rule (arXiv 2401.06603, Algorithm 1): with A the advantage at the token before
 * and A' the one now, A > A' is a negative verdict and anything else a positive one. The strength is
 * |A' - A|.
 */
export const paper: Plugin<"feedback", typeof options> = definePlugin({
  kind: "feedback",
  name: "paper",
  description: "The paper's sign rule: positive unless the advantage fell.",
  options,
  create: () => ({
    judge: (now, before) => {
      const signs = new Int8Array(now.advantages.length);
      const strengths = new Float32Array(now.advantages.length);
      for (let i = 0; i < signs.length; i++) {
        const change = now.advantages[i]! - before.advantages[i]!;
        signs[i] = change < 0 ? -1 : change >= 0 ? 1 : 0;
        strengths[i] = Math.abs(change) || 0; // no strength of what is not a number
      }
      return {
        signs,
        strengths,
        comparesWithBefore: true,
        words: (i) =>
          signs[i]! < 0
            ? "This token is worse than the last one."
            : "This token is better than the last one.",
      };
    },
  }),
});
