/** How many prompts a run will have for its teacher. */
import type { Evaluation, Schedule } from "../pipeline/schedule_types.ts";

/**
 * Prompts that a teacher is asked at most from a run's start to its end: in training
 *
 *     iterations * teacherOff * envs * ceil(steps / adviceEvery),
 *
 * bounded by `adviceCalls`, and whenever the run is measured one a step of each held-out episode and
 * one a held-out state. Episodes that end early make them fewer.
 *
 * @param maxSteps Steps after which the env ends an episode.
 */
export function promptsAhead(
  { iterations, envs, steps, adviceEvery, adviceCalls = Infinity, teacherOff }: Schedule,
  { episodes, states, every }: Evaluation,
  maxSteps: number,
): number {
  const inTraining = Math.round(iterations * teacherOff) * envs * Math.ceil(steps / adviceEvery);
  const between = every > 0 ? Math.floor((iterations - 1) / every) : 0;
  const measurements = 2 + Math.max(0, between);
  return Math.min(inTraining, adviceCalls) + measurements * (episodes * maxSteps + states);
}
