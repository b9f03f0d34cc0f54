import { between, share, suggestionOf, whole } from "@tandem/core/kit";
import {
  type AnsweredStep,
  definePlugin,
  option,
  type Plugin,
  type RunPart,
  type StageState,
} from "@tandem/core";
import type { EllmOptions } from "./options.ts";

const options = {
  weight: option("What a reached goal is worth, in units of reward.", between(0, 1e6), 0.1),
  threshold: option(
    "Least likeness of what was achieved to a goal, as the cosine of their words' counts.",
    share,
    0.99,
  ),
  patience: option(
    "Steps for which a goal stays open after it was named: 1 is the step itself.",
    whole(1, 1_000_000),
    1,
  ),
} as const;

/** Intrinsic reward for reaching the goals that the teacher names. */
export const ellm: Plugin<"extra", EllmOptions> = definePlugin({
  kind: "extra",
  name: "ellm",
  description: "Intrinsic reward for reaching the goals that the teacher names.",
  details: `
    Intrinsic reward for reaching the goals that the teacher names (ELLM: Du et al., arXiv
    2302.06692, section 3.2): weight x likeness where what a step achieved is like an open goal by
    at least the threshold, once a goal and episode. A plan's goals are those between its commas
    and "then"s.

    What a step achieves is what the env says it does, and the action's name where the action
    changed what is seen. The likeness is the cosine between counts of words, in place of the
    paper's sentence embeddings: goals have to be named in the env's words.`,
  options,
  create: (chosen, _context, { env }) => new GoalReward(chosen, env.envs, env.actions),
});

/** The goals of an environment's episode. */
interface Goals {
  /** Steps for which a goal is open yet, by its words. */
  readonly open: Map<string, number>;
  readonly reached: Set<string>;
}

class GoalReward implements RunPart {
  #goals: Goals[];
  #count = 0;

  constructor(
    private readonly options: { weight: number; threshold: number; patience: number },
    envs: number,
    private readonly actions: readonly string[],
  ) {
    this.#goals = Array.from({ length: envs }, () => ({ open: new Map(), reached: new Set() }));
  }

  answer(answered: AnsweredStep): Float32Array {
    const { terminated, truncated } = answered.step;
    return Float32Array.from(this.#goals, (goals, i) => {
      this.#name(goals, answered, i);
      const reward = this.#reach(goals, this.#captions(answered, i));
      if (terminated[i] === 1 || truncated[i] === 1) {
        goals.open.clear();
        goals.reached.clear();
      }
      return reward;
    });
  }

  report(): { reached: number } {
    const reached = this.#count;
    this.#count = 0;
    return { reached };
  }

  save(): StageState {
    const goals = this.#goals.map(({ open, reached }) => ({
      open: [...open],
      reached: [...reached],
    }));
    return { json: { goals, count: this.#count } };
  }

  load({ json }: StageState): void {
    const saved = json as {
      goals: { open: [string, number][]; reached: string[] }[];
      count: number;
    };
    this.#count = saved.count;
    this.#goals = saved.goals.map(({ open, reached }) => ({
      open: new Map(open),
      reached: new Set(reached),
    }));
  }

  /** Opens the goals that the teacher names now. */
  #name({ open, reached }: Goals, { guidance }: AnsweredStep, i: number): void {
    if (guidance.choices[i]! < 0) return;
    for (const goal of suggestionOf(guidance, i).split(/[,;\n]|\bthen\b/)) {
      const words = wordsOf(goal).join(" ");
      if (words !== "" && !reached.has(words)) open.set(words, this.options.patience);
    }
  }

  /** What the step achieved. */
  #captions(answered: AnsweredStep, i: number): readonly string[] {
    const { step, keys, decision: { actions } } = answered;
    const ended = step.terminated[i] === 1 || step.truncated[i] === 1;
    const seen = ended ? step.finals : step.observations;
    const done = seen.key(i) === keys[i] ? [] : [this.actions[actions[i]!]!];
    return [...done, ...answered.achieved(i)];
  }

  /** Pays for the open goals that were reached, and lets time pass for the others. */
  #reach({ open, reached }: Goals, captions: readonly string[]): number {
    const { weight, threshold } = this.options;
    let reward = 0;
    for (const [goal, left] of open) {
      const alike = Math.max(0, ...captions.map((caption) => likeness(caption, goal)));
      const isReached = alike > 0 && alike >= threshold;
      if (isReached) {
        reward += weight * alike;
        reached.add(goal);
        this.#count++;
      }
      if (isReached || left === 1) open.delete(goal);
      else open.set(goal, left - 1);
    }
    return reward;
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The cosine between the counts of words of two texts, 0 to 1. */
function likeness(one: string, other: string): number {
  const [a, b] = [countsOf(one), countsOf(other)];
  const dot = [...a].reduce((sum, [word, count]) => sum + count * (b.get(word) ?? 0), 0);
  const square = (counts: Map<string, number>) =>
    [...counts.values()].reduce((sum, count) => sum + count * count, 0);
  return dot === 0 ? 0 : dot / Math.sqrt(square(a) * square(b));
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
