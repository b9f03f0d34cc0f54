import { definePlugin, option } from "@tandem/core";
import type {
  Context,
  Feedback,
  Guidance,
  Mode,
  Observations,
  StageState,
  Teacher,
} from "@tandem/core";
import { argmax, drawFrom, type Pcg64, type Pcg64State, silence } from "@tandem/core/kit";
import * as v from "valibot";

const options = {
  learningRate: option(
    "How much a verdict changes a candidate's weight.",
    v.pipe(v.number(), v.gtValue(0)),
    0.1,
  ),
} as const;

export default definePlugin({
  kind: "teacher",
  name: "my-plugin",
  description: "Suggests what was praised.",
  details: `
    Suggests actions in proportion to weights that verdicts change. State your own method here.`,
  options,
  fits: ["action"],
  create: ({ learningRate }, context, { env }) =>
    new Remembering(learningRate, context, env.actions),
});

class Remembering implements Teacher {
  readonly grain = "action";
  readonly learnsBy = ["logits"] as const;
  readonly #random: Pcg64;
  readonly #logits: Float64Array;
  #calls = 0;

  constructor(
    readonly learningRate: number,
    context: Context,
    readonly candidates: readonly string[],
  ) {
    this.#random = context.random("teacher");
    this.#logits = new Float64Array(candidates.length);
  }

  advise({ envs }: Observations, mode: Mode): Guidance {
    const guidance = silence(envs, this.candidates);
    const count = this.candidates.length;
    const weights = this.#logits.map(Math.exp);
    const sum = weights.reduce((all, weight) => all + weight, 0);
    const shares = weights.map((weight) => weight / sum);
    for (let i = 0; i < envs; i++) {
      const choice = mode === "train"
        ? drawFrom(shares, 0, count, this.#random.random())
        : argmax(shares);
      guidance.choices[i] = choice;
      guidance.logProbs[i] = Math.log(shares[choice]!);
      guidance.distribution.set(shares, i * count);
    }
    this.#calls += envs;
    return guidance;
  }

  receive({ rollout, verdicts }: Feedback): void {
    for (const [t, { signs }] of verdicts.entries()) {
      const { choices } = rollout.guidance[t]!;
      for (const [i, choice] of choices.entries()) {
        if (choice >= 0) this.#logits[choice]! += this.learningRate * signs[i]!;
      }
    }
  }

  usage() {
    return { calls: this.#calls, cacheHits: 0, tokens: 0 };
  }

  save(): StageState {
    return { json: { logits: [...this.#logits], random: this.#random.save() } };
  }

  load({ json }: StageState): void {
    const saved = json as { logits: number[]; random: Pcg64State };
    this.#logits.set(saved.logits);
    this.#random.load(saved.random);
  }
}
