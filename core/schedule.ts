/** How often what happens in a run, and how it is measured. */
import * as v from "valibot";
import { TandemError } from "./errors.ts";
import type { OptionsOutput } from "./options.ts";

const count = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least));

/** How often what happens. */
export const SCHEDULE = {
  /** Rollouts, each followed by one update of the student. */
  iterations: v.optional(count(0), 40),
  /** Environments stepped together, N. */
  envs: v.optional(count(1), 64),
  /** Steps of a rollout, T. */
  steps: v.optional(count(1), 64),
  /** The feedback edge's cadence: verdicts reach the teacher every so many steps. */
  feedbackEvery: v.optional(count(1), 1),
  /** Its delay: verdicts are under way for so many steps more. */
  feedbackDelay: v.optional(count(0), 0),
  /** Its bound: so many deliveries may be under way, and more are lost. No bound unless set. */
  feedbackBound: v.optional(count(1)),
  /** Iterations at the start in which verdicts are given but kept from the teacher. */
  warmUp: v.optional(count(0), 0),
  /** The advice edge's cadence: the teacher is asked every so many steps and silent between. */
  adviceEvery: v.optional(count(1), 1),
  /** Its delay: advice on a state arrives so many steps later, if the episode still goes on. */
  adviceDelay: v.optional(count(0), 0),
  /** Its bound: prompts that may be asked in training; then the teacher is silent. */
  adviceCalls: v.optional(count(0)),
  /** The same in tokens read and written. */
  adviceTokens: v.optional(count(0)),
  /** Seconds that an answer is waited for; a later one is given up. No bound unless set. */
  adviceTimeout: v.optional(v.pipe(v.number(), v.gtValue(0))),
  /**
   * Advice on trial: in each episode the student hears its teacher or not, whichever has brought more
   * lately, and each in at least this share of the episodes. The teacher is always heard unless set.
   */
  adviceTrial: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.5))),
  /** Share of the iterations after which the teacher leaves: 0.8 leaves the last fifth to the student. */
  teacherOff: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
} as const satisfies Record<string, v.GenericSchema>;

/** How a run is measured, on worlds that training never sees. */
export const EVALUATION = {
  /** Held-out episodes, one a seed. */
  episodes: v.optional(count(1), 200),
  /** Held-out states at which guidance is compared with the expert. */
  states: v.optional(count(1), 256),
  /** Iterations between evaluations; 0 evaluates at the start and the end alone. */
  every: v.optional(count(0), 0),
  /** Whether the end also tells what advice is worth: without the teacher, and word by word. */
  advice: v.optional(v.boolean(), false),
} as const satisfies Record<string, v.GenericSchema>;

/** The parsed {@linkcode SCHEDULE}. */
export type Schedule = OptionsOutput<typeof SCHEDULE>;
/** The parsed {@linkcode EVALUATION}. */
export type Evaluation = OptionsOutput<typeof EVALUATION>;

/** @throws {TandemError} E_WIRING where a schedule contradicts itself. */
export function checkSchedule({ feedbackEvery, steps }: Schedule): void {
  if (feedbackEvery <= steps) return;
  throw new TandemError(
    "E_WIRING",
    `schedule.feedbackEvery is "${feedbackEvery}", more than the "${steps}" steps of a rollout: ` +
      `no verdict would ever be given.`,
  );
}
