import { between, changeOf, suggestionOf, verdictsOf } from "@tandem/core/kit";
import { definePlugin, type JudgedStep, option, type Plugin } from "@tandem/core";
import type { VerbalOptions } from "./options.ts";

const options = {
  margin: option("Smallest change that counts, in units of advantage.", between(0, 1e6), 0),
} as const;

/** The paper's rule, with the reason of each verdict in words. */
export const verbal: Plugin<"feedback", VerbalOptions> = definePlugin({
  kind: "feedback",
  name: "verbal",
  description: "The paper's rule, with the reason of each verdict in words.",
  details: `
    The paper's sign rule (arXiv 2401.06603, Algorithm 1) with its reason in words, for teachers
    that read: what was said, whether it was better or worse, what came of it, and what the
    student did if it did not follow. It abstains at an episode's first suggestion. Verbal
    feedback in place of a bare number is Reflexion's idea (arXiv 2303.11366).`,
  options,
  create({ margin }, _context, { env: { actions } }) {
    return {
      judge(now, before) {
        const changes = changeOf(now, before);
        const verdicts = verdictsOf(changes, undefined, margin);
        const words = (i: number): string => {
          const sign = verdicts.signs[i]!;
          const said = now.rollout.guidance[now.step]!;
          if (sign === 0 || said.choices[i]! < 0) return "";
          const comparison = sign > 0 ? "better" : "worse";
          const what = outcome(now, i) ?? describe(changes[i]!);
          const instead = deviation(now, i, actions);
          return `"${
            suggestionOf(said, i)
          }" is ${comparison} than the last token: ${what}${instead}.`;
        };
        return { ...verdicts, words, comparesWithBefore: true };
      },
    };
  },
});

/** How environment i's episode ended, if it did. */
function outcome({ rollout, step }: JudgedStep, i: number): string | undefined {
  const at = step * rollout.envs + i;
  if (rollout.terminated[at] === 1) {
    return rollout.rewards[at]! > 0 ? "the task was solved" : "the task has failed";
  }
  return rollout.truncated[at] === 1 ? "the time ran out" : undefined;
}

function describe(change: number): string {
  const size = Math.abs(change).toFixed(2);
  return change < 0 ? `the advantage fell by ${size}` : `the advantage rose by ${size}`;
}

/** What the student did instead, where the guidance was an action and was not followed. */
function deviation({ rollout, step }: JudgedStep, i: number, actions: readonly string[]): string {
  const said = suggestionOf(rollout.guidance[step]!, i);
  const done = actions[rollout.actions[step * rollout.envs + i]!]!;
  return actions.includes(said) && done !== said ? `; the student did "${done}" instead` : "";
}
