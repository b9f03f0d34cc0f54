/** A critic that stands still while the student learns. */
import type { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import type {
  DecidedStep,
  EnvStep,
  Observations,
  Rollout,
  Stateful,
  Student,
} from "../../stages/mod.ts";

/** A student that can be copied and asked. */
export type CopiableStudent = Student & Required<Pick<Student, "policy" | "save" | "load">>;

/**
 * Records a rollout a second time, with the Q and V of a copy of the student: what the advantage
 * estimator makes of it does not drift as the student learns.
 */
export class FrozenCritic {
  /**
   * @param copy A second student of the same kind, which never learns.
   * @param buffer A buffer of its own.
   * @param every Iterations between renewals.
   */
  constructor(
    private readonly copy: CopiableStudent,
    private readonly buffer: RolloutBuffer,
    private readonly every: number,
  ) {}

  /** The copy, and what its buffer takes over. */
  get parts(): Readonly<Record<string, Stateful>> {
    return { copy: this.copy, buffer: this.buffer };
  }

  /** Copies the student before the iterations 1, 1 + every, 1 + 2 every, ... */
  async renew(student: CopiableStudent, iteration: number): Promise<void> {
    if ((iteration - 1) % this.every === 0) await this.copy.load(await student.save());
  }

  async decide({ t, observations, guidance, decision }: DecidedStep): Promise<void> {
    const memory = this.buffer.recall(t, this.copy.memory);
    const { qValues, values } = await this.copy.policy(observations, guidance, memory);
    if (memory) this.copy.remember?.(observations, decision.actions, memory);
    const count = qValues.length / values.length;
    const taken = Float32Array.from(decision.actions, (action, i) => qValues[i * count + action]!);
    this.buffer.decide(t, observations, guidance, { ...decision, qValues: taken, values });
    if (t > 0) this.buffer.complete(t - 1, values);
  }

  async answer(t: number, step: EnvStep): Promise<void> {
    const { buffer } = this;
    if (!buffer.answer(t, step)) return;
    const said = buffer.guidance[t];
    buffer.bootstrap(t, await this.copy.values(step.finals, buffer.remembered, said));
  }

  /** The rollout ends before these observations. */
  async finish(observations: Observations): Promise<void> {
    const { buffer } = this;
    const last = buffer.steps - 1;
    const said = buffer.guidance[last];
    buffer.complete(last, await this.copy.values(observations, buffer.remembered, said));
  }

  /** Steps `from` to `to` (exclusive) as the frozen critic sees them. */
  window(from: number, to: number): Rollout {
    return this.buffer.window(from, to);
  }
}
