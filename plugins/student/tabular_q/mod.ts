import { definePlugin, type Grain, type Plugin } from "@tandem/core";
import { checkDistribution, grainsOf } from "@tandem/core/kit";
import { tabularQOptions as options } from "./options.ts";
import type { TabularQOptions as Options } from "../options.ts";
import { TabularQ } from "./student.ts";

/** Q-learning in a table of states and suggestions, for small worlds. */
export const tabularQ: Plugin<"student", Options, "vector" | "grid" | Grain> = definePlugin({
  kind: "student",
  name: "tabular-q",
  description: "Q-learning in a table of states and suggestions, for small worlds.",
  details: `
    Q-learning in a table (Watkins, 1989; Sutton & Barto, section 6.5), a value for each state,
    suggestion and action:

        Q(s, x, a) += alpha (G - Q(s, x, a)),
        V(s) = sum_x n(s, x) max_a Q(s, x, a) / sum_x n(s, x),

    with n(s, x) the times that x was suggested in s. Under an estimator of one-step targets
    (\`td-error\`, or \`gae\` with lambda 0) G is r + gamma V(s'), Watkins' target with the mean
    over what the teacher may say next; under longer returns it is a naive Q(lambda). While it
    trains it acts greedily but for a share epsilon of random actions; it is judged by what it
    holds best. Equal values share their probability. Where reward falls with a clock that
    observations do not show, as in BabyAI, a discount near 1 hides what delay costs from the
    table: 0.9 serves it better.

    With \`guidance\` "trust" suggestions share their values, and what the teacher finds unlikely
    counts less, as far as trust in it goes: with l = log max(p(a | s), 0.001),

        Q(s, x, a) = q(s, a) + trust(s) l,  e = G - Q(s, x, a),  m = max_a Q(s, x, a),
        q(s, a) += alpha e / (1 + l^2),  trust(s) = max(0, trust(s) + alpha e l / (1 + l^2)),
        V(s) += alpha (m - V(s)),

    the normalised least mean squares of a linear approximation (Sutton & Barto, section 9.4;
    Haykin, Adaptive Filter Theory, chapter 6), by which the error falls by the share alpha.`,
  options,
  fits: (options) => ["vector", "grid", ...grainsOf(options)],
  shapesState: ["hears", "guidance"],
  create(options, context, { env, candidates }) {
    checkDistribution(options, env, candidates);
    return new TabularQ(options, env.actions.length, candidates.length, {
      train: context.random("student actions"),
      evaluate: context.random("student evaluation"),
    });
  },
});
