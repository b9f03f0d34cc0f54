/** The contract of students. */
import type { Observations } from "./env.ts";
import type { Guidance, Mode } from "./guidance.ts";
import type { Estimate, Rollout } from "./rollout.ts";
import type { MaybePromise, Metrics, Stateful } from "./stage.ts";

/** What the student does in N environments, and what it thinks of it. */
export interface Decision {
  /** [N] a_t. */
  readonly actions: Int32Array;
  /** [N] log P(a_t | x_t, s_t). */
  readonly logProbs: Float32Array;
  /** [N] Q(s_t, a_t), given x_t. */
  readonly qValues: Float32Array;
  /** [N] V(s_t). */
  readonly values: Float32Array;
  /**
   * [N] log pi(a_t | x_t, s_t) of the policy that the student learns about, where it acts by another
   * one (an exploring one, say). Given always or never; absent, the two are one.
   */
  readonly targetLogProbs?: Float32Array;
}

/** What a student would do in N states under guidance, without doing it. */
export interface PolicyView {
  /** [N, A] P(a | x_t, s_t). */
  readonly probabilities: Float32Array;
  /** [N, A] Q(s_t, a), given x_t. */
  readonly qValues: Float32Array;
  /** [N] V(s_t). */
  readonly values: Float32Array;
}

/** P(a | x, s): acts under guidance and learns from rollouts. */
export interface Student extends Stateful {
  /** Chooses actions; "train" samples, "evaluate" does as the student is judged. */
  act(observations: Observations, guidance: Guidance, mode: Mode): MaybePromise<Decision>;
  /** [N] V(s), for bootstrapping where a rollout or a truncated episode ends. */
  values(observations: Observations): MaybePromise<Float32Array>;
  /**
   * The whole policy, without a draw and without a trace in the student. Rules that ask for evidence
   * beyond the action taken need it; see {@linkcode EvidenceRequest}.
   */
  policy?(observations: Observations, guidance: Guidance): MaybePromise<PolicyView>;
  /** Learns from a rollout and its estimate. @throws E_NUMERIC where a loss is not finite. */
  learn(rollout: Rollout, estimate: Estimate): MaybePromise<Metrics>;
}
