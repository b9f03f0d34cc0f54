/** The extra stages of a run, each asked on the edges that it stands on. */
import { ChangingEnv } from "./env_slot.ts";
import { expectFinite, expectLength } from "../../kit/shapes.ts";
import type {
  Env,
  EnvStep,
  Metrics,
  PassingStep,
  Progress,
  Rollout,
  RunPart,
} from "../../stages/mod.ts";

/** A rollout's step, as an extra stage is told of it. */
export type Passing = Omit<PassingStep, "achieved">;

/** Asks the extra stages in the pipeline's order. */
export class Extras {
  /** @param stages By name; one may be replaced there. */
  constructor(
    private readonly stages: Readonly<Record<string, RunPart>>,
    private readonly env: Env,
  ) {}

  /** How many there are. */
  get count(): number {
    return Object.keys(this.stages).length;
  }

  get #all(): [name: string, stage: RunPart][] {
    return Object.entries(this.stages);
  }

  /**
   * Before a rollout: brings the env to the options that the extra stages want.
   *
   * @returns Whether it is another one, which has to be reset.
   */
  async changeWorld(progress: Progress): Promise<boolean> {
    if (!(this.env instanceof ChangingEnv)) return false;
    let changed = false;
    for (const [, extra] of this.#all) {
      const change = extra.world?.(progress);
      if (change) changed = await this.env.change(change) || changed;
    }
    return changed;
  }

  /** The env's answer with the rewards that the student shall see. */
  reward(passing: Passing): EnvStep {
    const { step } = passing;
    let rewards: Float32Array | undefined;
    for (const [, extra] of this.#all) {
      const achieved = (i: number) => this.env.achieved?.(i) ?? [];
      const added = extra.reward?.({ ...passing, achieved });
      if (!added) continue;
      expectLength("extra", "rewards", added, step.rewards.length);
      expectFinite("extra", "rewards", added);
      rewards = (rewards ?? step.rewards).map((reward, i) => reward + added[i]!);
    }
    if (!rewards) return step;
    const { observations, terminated, truncated, finals } = step;
    return { observations, rewards, terminated, truncated, finals };
  }

  /** What the extra stages report of a rollout, as `extra/NAME/WHAT`. */
  report(rollout: Rollout, progress: Progress): Metrics {
    const metrics: Record<string, number> = {};
    for (const [name, extra] of this.#all) {
      for (const [what, value] of Object.entries(extra.report?.(rollout, progress) ?? {})) {
        metrics[`extra/${name}/${what}`] = value;
      }
    }
    return metrics;
  }
}
