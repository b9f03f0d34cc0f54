import * as v from "valibot";
import { checkDistribution, grainsOf, WAYS_OF_HEARING } from "../../../core/fitting.ts";
import { definePlugin, type Plugin } from "../../../core/plugin.ts";
import { TabularQ } from "./student.ts";

const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const options = {
  /** Share of its error by which a value is corrected, alpha. */
  learningRate: v.optional(v.pipe(fraction, v.gtValue(0)), 0.1),
  /** Chance of an action at random while it trains, epsilon. */
  exploration: v.optional(fraction, 0.1),
  /** Value of what was never tried: above what is to be won, it makes the student try everything. */
  initial: v.optional(v.pipe(v.number(), v.finite()), 0),
  /** The most states remembered; then that not learned about for longest is forgotten. */
  states: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 100_000),
  /** Whether guidance is heard; else it is not, for controls. */
  hears: v.optional(v.boolean(), true),
  /**
   * What guidance is to the student. "features": values are told apart by the teacher's choice.
   * "trust": they are Q(s, a) + trust(s) log p(a | s), with p the teacher's distribution and the trust
   * learned. "annealed": while it trains the student acts by p with a probability that falls to 0. The
   * latter two are for guidance that names actions.
   */
  guidance: v.optional(v.picklist(WAYS_OF_HEARING), "features"),
  /** The trust at first, where guidance is "trust", in units of reward. */
  initialTrust: v.optional(v.pipe(v.number(), v.gtValue(0)), 0.1),
  /** Probability of acting as the teacher would at first, where guidance is "annealed". */
  imitation: v.optional(fraction, 1),
  /** Iterations in which that probability falls to 0, in a straight line. */
  annealing: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 20),
} as const;

/**
 * Q-learning in a table (Watkins, 1989; Sutton & Barto, section 6.5), a value for each state,
 * suggestion and action:
 *
 * Q(s, x, a) += alpha (G - Q(s, x, a)), and V(s) = sum_x n(s, x) max_a Q(s, x, a) / sum_x n(s, x),
 *
 * with n(s, x) the times that x was suggested in s. Under an estimator of one-step targets
 * (`td-error`, or `gae` with lambda 0) G is r + gamma V(s'), Watkins' target with the mean over what
 * the teacher may say next; under longer returns it is a naive Q(lambda). While it trains it acts
 * greedily but for a share epsilon of random actions; it is judged by what it holds best. Equal
 * values share their probability. Where reward falls with a clock that observations do not show, as in
 * BabyAI, a discount near 1 hides what delay costs from the table: 0.9 serves it better.
 *
 * With `guidance` "trust" suggestions share their values, and what the teacher finds unlikely counts
 * less, as far as trust in it goes: with l = log max(p(a | s), 0.001),
 *
 * Q(s, x, a) = q(s, a) + trust(s) l, e = G - Q(s, x, a), m = max_a Q(s, x, a),
 * q(s, a) += alpha e / (1 + l^2), trust(s) = max(0, trust(s) + alpha e l / (1 + l^2)),
 * V(s) += alpha (m - V(s)),
 *
 * the normalised least mean squares of a linear approximation (Sutton & Barto, section 9.4; Haykin,
 * Adaptive Filter Theory, chapter 6), by which the error falls by the share alpha.
 */
export const tabularQ: Plugin<"student", typeof options> = definePlugin({
  kind: "student",
  name: "tabular-q",
  description: "Q-learning in a table of states and suggestions, for small worlds.",
  options,
  fits: grainsOf,
  create(options, context, { env, candidates }) {
    checkDistribution(options, env, candidates);
    return new TabularQ(options, env.actions.length, candidates.length, {
      train: context.random("student actions"),
      evaluate: context.random("student evaluation"),
    });
  },
});
