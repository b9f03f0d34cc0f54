import type { Oracle } from "../../../core/stages.ts";
import { Expert } from "./expert.ts";
import { planPhrase } from "./plan_words.ts";
import type { BabyAIVector } from "./vector.ts";

/** The experts of N worlds: one follows each, and plans only when asked. */
export class BabyAIOracle implements Oracle {
  readonly #vector: BabyAIVector;
  readonly #experts: readonly Expert[];

  /** @param vector Worlds at the start of their episodes, or the experts have missed what was seen. */
  constructor(vector: BabyAIVector) {
    this.#vector = vector;
    this.#experts = Array.from({ length: vector.envs }, (_, i) => new Expert(vector.world(i)));
  }

  /** New episodes have started in all worlds. */
  restart(): void {
    for (const expert of this.#experts) expert.begin();
  }

  /** Every agent has acted [N]; worlds whose episode ended have started anew. */
  follow(actions: Int32Array): void {
    const { terminated, truncated } = this.#vector;
    for (let i = 0; i < actions.length; i++) {
      if (terminated[i] === 1 || truncated[i] === 1) this.#experts[i]!.begin();
      else this.#experts[i]!.record(actions[i]!);
    }
  }

  action(i: number): number {
    return this.#experts[i]!.action();
  }

  isRight(i: number, action: number): boolean {
    return this.#experts[i]!.isRight(action);
  }

  subgoal(i: number): string {
    return this.#experts[i]!.action() < 0 ? "" : this.#experts[i]!.subgoal();
  }

  plan(i: number): string {
    return this.#experts[i]!.action() < 0 ? "" : planPhrase(this.#experts[i]!.plan());
  }
}
