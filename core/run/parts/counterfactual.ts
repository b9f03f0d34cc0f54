/** The causal effect of guidance: the same state and draws, with and without it. */
import type { Breathe } from "../../kit/breath.ts";
import { drawFrom, silence } from "../../kit/guidance.ts";
import type { Pcg64, Pcg64State } from "../../kit/random.ts";
import { expectPolicy } from "../../kit/shapes.ts";
import type {
  Env,
  EvidenceRequest,
  Guidance,
  MaybePromise,
  Observations,
  PolicyView,
  StageState,
  Student,
} from "../../stages/mod.ts";

/** An env in which a state can be taken up. */
export interface Twin {
  readonly now: Env;
  load(state: StageState): MaybePromise<void>;
}

/** Plays out what follows from a state twice, on a twin of the env. */
export class Counterfactual {
  /**
   * @param twin An env of the same size, which is overwritten.
   * @param student Has `policy`.
   * @param random Draws the actions of both branches.
   */
  constructor(
    private readonly twin: Twin,
    private readonly student: Required<Pick<Student, "policy">> & Student,
    private readonly random: Pcg64,
    private readonly request: NonNullable<EvidenceRequest["counterfactual"]>,
    private readonly breathe: Breathe = () => undefined,
  ) {}

  /**
   * [N] G(x_t) - G(no x_t), where G is the sum of discount^h r up to the horizon or the episode's
   * end, and discount^horizon V(s) where the episode goes on or was truncated. Action draws are the
   * same uniform numbers in both branches (common random numbers), as is the env's randomness: where
   * guidance does not change the policy, the effect is exactly 0.
   *
   * @param state The env's state now.
   * @param observations What it shows now.
   * @param memory [N, W] what the student remembers of the states before, if it has memory.
   */
  async effects(
    state: StageState,
    observations: Observations,
    guidance: Guidance,
    memory?: Float32Array,
  ): Promise<Float32Array> {
    const { envs } = observations;
    const draws = Float64Array.from(
      { length: envs * this.request.horizon },
      () => this.random.random(),
    );
    const silent = silence(envs, guidance.candidates);
    const play = (first: Guidance) =>
      this.#play(state, observations, [first, silent], draws, memory?.slice());
    const [told, untold] = [await play(guidance), await play(silent)];
    return told.map((value, i) => value - untold[i]!);
  }

  /** Where its draws stand. */
  save(): StageState {
    return { json: this.random.save() };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    this.random.load(json as Pcg64State);
  }

  async #play(
    state: StageState,
    observations: Observations,
    [first, later]: readonly [Guidance, Guidance],
    draws: Float64Array,
    memory: Float32Array | undefined,
  ): Promise<Float32Array> {
    const { twin, student } = this;
    const { horizon, discount } = this.request;
    const { envs } = observations;
    const returns = new Float32Array(envs);
    const running = new Uint8Array(envs).fill(1);
    await twin.load(state);
    const env = twin.now;
    let weight = 1;
    for (let h = 0; h < horizon && running.includes(1); h++) {
      const turn = this.breathe();
      if (turn) await turn;
      const said = h === 0 ? first : later;
      const view = expectPolicy(
        await student.policy(observations, said, memory),
        envs,
        env.spec.actions.length,
      );
      const actions = actionsOf(view, draws.subarray(h * envs, (h + 1) * envs));
      if (memory) student.remember?.(observations, actions, memory);
      const step = env.step(actions);
      const finals = step.truncated.includes(1)
        ? await student.values(step.finals, memory)
        : undefined;
      for (let i = 0; i < envs; i++) {
        if (running[i] === 0) continue;
        returns[i]! += weight * step.rewards[i]!;
        if (step.terminated[i] === 1 || step.truncated[i] === 1) running[i] = 0;
        if (step.terminated[i] === 0 && step.truncated[i] === 1) {
          returns[i]! += weight * discount * finals![i]!;
        }
      }
      observations = step.observations;
      weight *= discount;
    }
    const values = await student.values(observations, memory);
    return returns.map((value, i) => running[i] === 1 ? value + weight * values[i]! : value);
  }
}

/** An action an environment by the policy and a uniform draw each. */
function actionsOf({ probabilities }: PolicyView, draws: Float64Array): Int32Array {
  const count = probabilities.length / draws.length;
  return Int32Array.from(draws, (draw, i) => drawFrom(probabilities, i * count, count, draw));
}
