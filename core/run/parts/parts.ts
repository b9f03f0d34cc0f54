/** All that takes part in a run beside the five stages, asked in order. */
import type { EnvChange } from "./env_slot.ts";
import { joinReplays } from "./joined_replay.ts";
import type { StepView } from "./step_view.ts";
import { outsideText } from "../../base/outside.ts";
import {
  type DecidedStep,
  type EvaluationResult,
  isPromise,
  type MaybePromise,
  type Metrics,
  type Observations,
  type Progress,
  type Replay,
  type Rollout,
  type RunPart,
  type RunRequest,
  type Samples,
  type Verdicts,
} from "../../stages/mod.ts";

/** Why a run ended before its last iteration, and by which extra stage. */
export interface EarlyEnd {
  /** The extra stage, as "extra.NAME". */
  readonly by: string;
  /** Its words. */
  readonly reason: string;
}

/** What the parts ask of a run. */
export interface Requests {
  /** Options that the env shall have; absent where no part says anything about them. */
  readonly env?: EnvChange;
  readonly end?: EarlyEnd;
}

/** Transitions by the extra stages that hand them in. */
export type Practice = readonly (readonly [by: string, samples: Samples])[];

type With<M extends keyof RunPart> = RunPart & Required<Pick<RunPart, M>>;

/** The run's own parts, then the extra stages in the pipeline's order. */
export class Parts {
  #deciding: readonly With<"decide">[] = [];
  #answering: readonly With<"answer">[] = [];
  #judging: readonly With<"judge">[] = [];
  #end: EarlyEnd | undefined;

  /**
   * @param own The run's own.
   * @param extras By name; one may be replaced there between two iterations.
   */
  constructor(
    private readonly own: readonly RunPart[],
    private readonly extras: Readonly<Record<string, RunPart>>,
  ) {}

  /** Before an iteration: what is asked of the run. */
  async begin(progress: Progress): Promise<Requests> {
    const all = [...this.own, ...Object.values(this.extras)];
    const having = <M extends keyof RunPart>(method: M) =>
      all.filter((part): part is With<M> => part[method] !== undefined);
    [this.#deciding, this.#answering] = [having("decide"), having("answer")];
    this.#judging = having("judge");
    for (const part of this.own) await part.begin?.(progress);
    let env: EnvChange | undefined;
    for (const [by, part] of Object.entries(this.extras)) {
      const request = await part.begin?.(progress);
      if (request?.env) env = { ...env, ...request.env };
      this.#note(by, request);
    }
    return { ...env && { env }, ...this.ask() };
  }

  /** What was asked since the iteration began, and is not asked again. */
  ask(): Pick<Requests, "end"> {
    const end = this.#end;
    this.#end = undefined;
    return end ? { end } : {};
  }

  /** A promise only where a part gives one, so that a step costs none. */
  decide(step: DecidedStep, from = 0): MaybePromise<void> {
    for (let k = from; k < this.#deciding.length; k++) {
      const waiting = this.#deciding[k]!.decide(step);
      if (waiting) return waiting.then(() => this.decide(step, k + 1));
    }
  }

  /** Lets the parts add to the rewards of `step.step`. */
  answer(step: StepView, from = 0): MaybePromise<void> {
    for (let k = from; k < this.#answering.length; k++) {
      const added = this.#answering[k]!.answer(step);
      if (isPromise(added)) {
        return added.then((rewards) => {
          if (rewards) step.add(rewards);
          return this.answer(step, k + 1);
        });
      }
      if (added) step.add(added);
    }
  }

  /** On verdicts for the steps of an iteration from t on. */
  judge(
    rollout: Rollout,
    verdicts: readonly Verdicts[],
    iteration: number,
    t: number,
  ): MaybePromise<void> {
    if (this.#judging.length === 0) return;
    const judged = { rollout, verdicts, iteration, t };
    const tell = async () => {
      for (const part of this.#judging) await part.judge(judged);
    };
    return tell();
  }

  /**
   * @param next The observations after the rollout's last step.
   * @returns What extra stages hand in for the student to practise on, by their names.
   */
  async finish(rollout: Rollout, next: Observations): Promise<Practice> {
    for (const part of this.own) await part.finish?.(rollout, next);
    const practice: [string, Samples][] = [];
    for (const [name, part] of Object.entries(this.extras)) {
      const samples = await part.finish?.(rollout, next);
      if (samples && samples.size > 0) practice.push([name, samples]);
    }
    return practice;
  }

  /** Past steps for the student to learn from beside a rollout; undefined where none are held. */
  replay(): Replay | undefined {
    return joinReplays(Object.values(this.extras).flatMap((part) => part.replay?.() ?? []));
  }

  /** What is reported of a rollout; by the extra stages as `extra/NAME/WHAT`. */
  report(rollout: Rollout, progress: Progress): Metrics {
    const metrics: Record<string, number> = {};
    for (const part of this.own) Object.assign(metrics, part.report?.(rollout, progress));
    for (const [name, part] of Object.entries(this.extras)) {
      for (const [what, value] of Object.entries(part.report?.(rollout, progress) ?? {})) {
        metrics[`extra/${name}/${what}`] = value;
      }
    }
    return metrics;
  }

  /** After a measurement on held-out worlds. */
  async evaluate(evaluation: EvaluationResult): Promise<void> {
    for (const [by, part] of Object.entries(this.extras)) {
      this.#note(by, await part.evaluate?.(evaluation));
    }
  }

  /** The first that asks for the end is named. */
  #note(by: string, request: Pick<RunRequest, "stop"> | void): void {
    const reason = request?.stop;
    if (reason !== undefined) this.#end ??= { by, reason: outsideText(reason) };
  }
}
