/** Runs as TensorBoard's scalars, under the names that Stable-Baselines3 gives them. */
import type { TandemEvent } from "@tandem/core";
import {
  type Evaluation,
  evaluationOf,
  positionAfter,
  START,
  type TrainingSpan,
  type TrialRecord,
} from "../trial.ts";
import type { Scalar } from "./tensorboard.ts";

/**
 * The scalars of a trial.
 *
 * @param startedAt Seconds since 1970.
 */
export function trialScalars(
  { training, evaluations }: TrialRecord,
  startedAt: number,
): Scalar[] {
  return [
    ...training.flatMap((span) => at(span, startedAt, trainingNumbers(span))),
    ...evaluations.flatMap((one) => at(one, startedAt, evaluationNumbers(one))),
  ];
}

/** The scalars of a run's events: those of a trial, and what the student reports under `train/`. */
export function runScalars(
  events: Iterable<TandemEvent>,
  record: TrialRecord,
  startedAt: number,
): Scalar[] {
  const metrics = [...events].flatMap((event) => {
    if (event.type !== "iteration.ended") return [];
    return reportedScalars(event, startedAt);
  });
  return [...trialScalars(record, startedAt), ...metrics];
}

/** The scalars of one event after another, while a run goes on: the same as {@linkcode runScalars} gives. */
export class EventScalars {
  #now = START;

  /** @param startedAt Seconds since 1970. */
  constructor(private readonly startedAt: number) {}

  /** None for events without numbers. */
  of(event: TandemEvent): Scalar[] {
    const { startedAt } = this;
    if (event.type === "evaluated") {
      return at(this.#now, startedAt, evaluationNumbers(evaluationOf(event, this.#now)));
    }
    if (event.type !== "iteration.ended") return [];
    this.#now = positionAfter(event);
    return [
      ...at(this.#now, startedAt, trainingNumbers({ ...event, ...this.#now })),
      ...reportedScalars(event, startedAt),
    ];
  }
}

type IterationEnded = Extract<TandemEvent, { readonly type: "iteration.ended" }>;

/** What the student and the parts of a run report of an iteration. */
function reportedScalars({ metrics, envSteps, cost }: IterationEnded, startedAt: number): Scalar[] {
  const named = Object.entries(metrics).map(([name, value]) =>
    [`train/${snakeCase(name)}`, value] as const
  );
  return at({ envSteps, seconds: cost.seconds }, startedAt, Object.fromEntries(named));
}

function trainingNumbers(span: Omit<TrainingSpan, "advice">): Record<string, number | null> {
  const { ended, solved, seconds, envSteps, verdicts } = span;
  return {
    "rollout/ep_rew_mean": span.meanReward,
    "rollout/success_rate": ended > 0 ? solved / ended : null,
    "time/iterations": span.iteration,
    "time/time_elapsed": seconds,
    "time/fps": seconds > 0 ? envSteps / seconds : null,
    "tandem/guidance_followed": span.followed,
    "tandem/verdicts_positive": verdicts.positive,
    "tandem/verdicts_negative": verdicts.negative,
    "tandem/verdicts_abstained": verdicts.abstained,
    "tandem/teacher_calls": span.teacher.calls,
  };
}

function evaluationNumbers(one: Evaluation): Record<string, number | null> {
  return {
    "eval/success_rate": one.success,
    "eval/mean_reward": one.meanReward,
    "eval/mean_ep_length": one.meanSteps,
    "tandem/guidance_accuracy": one.guidance,
  };
}

/** Stable-Baselines3 counts environment steps. */
function at(
  { envSteps, seconds }: { readonly envSteps: number; readonly seconds: number },
  startedAt: number,
  numbers: Readonly<Record<string, number | null>>,
): Scalar[] {
  return Object.entries(numbers).flatMap(([tag, value]) =>
    value === null ? [] : [{ tag, value, step: envSteps, wallTime: startedAt + seconds }]
  );
}

/** "policyLoss" as "policy_loss". */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
