/** How often what happens in a run, and how it is measured. */
import * as v from "valibot";
import { between, DAY, positive, share, whole } from "../kit/bounds.ts";
import { TandemError } from "../base/errors.ts";
import { option } from "./options.ts";
import type { Schedule } from "./schedule_types.ts";

/** More iterations, environments and steps than these are no run that ever ends. */
const [ITERATIONS, ENVS, STEPS] = [10_000_000, 65_536, 65_536] as const;
/** More steps than these in one rollout do not fit into memory. */
const ROLLOUT = 1 << 22;
/** More held-out worlds than these tell nothing more. */
const WORLDS = 100_000;

/** How often what happens. */
export const SCHEDULE = {
  iterations: option(
    "Rollouts, each followed by one update of the student.",
    whole(0, ITERATIONS),
    40,
  ),
  envs: option("Environments stepped together, N.", whole(1, ENVS), 64),
  steps: option("Steps of a rollout, T.", whole(1, STEPS), 64),
  feedbackEvery: option(
    "The feedback edge's cadence: verdicts reach the teacher every so many steps, and at the end of a rollout.",
    whole(1, STEPS),
    1,
  ),
  feedbackDelay: option(
    "Its delay: verdicts are under way for so many steps more.",
    whole(0, 1_000_000),
    0,
  ),
  feedbackBound: option(
    "Its bound: so many deliveries may be under way, and more are lost. No bound unless set.",
    whole(1, 1_000_000),
  ),
  warmUp: option(
    "Iterations at the start in which verdicts are given but kept from the teacher.",
    whole(0, ITERATIONS),
    0,
  ),
  adviceEvery: option(
    "The advice edge's cadence: the teacher is asked every so many steps and silent between.",
    whole(1, 1_000_000),
    1,
  ),
  adviceDelay: option(
    "Its delay: advice on a state arrives so many steps later, if the episode still goes on.",
    whole(0, 1_000_000),
    0,
  ),
  adviceCalls: option(
    "Its bound: prompts that may be asked in training; then the teacher is silent.",
    whole(0, 1e12),
  ),
  adviceTokens: option("The same in tokens that the model reads and writes.", whole(0, 1e15)),
  adviceTimeout: option(
    "Seconds that an answer is waited for; a later one is given up. No bound unless set.",
    positive(DAY),
  ),
  adviceTrial: option(
    `Advice on trial: in each episode the student hears its teacher or not, whichever has brought
    more lately, and each in at least this share of the episodes. The teacher is always heard
    unless set.`,
    between(0, 0.5),
  ),
  adviceBudget: option(
    `Advice by state: the teacher is asked in at most this share of the steps, where the student is
    least sure and verdicts have found the teacher right, and silent elsewhere. Asked everywhere
    unless set.`,
    share,
  ),
  adviceAnnealing: option(
    "Iterations in which that share falls from 1 to the budget, in a straight line. None unless set.",
    whole(1, ITERATIONS),
  ),
  teacherOff: option(
    `Share of the iterations after which the teacher leaves: 0.8 leaves the last fifth to the
    student.`,
    share,
    1,
  ),
} as const satisfies Record<string, v.GenericSchema>;

/** How a run is measured, on worlds that training never sees. */
export const EVALUATION = {
  episodes: option("Held-out episodes, one a seed.", whole(1, WORLDS), 200),
  states: option(
    "Held-out states at which guidance is compared with the expert.",
    whole(1, WORLDS),
    256,
  ),
  every: option(
    "Iterations between evaluations; 0 evaluates at the start and the end alone.",
    whole(0, ITERATIONS),
    0,
  ),
  advice: option(
    "Whether the end also tells what advice is worth: without the teacher, and word by word.",
    v.boolean(),
    false,
  ),
} as const satisfies Record<string, v.GenericSchema>;

/** @throws {TandemError} E_OPTION where a rollout is too long. */
export function checkSchedule({ steps, envs }: Schedule): void {
  if (envs * steps <= ROLLOUT) return;
  throw new TandemError(
    "E_OPTION",
    `schedule.envs × schedule.steps is "${envs} × ${steps}": a rollout has at most ${ROLLOUT} steps.`,
  );
}
