/** How often what happens in a run, and how it is measured. */
import * as v from "valibot";
import { between, DAY, positive, share, whole } from "./bounds.ts";
import { TandemError } from "./errors.ts";
import type { OptionsOutput } from "./options.ts";

/** More iterations, environments and steps than these are no run that ever ends. */
const [ITERATIONS, ENVS, STEPS] = [10_000_000, 65_536, 65_536] as const;
/** More steps than these in one rollout do not fit into memory. */
const ROLLOUT = 1 << 22;
/** More held-out worlds than these tell nothing more. */
const WORLDS = 100_000;

/** How often what happens. */
export const SCHEDULE = {
  /** Rollouts, each followed by one update of the student. */
  iterations: v.optional(whole(0, ITERATIONS), 40),
  /** Environments stepped together, N. */
  envs: v.optional(whole(1, ENVS), 64),
  /** Steps of a rollout, T. */
  steps: v.optional(whole(1, STEPS), 64),
  /** The feedback edge's cadence: verdicts reach the teacher every so many steps. */
  feedbackEvery: v.optional(whole(1, STEPS), 1),
  /** Its delay: verdicts are under way for so many steps more. */
  feedbackDelay: v.optional(whole(0, 1_000_000), 0),
  /** Its bound: so many deliveries may be under way, and more are lost. No bound unless set. */
  feedbackBound: v.optional(whole(1, 1_000_000)),
  /** Iterations at the start in which verdicts are given but kept from the teacher. */
  warmUp: v.optional(whole(0, ITERATIONS), 0),
  /** The advice edge's cadence: the teacher is asked every so many steps and silent between. */
  adviceEvery: v.optional(whole(1, 1_000_000), 1),
  /** Its delay: advice on a state arrives so many steps later, if the episode still goes on. */
  adviceDelay: v.optional(whole(0, 1_000_000), 0),
  /** Its bound: prompts that may be asked in training; then the teacher is silent. */
  adviceCalls: v.optional(whole(0, 1e12)),
  /** The same in tokens read and written. */
  adviceTokens: v.optional(whole(0, 1e15)),
  /** Seconds that an answer is waited for; a later one is given up. No bound unless set. */
  adviceTimeout: v.optional(positive(DAY)),
  /**
   * Advice on trial: in each episode the student hears its teacher or not, whichever has brought more
   * lately, and each in at least this share of the episodes. The teacher is always heard unless set.
   */
  adviceTrial: v.optional(between(0, 0.5)),
  /** Share of the iterations after which the teacher leaves: 0.8 leaves the last fifth to the student. */
  teacherOff: v.optional(share, 1),
} as const satisfies Record<string, v.GenericSchema>;

/** How a run is measured, on worlds that training never sees. */
export const EVALUATION = {
  /** Held-out episodes, one a seed. */
  episodes: v.optional(whole(1, WORLDS), 200),
  /** Held-out states at which guidance is compared with the expert. */
  states: v.optional(whole(1, WORLDS), 256),
  /** Iterations between evaluations; 0 evaluates at the start and the end alone. */
  every: v.optional(whole(0, ITERATIONS), 0),
  /** Whether the end also tells what advice is worth: without the teacher, and word by word. */
  advice: v.optional(v.boolean(), false),
} as const satisfies Record<string, v.GenericSchema>;

/** The parsed {@linkcode SCHEDULE}. */
export type Schedule = OptionsOutput<typeof SCHEDULE>;
/** The parsed {@linkcode EVALUATION}. */
export type Evaluation = OptionsOutput<typeof EVALUATION>;

/** @throws {TandemError} E_WIRING where a schedule contradicts itself, E_OPTION where a rollout is too long. */
export function checkSchedule({ feedbackEvery, steps, envs }: Schedule): void {
  if (envs * steps > ROLLOUT) {
    throw new TandemError(
      "E_OPTION",
      `schedule.envs × schedule.steps is "${envs} × ${steps}": a rollout has at most ${ROLLOUT} steps.`,
    );
  }
  if (feedbackEvery <= steps) return;
  throw new TandemError(
    "E_WIRING",
    `schedule.feedbackEvery is "${feedbackEvery}", more than the "${steps}" steps of a rollout: ` +
      `no verdict would ever be given.`,
  );
}
