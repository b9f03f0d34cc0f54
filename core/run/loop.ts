/** The loop: every step of a pipeline, in the order in which its values cross between the stages. */
import type { AdviceEdge } from "./parts/advice_edge.ts";
import type { Context } from "../kit/context.ts";
import type { OpenStages } from "./open_stages.ts";
import type { Parts, Practice } from "./parts/parts.ts";
import type { RolloutBuffer } from "../kit/rollout_buffer.ts";
import type { RunState } from "./run_state.ts";
import { StepView } from "./parts/step_view.ts";
import { withinBox } from "../kit/tensors.ts";
import type { Stopwatch } from "./parts/stopwatch.ts";
import { isPromise } from "../stages/mod.ts";

/** What a loop works with. */
export interface LoopContext {
  readonly stages: OpenStages;
  readonly parts: Parts;
  readonly advice: AdviceEdge;
  readonly buffer: RolloutBuffer;
  readonly at: RunState;
  readonly watch: Stopwatch;
  readonly context: Context;
  /** Whether the teacher declares that it asks the expert. */
  readonly withOracle: boolean;
}

/** Fills the buffer with a rollout; verdicts are given by the judge, which is one of the parts. */
export class Loop {
  readonly #view: StepView;

  constructor(private readonly context: LoopContext) {
    this.#view = new StepView(context.buffer, () => context.stages.env);
  }

  /**
   * s_t -> x_t -> a_t -> r_tp1, s_tp1, T times. Nothing waits and nothing is allocated without need.
   *
   * @returns What parts hand in for the student to practise on.
   */
  async rollout(): Promise<Practice> {
    const { stages, parts, advice, buffer, at, watch, context: { clock, breathe } } = this.context;
    const { env, student } = stages;
    const oracle = this.context.withOracle ? env.oracle : undefined;
    const view = this.#view;
    view.iteration = at.iteration;
    for (let t = 0; t < buffer.steps; t++) {
      const turn = breathe();
      if (turn) await turn;
      const seen = at.observations;
      const memory = buffer.recall(t, student.memory);
      const asked = clock.now();
      const advised = advice.advise(seen, oracle, memory);
      const guidance = isPromise(advised) ? await advised : advised;
      const told = watch.add("teacher", asked);
      const acted = student.act(seen, guidance, "train", memory);
      const decision = isPromise(acted) ? await acted : acted;
      watch.add("student", told);
      buffer.decide(t, seen, guidance, decision);
      if (t > 0) buffer.complete(t - 1, decision.values);
      const deciding = parts.decide(view.decided(t, seen, guidance, decision));
      if (deciding) await deciding;
      const answered = watch.time("env", () => env.step(withinBox(decision.actions, env.spec)));
      const { rewards } = answered;
      const answering = parts.answer(view.answered(answered));
      if (answering) await answering;
      const { step } = view; // the rewards are the env's and what the parts added
      if (buffer.answer(t, step, rewards)) {
        buffer.bootstrap(t, await student.values(step.finals, buffer.remembered, guidance));
      }
      at.observations = step.observations;
    }
    const said = buffer.guidance[buffer.steps - 1];
    const last = await student.values(at.observations, buffer.remembered, said);
    buffer.complete(buffer.steps - 1, last);
    at.envSteps += buffer.steps * buffer.envs;
    return await parts.finish(buffer, at.observations);
  }
}
