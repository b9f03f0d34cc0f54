/** What a feedback rule asks for beyond the student's own advantages, gathered as a rollout grows. */
import type { Context } from "../../kit/context.ts";
import { Counterfactual } from "./counterfactual.ts";
import { TandemError } from "../../base/errors.ts";
import { type CopiableStudent, FrozenCritic } from "./frozen_critic.ts";
import { stateDict } from "../../kit/state_dict.ts";
import { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import type { EnvSlot } from "./env_slot.ts";
import type {
  AnsweredStep,
  DecidedStep,
  EvidenceRequest,
  MaybePromise,
  Observations,
  Progress,
  Rollout,
  RunPart,
  StageState,
  Stateful,
  Student,
} from "../../stages/mod.ts";

/** What evidence is gathered with. */
export interface EvidenceParts {
  readonly env: EnvSlot;
  /** The student now: it may be replaced. */
  student(): Student;
  readonly request: EvidenceRequest;
  /** Steps of a rollout, T. */
  readonly steps: number;
  readonly context: Context;
  /** Makes another env like the pipeline's. */
  twin(): MaybePromise<EnvSlot>;
  /** Makes another student like the pipeline's. */
  copy(): MaybePromise<Student>;
}

/** Gathers the evidence of one run. */
export class Evidence implements RunPart {
  readonly #effects: Float32Array[] = [];

  private constructor(
    private readonly env: EnvSlot,
    private readonly student: () => Student,
    private readonly critic: FrozenCritic | undefined,
    private readonly branches: Counterfactual | undefined,
  ) {}

  /** @throws {TandemError} E_WIRING where a stage lacks what the request needs. */
  static async open(parts: EvidenceParts): Promise<Evidence> {
    const { env, request, steps, context } = parts;
    const { frozenCritic, counterfactual } = request;
    const student = parts.student();
    const { spec } = env.now;
    if (spec.actionBox) {
      throw new TandemError(
        "E_WIRING",
        `The feedback rule asks for evidence of each action, and those of "${spec.id}" are floats.`,
      );
    }
    let critic, branches;
    if (frozenCritic) {
      expectMethods("frozen critic", "student", student, ["policy", "save", "load"]);
      const buffer = new RolloutBuffer(spec, steps, false);
      critic = new FrozenCritic(
        await parts.copy() as CopiableStudent,
        buffer,
        frozenCritic.every,
      );
    }
    if (counterfactual) {
      expectMethods("counterfactual", "student", student, ["policy"]);
      expectMethods("counterfactual", "env", env.now, ["save", "load"]);
      const random = context.random("counterfactual");
      branches = new Counterfactual(
        await parts.twin() as EnvSlot & Required<Pick<EnvSlot, "load">>,
        student as Student & Required<Pick<Student, "policy">>,
        random,
        counterfactual,
        context.breathe,
      );
    }
    return new Evidence(env, parts.student, critic, branches);
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

  async begin({ iteration }: Progress): Promise<void> {
    await this.critic?.renew(this.student() as CopiableStudent, iteration + 1);
  }

  async decide(step: DecidedStep): Promise<void> {
    await this.critic?.decide(step);
    if (!this.branches) return;
    const { t, observations, guidance, memory } = step;
    const state = await this.env.save!();
    this.#effects[t] = await this.branches.effects(state, observations, guidance, memory);
  }

  async answer({ t, step }: AnsweredStep): Promise<void> {
    await this.critic?.answer(t, step);
  }

  async finish(_rollout: Rollout, next: Observations): Promise<void> {
    await this.critic?.finish(next);
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
