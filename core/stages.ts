/**
 * The five stages of a pipeline and the values that cross between them.
 *
 * Every batch is time-major: a value of step t and environment i lies at index `t * envs + i`.
 * Symbols follow Sutton & Barto: s_t observation, x_t guidance, a_t action, r_tp1 reward.
 */

/** A value, or a promise of it: a stage that needs no waiting costs no promise. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a stage answered with a promise. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** The stages of a pipeline by kind. Every table over kinds is a Record over these keys. */
export interface Stages {
  env: Env;
  teacher: Teacher;
  student: Student;
  advantage: AdvantageEstimator;
  feedback: FeedbackRule;
}

/** A kind of stage: "env", "teacher", "student", "advantage" or "feedback". */
export type StageKind = keyof Stages;

/** Everything that a plugin can be: a stage, or an extra one beside the five. */
export interface Pluggables extends Stages {
  extra: ExtraStage;
}

/** A kind of plugin: a kind of stage, or "extra". */
export type PluginKind = keyof Pluggables;

const order: Record<StageKind, number> = {
  env: 0,
  teacher: 1,
  student: 2,
  advantage: 3,
  feedback: 4,
};

/** The kinds in the order in which a step visits them. */
export const STAGE_KINDS: readonly StageKind[] = (Object.keys(order) as StageKind[])
  .sort((a, b) => order[a] - order[b]);

/** The kinds of stages, and "extra" at the end. */
export const PLUGIN_KINDS: readonly PluginKind[] = [...STAGE_KINDS, "extra"];

/** Names what has a state in a run: a kind of stage, or an extra stage by its name. */
export type StateName = StageKind | `extra.${string}`;

/** Learned or running state of a stage: JSON for what is small, typed arrays for what is large. */
export interface StageState {
  readonly json: unknown;
  readonly arrays?: Readonly<Record<string, StateArray>>;
}

/** A named array of a {@linkcode StageState}: values and shape. */
export interface StateArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** What any stage may add to its contract. */
export interface Stateful {
  /** The state from which `load` continues exactly. A stage without state has neither method. */
  save?(): MaybePromise<StageState>;
  /** Continues from a saved state. */
  load?(state: StageState): MaybePromise<void>;
  /** Frees what the garbage collector does not see (tensors, sessions, workers). */
  dispose?(): MaybePromise<void>;
}

// ---------------------------------------------------------------------------------------- env

/** What an observation is made of: entries in no order, or the cells of a grid and what follows. */
export type ObservationKind = "vector" | "grid";

/** What a vectorised environment looks like from outside; fixed for its lifetime. */
export interface EnvSpec {
  /** The environment's id, such as "BabyAI-GoToRedBallNoDists-v0". */
  readonly id: string;
  /** Number of environments stepped together, N. */
  readonly envs: number;
  /** Number of categories of each observation entry (Gymnasium's MultiDiscrete nvec), length D. */
  readonly observation: readonly number[];
  /** Names of the discrete actions; an action is an index into it. */
  readonly actions: readonly string[];
  /** Words that missions are made of, in a fixed order; empty where there is no mission. */
  readonly missionWords: readonly string[];
  /** What a teacher may suggest at the coarser grains, where the environment has words for it. */
  readonly guidance?: Readonly<Partial<Record<Exclude<Grain, "action">, readonly string[]>>>;
  /** Largest number of steps of an episode; at it the episode is truncated. */
  readonly maxSteps: number;
  /** An episode's end and the next one's first observation come in the same step. */
  readonly autoreset: "same-step";
}

/**
 * Observations of N environments. They are views: valid until the environment's next step.
 */
export interface Observations {
  readonly envs: number;
  /** [N, D] category indices, as `EnvSpec.observation` bounds them. */
  readonly data: Uint8Array;
  /** What environment i asks of the agent. */
  mission(i: number): string;
  /** Environment i's observation in words, one sentence a thing seen. */
  text(i: number): readonly string[];
  /** A hash of the observation and the mission of environment i: equal states have equal keys. */
  key(i: number): number;
}

/** What a step of N environments answers. */
export interface EnvStep {
  /** s_tp1; for an episode that ended, the first observation of the next one. */
  readonly observations: Observations;
  /** [N] r_tp1. */
  readonly rewards: Float32Array;
  /** [N] 1 where the task ended the episode: no value follows. */
  readonly terminated: Uint8Array;
  /** [N] 1 where the step limit cut the episode: value would have followed. */
  readonly truncated: Uint8Array;
  /** Observations at the end of the episodes that ended in this step; other rows mean nothing. */
  readonly finals: Observations;
}

/**
 * An expert's knowledge of the environment's present states: a labelled control and a ruler, never
 * an unannounced source of learning.
 */
export interface Oracle {
  /** The expert's action in environment i, or -1 where the expert has none. */
  action(i: number): number;
  /** Whether an action in environment i is the expert's, or leaves a plan no longer than its own. */
  isRight(i: number, action: number): boolean;
  /** What the expert is about in environment i: one of `EnvSpec.guidance.subgoal`, or empty. */
  subgoal?(i: number): string;
  /** All that the expert is about in environment i: one of `EnvSpec.guidance.plan`, or empty. */
  plan?(i: number): string;
}

/** N copies of a world, stepped together. */
export interface Env extends Stateful {
  readonly spec: EnvSpec;
  /** Starts an episode from each seed (length N) and gives s_0. */
  reset(seeds: ArrayLike<number>): Observations;
  /** Applies one action an environment (length N). Ended episodes start anew in the same step. */
  step(actions: Int32Array): EnvStep;
  /** The expert, where the environment has one. */
  readonly oracle?: Oracle;
  /**
   * What the last step achieved in environment i, each thing as a goal in the words of missions, such
   * as "go to the red ball"; of an episode that ended, what ended it.
   */
  achieved?(i: number): readonly string[];
  /** World i as it is now, as a short text from which `draw` makes a picture. */
  snapshot?(i: number): string;
  /** A picture of a snapshot, as SVG. Needs no episode, and works after `dispose`. */
  draw?(snapshot: string): string;
}

// ------------------------------------------------------------------------------------ teacher

/** How fine guidance is: the next action, the next subgoal, or the whole plan. */
export type Grain = "action" | "subgoal" | "plan";

/** How stages fit together: what an env shows, how fine a teacher speaks, all that a student takes. */
export type Trait = ObservationKind | Grain;

/** How a teacher takes verdicts in. */
export type LearningChannel = "prompt" | "memory" | "logits" | "weights";

/** Guidance x_t for N environments. */
export interface Guidance {
  readonly envs: number;
  /** What may be suggested, K texts. At the grain "action" these are the names of the actions. */
  readonly candidates: readonly string[];
  /** [N] index of the candidate suggested, or -1 for no guidance. */
  readonly choices: Int32Array;
  /** [N, K] the teacher's probabilities of the candidates; a row sums to 1, or to 0 without guidance. */
  readonly distribution: Float32Array;
  /** [N] natural logarithm of the probability with which the choice was made. */
  readonly logProbs: Float32Array;
  /** The suggestion's words. */
  text(i: number): string;
  /** The suggestion's token ids as they were generated or scored; empty for teachers without tokens. */
  tokens(i: number): ArrayLike<number>;
  /** Whose suggestion it is, where several teachers speak; else empty. */
  author?(i: number): string;
}

/** Why guidance is asked for: "train" may explore and remember, "evaluate" does neither. */
export type Mode = "train" | "evaluate";

/** What a teacher has cost so far. */
export interface TeacherUsage {
  /** Prompts answered. */
  readonly calls: number;
  /** Prompts answered without asking the model. */
  readonly cacheHits: number;
  /** Tokens read and written by the model. */
  readonly tokens: number;
}

/** M(x | s): gives guidance and learns from verdicts on it. */
export interface Teacher extends Stateful {
  readonly grain: Grain;
  /** What it may suggest, K texts; fixed for its lifetime. */
  readonly candidates: readonly string[];
  /** The channels by which `receive` changes this teacher; empty for one that cannot learn. */
  readonly learnsBy: readonly LearningChannel[];
  /**
   * x_t ~ M(x | s_t) for each environment. "evaluate" takes the likeliest candidate.
   *
   * @param oracle The expert, given only to plugins that declare `usesOracle`.
   */
  advise(observations: Observations, mode: Mode, oracle?: Oracle): MaybePromise<Guidance>;
  /** Learns from the verdicts on guidance given before. */
  receive(feedback: Feedback): MaybePromise<void>;
  /** Counters since creation. */
  usage(): TeacherUsage;
}

// ------------------------------------------------------------------------------------ student

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

/** Named numbers that a stage reports, such as losses. */
export type Metrics = Readonly<Record<string, number>>;

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

/** T steps of N environments, time-major. */
export interface Rollout {
  readonly steps: number;
  readonly envs: number;
  /** [T, N, D] s_t. */
  readonly observations: Uint8Array;
  /** [T, N] missions. */
  readonly missions: readonly string[];
  /** [T, N] keys of s_t. */
  readonly keys: Float64Array;
  /** [T] x_t. */
  readonly guidance: readonly Guidance[];
  /** [T, N] a_t. */
  readonly actions: Int32Array;
  /** [T, N] log P(a_t | x_t, s_t) when the action was taken. */
  readonly logProbs: Float32Array;
  /** [T, N] log pi(a_t | x_t, s_t) of the policy learned about; absent where it is the one that acts. */
  readonly targetLogProbs?: Float32Array;
  /** [T, N] Q(s_t, a_t). */
  readonly qValues: Float32Array;
  /** [T, N] V(s_t). */
  readonly values: Float32Array;
  /** [T, N] V(s_tp1): of the final observation where truncated, 0 where terminated. */
  readonly nextValues: Float32Array;
  /** [T, N] r_tp1. */
  readonly rewards: Float32Array;
  /** [T, N] the env's own rewards, where extra stages have added to them. */
  readonly envRewards?: Float32Array;
  /** [T, N] 1 where the task ended the episode. */
  readonly terminated: Uint8Array;
  /** [T, N] 1 where the step limit cut the episode. */
  readonly truncated: Uint8Array;
  /** [T, N] 1 where the expert finds x_t right; present only for rules that declare the oracle. */
  readonly oracleRight?: Uint8Array;
}

// ---------------------------------------------------------------------------------- advantage

/** What an estimator makes of a rollout. */
export interface Estimate {
  /** [T, N] A_t: what verdicts compare. */
  readonly advantages: Float32Array;
  /** [T, N] G_t: what Q and V learn. */
  readonly targets: Float32Array;
}

/** Turns a rollout into advantages and learning targets. */
export interface AdvantageEstimator extends Stateful {
  /**
   * Estimates a rollout, or a window of one at the feedback's cadence: an estimator that looks ahead
   * sees no further than the window. Gives new arrays each time.
   */
  estimate(rollout: Rollout): Estimate;
}

// ----------------------------------------------------------------------------------- feedback

/**
 * What a rule asks of the scheduler beyond the student's own advantages. It costs time: both need a
 * student with `policy`; the frozen critic needs `save` and `load` of the student, the
 * counterfactual those of the env.
 */
export interface EvidenceRequest {
  /** Advantages by a copy of the student that is renewed every so many iterations. */
  readonly frozenCritic?: { readonly every: number };
  /**
   * What x_t changed: from the same state and with the same draws, the student acts once with x_t
   * and once without, then goes on without guidance up to `horizon` steps.
   */
  readonly counterfactual?: { readonly horizon: number; readonly discount: number };
}

/** One moment of all environments, as a rule sees it. */
export interface Moment {
  /** [N] A_t. */
  readonly advantages: Float32Array;
  /** [N] A_t by the frozen critic; present for rules that ask for one. */
  readonly frozenAdvantages?: Float32Array;
  /**
   * [N] discounted rewards and last value with x_t less those without it; present for rules that ask
   * for the counterfactual.
   */
  readonly effects?: Float32Array;
  /** [N] 1 where s_t is the first of its episode. */
  readonly firsts: Uint8Array;
  /** The rollout that the moment belongs to, and its step in it. */
  readonly rollout: Rollout;
  readonly step: number;
}

/** Verdicts on the N tokens of a moment. */
export interface Verdicts {
  /** [N] 1 positive, -1 negative, 0 abstain. */
  readonly signs: Int8Array;
  /** [N] how strongly, at least 0; in units of advantage unless the rule says otherwise. */
  readonly strengths: Float32Array;
  /** The verdict on token i in words, for a prompt; to be asked for while it is received. */
  words(i: number): string;
  /** Whether verdicts say how a token does against the one before it, rather than by itself. */
  readonly comparesWithBefore?: boolean;
}

/** Judges whether guidance helped. */
export interface FeedbackRule extends Stateful {
  /** Evidence that the rule reads in its moments. */
  readonly needs?: EvidenceRequest;
  /** Judges the tokens of `now`, knowing the moment before (its advantages are 0 at the start). */
  judge(now: Moment, before: Moment): Verdicts;
}

/** Verdicts on all tokens of a rollout, on their way to the teacher. */
export interface Feedback {
  readonly rollout: Rollout;
  /** [T] verdicts of each step. */
  readonly verdicts: readonly Verdicts[];
}

// -------------------------------------------------------------------------------------- extra

/** Where a run stands when an extra stage is asked. */
export interface Progress {
  /** Iterations done, and planned. */
  readonly iteration: number;
  readonly iterations: number;
  /** Episodes that ended in the last iteration, and how many of them were solved. */
  readonly ended: number;
  readonly solved: number;
}

/** A step on its way from the env to the student. */
export interface PassingStep {
  /** x_t. */
  readonly guidance: Guidance;
  /** [N] a_t. */
  readonly actions: Int32Array;
  /** [N] keys of s_t. */
  readonly keys: Float64Array;
  /** s_tp1, r_tp1 and ends, as the env answered. */
  readonly step: EnvStep;
  /** What the step achieved in environment i, as {@linkcode Env.achieved} says it. */
  achieved(i: number): readonly string[];
}

/**
 * A stage beside the five. It stands on the edges whose methods it has; several on one edge are asked
 * in the order in which the pipeline names them.
 */
export interface ExtraStage extends Stateful {
  /** Before a rollout: options that the env shall have from now on; undefined leaves it as it is. */
  world?(progress: Progress): Readonly<Record<string, unknown>> | undefined;
  /** Env to student: [N] what is added to the rewards of a step. */
  reward?(passing: PassingStep): Float32Array;
  /** After an iteration: named numbers for the record. */
  report?(rollout: Rollout, progress: Progress): Metrics;
}
