/** What a feedback rule asks for beyond the student's own advantages, gathered as a rollout grows. */
import type { Context } from "../../kit/context.ts";
import { Counterfactual } from "./counterfactual.ts";
import { TandemError } from "../../stages/errors.ts";
import { type CopiableStudent, FrozenCritic } from "./frozen_critic.ts";
import { stateDict } from "../../kit/state_dict.ts";
import { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import type {
  Decision,
  Env,
  EnvStep,
  EvidenceRequest,
  Guidance,
  MaybePromise,
  Observations,
  Rollout,
  Stages,
  StageState,
  Stateful,
  Student,
} from "../../stages/mod.ts";

/** What evidence is gathered with. */
export interface EvidenceParts {
  readonly stages: Stages;
  readonly request: EvidenceRequest;
  /** Steps of a rollout, T. */
  readonly steps: number;
  readonly context: Context;
  /** Makes another env like the pipeline's. */
  twin(): MaybePromise<Env>;
  /** Makes another student like the pipeline's. */
  copy(): MaybePromise<Student>;
}

/** Gathers the evidence of one run. */
export class Evidence {
  readonly #effects: Float32Array[] = [];

  private constructor(
    private readonly stages: Stages,
    private readonly critic: FrozenCritic | undefined,
    private readonly branches: Counterfactual | undefined,
  ) {}

  /** @throws {TandemError} E_WIRING where a stage lacks what the request needs. */
  static async open(parts: EvidenceParts): Promise<Evidence> {
    const { stages, request, steps, context } = parts;
    const { frozenCritic, counterfactual } = request;
    const { env, student } = stages;
    if (env.spec.actionBox) {
      throw new TandemError(
        "E_WIRING",
        `The feedback rule asks for evidence of each action, and those of "${env.spec.id}" are floats.`,
      );
    }
    let critic, branches;
    if (frozenCritic) {
      expectMethods("frozen critic", "student", student, ["policy", "save", "load"]);
      const buffer = new RolloutBuffer(env.spec, steps, false);
      critic = new FrozenCritic(
        await parts.copy() as CopiableStudent,
        buffer,
        frozenCritic.every,
      );
    }
    if (counterfactual) {
      expectMethods("counterfactual", "student", student, ["policy"]);
      expectMethods("counterfactual", "env", env, ["save", "load"]);
      const random = context.random("counterfactual");
      branches = new Counterfactual(
        await parts.twin() as Env & Required<Pick<Env, "load">>,
        student as Student & Required<Pick<Student, "policy">>,
        random,
        counterfactual,
        context.breathe,
      );
    }
    return new Evidence(stages, critic, branches);
  }

  /** What it remembers from one rollout to the next. */
  save(): Promise<StageState> {
    return this.#state.save() as Promise<StageState>;
  }

  /** Goes on where {@linkcode save} was called. */
  async load(state: StageState): Promise<void> {
    await this.#state.load(state);
  }

  get #state(): ReturnType<typeof stateDict> {
    return stateDict({ ...this.critic?.parts, ...this.branches && { branches: this.branches } });
  }

  /** Before a rollout. */
  async begin(iteration: number): Promise<void> {
    await this.critic?.renew(this.stages.student as CopiableStudent, iteration);
  }

  /**
   * At step t, when x_t and a_t are known and the env has not answered.
   *
   * @param memory [N, W] what the student remembered before s_t, if it has memory.
   */
  async decide(
    t: number,
    observations: Observations,
    guidance: Guidance,
    decision: Decision,
    memory?: Float32Array,
  ): Promise<void> {
    await this.critic?.decide(t, observations, guidance, decision);
    if (!this.branches) return;
    const state = await this.stages.env.save!();
    this.#effects[t] = await this.branches.effects(state, observations, guidance, memory);
  }

  /** When the env has answered at step t. */
  async answer(t: number, step: EnvStep): Promise<void> {
    await this.critic?.answer(t, step);
  }

  /** After the last step of a rollout. */
  async finish(observations: Observations): Promise<void> {
    await this.critic?.finish(observations);
  }

  /** Steps `from` to `to` (exclusive) as the frozen critic sees them, if one was asked for. */
  frozen(from: number, to: number): Rollout | undefined {
    return this.critic?.window(from, to);
  }

  /** [N] the effects of the guidance of step t, if they were asked for. */
  effects(t: number): Float32Array | undefined {
    return this.#effects[t];
  }
}

function expectMethods(
  evidence: string,
  kind: "env" | "student",
  stage: Stateful,
  methods: readonly string[],
): void {
  const missing = methods.find((method) => !(method in stage));
  if (missing === undefined) return;
  throw new TandemError(
    "E_WIRING",
    `The feedback rule asks for a ${evidence}, and the ${kind} has no method "${missing}".`,
  );
}
