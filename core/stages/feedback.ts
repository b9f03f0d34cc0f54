/** The contract of feedback rules, and the verdicts that they give. */
import type { Rollout } from "./rollout.ts";
import type { Stateful } from "./stage.ts";

/**
 * What a rule asks of the scheduler beyond the student's own advantages. It costs time, and nothing where
 * it is not asked for. The frozen critic and the counterfactual need a student with `policy`; the one
 * needs `save` and `load` of the student, the other those of the env.
 */
export interface EvidenceRequest {
  /** Advantages by a copy of the student that is renewed every so many iterations. */
  readonly frozenCritic?: { readonly every: number };
  /**
   * What x_t changed: from the same state and with the same draws, the student acts once with x_t
   * and once without, then goes on without guidance up to `horizon` steps.
   */
  readonly counterfactual?: { readonly horizon: number; readonly discount: number };
  /** Whether steps tell what they achieved: {@linkcode JudgedStep.achieved}. Any student and env do. */
  readonly achievements?: boolean;
  /**
   * Steps before the one at hand that verdicts may name, in earlier rollouts too; where absent, those of
   * the iteration's rollout. The run keeps what was said, done and seen in so many steps, in words too.
   */
  readonly past?: number;
  /**
   * Environments that start from one seed, so many together: i and j where floor(i / group) is the same.
   * Their episodes begin in the same worlds in the same order, at different times, as long as the env
   * takes from its seed nothing but how episodes begin. `schedule.envs` must be a multiple of it.
   */
  readonly group?: number;
}

/** One step of all environments, as a rule sees it. */
export interface JudgedStep {
  /** [N] A_t. */
  readonly advantages: Float32Array;
  /** [N] A_t by the frozen critic; present for rules that ask for one. */
  readonly frozenAdvantages?: Float32Array;
  /**
   * [N] discounted rewards and last value with x_t less those without it; present for rules that ask
   * for the counterfactual.
   */
  readonly effects?: Float32Array;
  /**
   * [N] 1 where s_t is the first of its episode: what the step before holds is of another episode
   * there, and a rule that compares the two abstains (`changeOf` and `verdictsOnChange` do).
   */
  readonly firsts: Uint8Array;
  /**
   * What the step achieved in environment i, as {@linkcode Env.achieved} says it; nothing where the env
   * does not. Present for rules that ask for achievements.
   */
  achieved?(i: number): readonly string[];
  /** The rollout that the step belongs to, with what was seen, asked, done and paid in it. */
  readonly rollout: Rollout;
  /** Its step in the rollout, from 0. */
  readonly step: number;
}

/**
 * A verdict on a suggestion of before: what came of it may show late. The teacher receives it as feedback
 * on that step. A step may get several, such as one for each goal that it led to.
 */
export interface EarlierVerdict {
  /**
   * 0 is the step at hand, 1 the one before, counted on over iterations; back to the iteration's first
   * step, or as far as {@linkcode EvidenceRequest.past} asks for. What lies between that and the run's
   * start is left out and counted.
   */
  readonly stepsAgo: number;
  /** The environment, i. */
  readonly env: number;
  /** 1 positive, -1 negative, 0 abstain. */
  readonly sign: -1 | 0 | 1;
  /** At least 0, in the units of the rule's other verdicts. */
  readonly strength: number;
  /** The verdict in words. */
  readonly words: string;
  /**
   * Which candidates of the step's guidance are right there: indices, at least one. `sign` is 1 then where
   * the one suggested is among them or nothing was suggested, else -1; `strength` is the weight.
   */
  readonly right?: readonly number[];
  /**
   * The mission under which the verdict holds, where it is another than was asked then: what was done is
   * judged by what it achieved (Andrychowicz et al., Hindsight Experience Replay, 2017).
   */
  readonly mission?: string;
}

/** Verdicts on the N suggestions of a step. */
export interface Verdicts {
  /** [N] 1 positive, -1 negative, 0 abstain. */
  readonly signs: Int8Array;
  /** [N] how strongly, at least 0; in units of advantage unless the rule says otherwise. */
  readonly strengths: Float32Array;
  /** The verdict on suggestion i in words, for a prompt; to be asked for while it is received. */
  words(i: number): string;
  /** [N] {@linkcode EarlierVerdict.right}; undefined where the rule names none. */
  readonly right?: readonly (readonly number[] | undefined)[];
  /** [N] {@linkcode EarlierVerdict.mission}; undefined where it is the one that was asked. */
  readonly missions?: readonly (string | undefined)[];
  /** Verdicts on steps of before, beside those on this one. */
  readonly earlier?: readonly EarlierVerdict[];
  /**
   * Whether verdicts say how a suggestion does against the one before it in its episode, rather than by
   * itself; such verdicts are abstentions where an episode begins.
   */
  readonly comparesWithBefore?: boolean;
  /**
   * Whether the machine ended the rule here (its time, its stack) and not what the rule did: on another
   * machine the run may come to something else. Told once.
   */
  readonly endedByMachine?: boolean;
}

/** Judges whether guidance helped. */
export interface FeedbackRule extends Stateful {
  /** Evidence that the rule reads in the steps that it judges. */
  readonly needs?: EvidenceRequest;
  /**
   * Judges the suggestions of `now`, knowing the step before: the last step in time, of whatever episode it
   * was (`now.firsts` tells); at the run's start its advantages are 0.
   */
  judge(now: JudgedStep, before: JudgedStep): Verdicts;
}

/** What is known of steps of before beside their rollout. */
export interface PastSteps {
  /** [T] how many steps before the one at hand each was when it was judged. */
  readonly stepsAgo: readonly number[];
  /** [T, N] s_t in words, as `Observations.text` said it; where the rule asks for the past. */
  readonly texts?: readonly (readonly string[])[];
}

/** Verdicts on all suggestions of a rollout, on their way to the teacher. */
export interface Feedback {
  /** What was judged; of steps of before, those that got a verdict, and one that got several repeats. */
  readonly rollout: Rollout;
  /** [T] verdicts of each step. */
  readonly verdicts: readonly Verdicts[];
  /**
   * Present where these are verdicts on steps of before: a sign of 0 is no verdict then, and the steps
   * do not follow one another.
   */
  readonly past?: PastSteps;
}
