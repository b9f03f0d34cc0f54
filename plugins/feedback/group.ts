import { abstentions, whole } from "@tandem/core/kit";
import { definePlugin, type EarlierVerdict, option, type Plugin } from "@tandem/core";
import * as v from "valibot";
import type { GroupOptions } from "./options.ts";

const options = {
  size: option("Environments that play the same worlds.", whole(2, 1024), 8),
  patience: option(
    "Steps that a verdict waits for the slowest of its group; what is older is left out.",
    whole(1, 10_000),
    512,
  ),
  scaled: option(
    "Whether A is divided by the standard deviation of the group's returns, as GRPO does.",
    v.boolean(),
    false,
  ),
} as const;

const WORDS = {
  positive: "This token led to more than others from the same start.",
  negative: "This token led to less than others from the same start.",
};

/** An episode, under way or over. */
interface Played {
  /** The key of its first state. */
  readonly start: number;
  /** Its first step, counted from the first that was judged, and how many there are. */
  readonly from: number;
  readonly steps: number;
  /** The env's rewards, summed. */
  readonly total: number;
}

/** What an environment has played: the episode at hand, and those over, by their number. */
interface EnvRecord {
  readonly now: Played | null;
  readonly number: number;
  readonly over: readonly (readonly [number: number, Played])[];
}

/** What a checkpoint holds. */
interface SavedRule {
  readonly now: number;
  readonly records: readonly EnvRecord[];
}

/** Compares what came of an episode with what came of others that began alike. */
export const group: Plugin<"feedback", GroupOptions> = definePlugin({
  kind: "feedback",
  name: "group",
  description: "Compares what came of an episode with what came of others that began alike.",
  details: `
    Groups of environments start from one seed, so that they play the same worlds in the same order. When
    all of a group have ended the n-th one, every step of each is judged by the return of its episode less
    the mean of those that began in the same state, as GRPO does (arXiv 2402.03300, there divided by the
    standard deviation: \`scaled\`):

        A_i = R_i - mean over the group of R

    Positive where A > 0, negative where A < 0, with the strength |A|; it abstains where all came to the
    same. No critic has a part in it, and no step is told from another of its episode, so that a
    verdict on a single step tells little: docs/results/channels.md has how often they are right. Episodes take different times, so verdicts come when the slowest is done; those on steps
    older than \`patience\` are left out. Episodes that begin differently, in envs that take more from
    their seed than how episodes begin, are not compared.`,
  options,
  create({ size, patience, scaled }, _context, { env: { envs } }) {
    let now = 0;
    let records = Array.from(
      { length: envs },
      (): EnvRecord => ({ now: null, number: 0, over: [] }),
    );

    /** Verdicts on the n-th episodes of a group, once all are over. */
    const verdictsOn = (first: number, number: number): EarlierVerdict[] => {
      const members = records.slice(first, first + size);
      const played = members.map(({ over }) => over.find(([at]) => at === number)?.[1]);
      if (!played.every((episode) => episode !== undefined)) return [];
      members.forEach(({ over }, index) =>
        records[first + index] = {
          ...members[index]!,
          over: over.filter(([at]) => at !== number),
        }
      );
      return played.flatMap((episode, index) => {
        const alike = played.filter(({ start }) => start === episode.start);
        return onEpisode(episode, advantageOf(episode, alike, scaled), first + index, now);
      });
    };

    return {
      needs: { past: patience, group: size },
      judge({ firsts, rollout, step }) {
        const { keys, terminated, truncated } = rollout;
        const rewards = rollout.envRewards ?? rollout.rewards;
        const earlier: EarlierVerdict[] = [];
        for (let i = 0; i < envs; i++) {
          const k = step * envs + i;
          const record = records[i]!;
          const begun = firsts[i] === 1 || !record.now
            ? { start: keys[k]!, from: now, steps: 0, total: 0 }
            : record.now;
          const played = { ...begun, steps: begun.steps + 1, total: begun.total + rewards[k]! };
          const { number } = record;
          const isOver = terminated[k] === 1 || truncated[k] === 1;
          // What is too old to be judged waits for nobody.
          const over = record.over.filter(([, { from, steps }]) => from + steps > now - patience);
          records[i] = isOver
            ? { now: null, number: number + 1, over: [...over, [number, played]] }
            : { now: played, number, over };
          if (isOver) earlier.push(...verdictsOn(i - i % size, number));
        }
        now++;
        return { ...abstentions(envs), ...earlier.length > 0 && { earlier } };
      },
      save: () => ({ json: structuredClone({ now, records }) satisfies SavedRule }),
      load({ json }) {
        const saved = structuredClone(json) as SavedRule;
        now = saved.now;
        records = [...saved.records];
      },
    };
  },
});

/** A of an episode among those that began as it did, itself included. */
function advantageOf({ total }: Played, alike: readonly Played[], scaled: boolean): number {
  const mean = alike.reduce((sum, { total }) => sum + total, 0) / alike.length;
  if (!scaled) return total - mean;
  const variance = alike.reduce((sum, { total }) => sum + (total - mean) ** 2, 0) / alike.length;
  return variance === 0 ? 0 : (total - mean) / Math.sqrt(variance);
}

/** The same verdict on all steps of an episode, `now` being the step at hand. */
function onEpisode({ from, steps }: Played, advantage: number, env: number, now: number) {
  if (advantage === 0) return [];
  const sign = advantage > 0 ? 1 : -1;
  const words = sign > 0 ? WORDS.positive : WORDS.negative;
  return Array.from({ length: steps }, (_, step): EarlierVerdict => ({
    ...{ stepsAgo: now - from - step, env, sign, words },
    strength: Math.abs(advantage),
  }));
}
