import { definePlugin, option } from "@tandem/core";
import * as v from "valibot";

const options = {
  gain: option(
    "Size of the correction, in logits for a suggestion that was as good as is usual.",
    v.pipe(v.number(), v.minValue(0)),
    1,
  ),
} as const;

export default definePlugin({
  kind: "channel",
  name: "my-plugin",
  description: "Prefers what was praised, in whatever state.",
  details: `
    Adds gain times the mean worth of a suggestion, whatever the state, to its score: an average
    that each verdict moves by 1 / n (Sutton & Barto, second edition, section 2.4). State your own
    formula here, and its source.`,
  options,
  create({ gain }, _context, { candidates }) {
    const means = candidates.map(() => 0);
    const counts = candidates.map(() => 0);
    return {
      // Others: promptFields(state, env, mode) fills the prompt, onVerdict(event) hears every verdict,
      // train() may change the model.
      correct(scores) {
        for (const [c, mean] of means.entries()) scores[c]! += gain * mean;
      },
      learn({ candidate, worth }) {
        counts[candidate]! += 1;
        means[candidate]! += (worth - means[candidate]!) / counts[candidate]!;
      },
      save: () => ({ json: { means: [...means], counts: [...counts] } }),
      load({ json }) {
        const saved = json as { means: number[]; counts: number[] };
        means.splice(0, means.length, ...saved.means);
        counts.splice(0, counts.length, ...saved.counts);
      },
    };
  },
});
