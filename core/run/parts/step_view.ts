/** A step as the parts of a run see it: one object for all steps, so that a step allocates none. */
import { expectFinite, expectLength } from "../../kit/shapes.ts";
import type { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import type {
  AnsweredStep,
  DecidedStep,
  Decision,
  Env,
  EnvStep,
  Guidance,
  Observations,
} from "../../stages/mod.ts";

/** The step at hand; `step` is there when the env has answered. */
export class StepView implements DecidedStep, AnsweredStep {
  iteration = 0;
  t = 0;
  observations!: Observations;
  guidance!: Guidance;
  decision!: Decision;
  step!: EnvStep;

  /** A property, so that it can be taken off the step. */
  readonly achieved = (i: number): readonly string[] => this.env().achieved?.(i) ?? [];

  /**
   * @param buffer Has recorded the step's decision.
   * @param env The env that is played now.
   */
  constructor(private readonly buffer: RolloutBuffer, private readonly env: () => Env) {}

  get keys(): Float64Array {
    return this.buffer.keysAt(this.t);
  }

  get firsts(): Uint8Array {
    return this.buffer.firstsAt(this.t);
  }

  get memory(): Float32Array | undefined {
    return this.buffer.memoryAt(this.t);
  }

  /** Goes over to the next step. */
  decided(t: number, seen: Observations, guidance: Guidance, decision: Decision): this {
    [this.t, this.observations, this.guidance, this.decision] = [t, seen, guidance, decision];
    return this;
  }

  /** When the env has answered. */
  answered(step: EnvStep): this {
    this.step = step;
    return this;
  }

  /** [N] adds to the rewards; the env's own stay as they are. @throws E_SHAPE, E_NUMERIC */
  add(added: Float32Array): void {
    const { observations, terminated, truncated, finals } = this.step;
    expectLength("extra", "rewards", added, terminated.length);
    expectFinite("extra", "rewards", added);
    const rewards = this.step.rewards.map((reward, i) => reward + added[i]!);
    this.step = { observations, rewards, terminated, truncated, finals };
  }
}
