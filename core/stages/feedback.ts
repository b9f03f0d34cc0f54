/** The contract of feedback rules, and the verdicts that they give. */
import type { Rollout } from "./rollout.ts";
import type { Stateful } from "./stage.ts";

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
  /** The rollout that the step belongs to. */
  readonly rollout: Rollout;
  /** Its step in the rollout, from 0. */
  readonly step: number;
}

/**
 * A verdict on a suggestion of before, in this iteration's rollout: what came of it may show late. The
 * teacher receives it as feedback on that step.
 */
export interface EarlierVerdict {
  /** 0 is the step at hand, 1 the one before; back to the rollout's first step. */
  readonly stepsAgo: number;
  /** The environment, i. */
  readonly env: number;
  /** 1 positive, -1 negative, 0 abstain. */
  readonly sign: -1 | 0 | 1;
  /** At least 0, in the units of the rule's other verdicts. */
  readonly strength: number;
  /** The verdict in words. */
  readonly words: string;
}

/** Verdicts on the N suggestions of a step. */
export interface Verdicts {
  /** [N] 1 positive, -1 negative, 0 abstain. */
  readonly signs: Int8Array;
  /** [N] how strongly, at least 0; in units of advantage unless the rule says otherwise. */
  readonly strengths: Float32Array;
  /** The verdict on suggestion i in words, for a prompt; to be asked for while it is received. */
  words(i: number): string;
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

/** Verdicts on all suggestions of a rollout, on their way to the teacher. */
export interface Feedback {
  /** What was judged. */
  readonly rollout: Rollout;
  /** [T] verdicts of each step. */
  readonly verdicts: readonly Verdicts[];
}
