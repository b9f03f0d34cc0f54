/** How far a run has come, and what its next iteration starts from. */
import { TandemError } from "../base/errors.ts";
import { decodeObservations, type EncodedObservations, encodeObservations } from "../kit/codec.ts";
import type { EarlyEnd } from "./parts/parts.ts";
import type { RolloutTally } from "../kit/rollout_buffer.ts";
import type { Metrics, Observations, Progress, StageState } from "../stages/mod.ts";

interface KeptRun extends Omit<Counters, "observations"> {
  readonly observations: EncodedObservations;
}

/** What a run counts. */
type Counters = Pick<
  RunState,
  | "iteration"
  | "envSteps"
  | "episodes"
  | "metrics"
  | "counts"
  | "resets"
  | "earlyEnd"
  | "observations"
>;

/** Counters of a run between two iterations. */
export class RunState {
  /** Iterations begun. */
  iteration = 0;
  envSteps = 0;
  episodes = 0;
  /** What was reported of the last iteration. */
  metrics: Metrics = {};
  /** Episodes that ended in the last iteration, and how many of them were solved. */
  counts: Pick<RolloutTally, "ended" | "solved"> = { ended: 0, solved: 0 };
  /** How often the training worlds were started from seeds. */
  resets = 0;
  /** Set where a part has ended the run. */
  earlyEnd: EarlyEnd | undefined;

  /** @param observations s_0. */
  constructor(public observations: Observations) {}

  /**
   * What parts are told between two iterations.
   *
   * @param iterations Planned.
   */
  progress(iterations: number): Progress {
    const { iteration, counts: { ended, solved } } = this;
    return { iteration, iterations, ended, solved };
  }

  save(): StageState {
    const { iteration, envSteps, episodes, metrics, counts, resets, earlyEnd, observations } = this;
    const kept: KeptRun = {
      ...{ iteration, envSteps, episodes, metrics, counts, resets, earlyEnd },
      observations: encodeObservations(observations),
    };
    return { json: kept };
  }

  load({ json }: StageState): void {
    const { observations, ...counters } = json as KeptRun;
    for (const what of ["iteration", "envSteps", "episodes", "resets"] as const) {
      if (Number.isSafeInteger(counters[what]) && counters[what] >= 0) continue;
      throw new TandemError("E_CHECKPOINT", `Its ${what} are "${counters[what]}".`);
    }
    Object.assign(this, counters, {
      observations: decodeObservations(observations, this.observations),
    });
  }
}
