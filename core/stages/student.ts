/** The contract of students. */
import type { Actions, Observations } from "./env.ts";
import type { Guidance, Mode } from "./guidance.ts";
import type { Estimate, Replay, Rollout, Samples } from "./rollout.ts";
import type { MaybePromise, Metrics, Stateful } from "./stage.ts";

/** What the student does in N environments, and what it thinks of it. */
export interface Decision {
  /**
   * [N] a_t, legal ones where the env says which are; or [N, ...shape] floats as they were drawn: who
   * hands them to the env brings them within its box.
   */
  readonly actions: Actions;
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
  /** [N, A] P(a | x_t, s_t), 0 for what is not legal. */
  readonly probabilities: Float32Array;
  /** [N, A] Q(s_t, a), given x_t. */
  readonly qValues: Float32Array;
  /** [N] V(s_t). */
  readonly values: Float32Array;
}

/** P(a | x, s): acts under guidance and learns from rollouts. */
export interface Student extends Stateful {
  /**
   * Numbers that it remembers of an episode under way, W; absent for a student without memory. They
   * are kept for it, so that a state can be branched with all that led to it: who asks hands in
   * [N, W], zeros where an episode starts, or nothing where each state is the first of its own.
   */
  readonly memory?: number;
  /**
   * Chooses actions; "train" samples, "evaluate" does as the student is judged.
   *
   * @param memory [N, W] what it remembers of the states before; afterwards, of these as well.
   */
  act(
    observations: Observations,
    guidance: Guidance,
    mode: Mode,
    memory?: Float32Array,
  ): MaybePromise<Decision>;
  /**
   * Declares that what is said takes the mission's place to it: a suggestion stands until the env says
   * that it was achieved, for so many steps at most. Such a student knows words and no candidates. Absent,
   * it is told anew at each step.
   */
  readonly missionSteps?: number;
  /**
   * [N] V(s), for bootstrapping where a rollout or a truncated episode ends.
   *
   * @param memory As in {@linkcode act}; it is read alone.
   * @param said What was said last, for students that declare {@linkcode Student.missionSteps}: V sees
   * guidance nowhere else.
   */
  values(
    observations: Observations,
    memory?: Float32Array,
    said?: Guidance,
  ): MaybePromise<Float32Array>;
  /**
   * The whole policy over discrete actions, without a draw and without a trace in the student. Rules that ask for evidence
   * beyond the action taken need it; see {@linkcode EvidenceRequest}.
   *
   * @param memory As in {@linkcode act}, written too.
   */
  policy?(
    observations: Observations,
    guidance: Guidance,
    memory?: Float32Array,
  ): MaybePromise<PolicyView>;
  /**
   * Writes to the memory what `act` does when these actions are taken: asked after {@linkcode policy},
   * which does not know of them, where a student remembers its own actions.
   *
   * @param memory [N, W] as {@linkcode policy} left it.
   */
  remember?(observations: Observations, actions: Actions, memory: Float32Array): void;
  /**
   * Takes steps of so many times their size from here on, which is part of its state: asked where its
   * numbers became NaN or infinite.
   *
   * @param factor Between 0 and 1.
   */
  scaleLearningRate?(factor: number): void;
  /** Declares that {@linkcode Student.learn} takes past steps; a run that has some asks for it. */
  readonly learnsFromReplay?: true;
  /**
   * Learns from a rollout and its estimate.
   *
   * @param replay Past steps to learn from beside (self-imitation: Oh et al., arXiv 1806.05635), where
   * an extra stage holds any and {@linkcode Student.learnsFromReplay} is declared.
   * @throws E_NUMERIC where a loss is not finite.
   */
  learn(rollout: Rollout, estimate: Estimate, replay?: Replay): MaybePromise<Metrics>;
  /**
   * Learns from transitions that need not be its own policy's, such as those of a rollout whose missions
   * were changed afterwards. @throws E_NUMERIC where a loss is not finite.
   */
  practise?(samples: Samples): MaybePromise<Metrics>;
}
