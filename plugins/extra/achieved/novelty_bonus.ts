import { between, whole } from "@tandem/core/kit";
import {
  type AnsweredStep,
  definePlugin,
  option,
  type OptionsOutput,
  type Plugin,
  type RunPart,
  type StageState,
} from "@tandem/core";
import { verbOf } from "./goals.ts";
import type { NoveltyBonusOptions } from "../options.ts";

const worth = between(0, 1e6);

const options = {
  pickUp: option("What each new pick-up of an episode is worth, in units of reward.", worth, 0.15),
  put: option(
    "What each new thing put next to another is worth, in units of reward.",
    worth,
    0.3,
  ),
  steps: option(
    "Steps, over all environments, in which that falls to 0 in a straight line; with 0 it stays.",
    whole(0, 1_000_000_000),
    100_000,
  ),
} as const;

/** Reward for what is done for the first time in an episode, which fades. */
export const noveltyBonus: Plugin<"extra", NoveltyBonusOptions> = definePlugin({
  kind: "extra",
  name: "novelty-bonus",
  description: "Reward for what is done for the first time in an episode, which fades.",
  details: `
    Adds a reward where a step picks up a thing, or puts it next to another, as no step of its
    episode has done before, whatever was asked (an episodic count-based bonus, as in Savinov et al., arXiv 1810.02274, and Henaff et
    al., arXiv 2210.05805, over what the env calls achieved): where a mission is many steps away,
    picking things up and putting them side by side is found first. It falls to 0 in a straight
    line, so that in the end the env's own reward alone is learned from; success and all that is
    measured count that one throughout.

    What ends an episode has its own reward and none of these. It needs an env that says what its
    steps achieve (\`achieved\`): on any other the run does not begin. Reported are how many goals
    were \`new\` in an iteration, the \`bonus\` that they came to, and the \`share\` of it that is left.`,
  options,
  create: (chosen, _context, { env }) => new Novelty(chosen, env.envs),
});

type Options = OptionsOutput<typeof options>;

interface Saved {
  readonly steps: number;
  readonly done: readonly (readonly string[])[];
}

class Novelty implements RunPart {
  readonly usesAchieved = true;
  readonly #rewards: ReadonlyMap<string, number>;
  /** Of each environment: what its episode has achieved. */
  readonly #done: Set<string>[];
  /** Steps of all environments. */
  #steps = 0;
  #counts = { new: 0, bonus: 0 };

  constructor(private readonly options: Options, envs: number) {
    this.#rewards = new Map([["pick up", options.pickUp], ["put", options.put]]);
    this.#done = Array.from({ length: envs }, () => new Set<string>());
  }

  answer({ step: { terminated, truncated }, achieved, firsts }: AnsweredStep): Float32Array | void {
    const { length: envs } = this.#done;
    const { share } = this;
    this.#steps += envs;
    if (share === 0) return;
    return Float32Array.from(this.#done, (done, i) => {
      if (firsts[i] === 1) done.clear();
      if (terminated[i] === 1 || truncated[i] === 1) return 0;
      const bonus = share * this.#worth(done, achieved(i));
      this.#counts.bonus += bonus;
      return bonus;
    });
  }

  /** What is left of the rewards. */
  get share(): number {
    const { steps } = this.options;
    return steps === 0 ? 1 : Math.max(0, 1 - this.#steps / steps);
  }

  report(): { new: number; bonus: number; share: number } {
    const reported = { ...this.#counts, share: this.share };
    this.#counts = { new: 0, bonus: 0 };
    return reported;
  }

  save(): StageState {
    const json: Saved = { steps: this.#steps, done: this.#done.map((done) => [...done]) };
    return { json };
  }

  load({ json }: StageState): void {
    const { steps, done } = json as Saved;
    this.#steps = steps;
    this.#done.forEach((own, i) => {
      own.clear();
      for (const goal of done[i]!) own.add(goal);
    });
  }

  #worth(done: Set<string>, goals: readonly string[]): number {
    let sum = 0;
    for (const goal of goals) {
      const worth = this.#rewards.get(verbOf(goal));
      if (worth === undefined || done.has(goal)) continue;
      done.add(goal);
      this.#counts.new++;
      sum += worth;
    }
    return sum;
  }
}
