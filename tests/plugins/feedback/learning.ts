/** A teacher that knows nothing but verdicts, to see what a rule's are worth. */
import { createContext } from "../../../core/kit/context.ts";
import { drawFrom, silence, suggest } from "../../../core/kit/guidance.ts";
import { definePipeline } from "../../../core/pipeline/pipeline.ts";
import { definePlugin, type StageSpec } from "../../../core/pipeline/plugin.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type { Guidance, Observations, PolicyView } from "../../../core/stages/mod.ts";
import { corridor, tdError } from "../../../plugins/mod.ts";

/** Share of training's suggestions that are drawn from all. */
const CURIOSITY = 0.5;

/**
 * Suggests what has the best mean worth in a state, and every other time anything. A verdict that
 * compares tells the difference of two worths, as a game does of two ratings.
 */
const tally = definePlugin({
  kind: "teacher",
  name: "tally",
  description: "Suggests what was praised most.",
  options: {},
  fits: ["action"],
  create(_options, context, { env: { actions } }) {
    const random = context.random("tally");
    /** [N] the mean worth of what was said last. */
    const lastMeans: number[] = [];
    const records = new Map<number, { sums: Float64Array; counts: Float64Array }>();
    const recordOf = (key: number) => {
      let record = records.get(key);
      if (!record) {
        record = {
          sums: new Float64Array(actions.length),
          counts: new Float64Array(actions.length),
        };
        // Who has heard nothing has an opinion all the same, right one time in three.
        record.sums[random.integers(0, actions.length)] = 0.01;
        records.set(key, record);
      }
      return record;
    };
    return {
      grain: "action",
      candidates: actions,
      learnsBy: ["memory"],
      advise(observations, mode) {
        const guidance = silence(observations.envs, actions);
        for (let i = 0; i < observations.envs; i++) {
          const { sums, counts } = recordOf(observations.key(i));
          const means = sums.map((sum, a) => sum / Math.max(1, counts[a]!));
          const best = means.indexOf(Math.max(...means));
          const curious = mode === "train" && random.random() < CURIOSITY;
          suggest(guidance, i, curious ? random.integers(0, actions.length) : best);
        }
        return guidance;
      },
      receive({ rollout, verdicts }) {
        for (const [t, { signs, strengths, comparesWithBefore }] of verdicts.entries()) {
          for (let i = 0; i < rollout.envs; i++) {
            const { sums, counts } = recordOf(rollout.keys[t * rollout.envs + i]!);
            const choice = rollout.guidance[t]!.choices[i]!;
            const before = lastMeans[i] ?? 0;
            lastMeans[i] = choice < 0 ? 0 : sums[choice]! / Math.max(1, counts[choice]!);
            if (choice < 0 || signs[i] === 0 || strengths[i] === 0) continue;
            sums[choice]! += signs[i]! + (comparesWithBefore ? before : 0);
            counts[choice]!++;
          }
        }
      },
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
    };
  },
});

/** Chance that the listener does as it is told; else it does anything. */
const OBEDIENCE = 0.7;
/** Share of their error by which its values are corrected. */
const RATE = 0.1;

/** Does as it is told, mostly, and keeps Q(s, a) and V(s) in tables. */
const listener = definePlugin({
  kind: "student",
  name: "listener",
  description: "Follows, and learns what that was worth.",
  options: {},
  create(_options, context, { env: { actions } }) {
    const random = context.random("listener");
    let tables: Record<string, Float32Array> = {};
    const tableOf = (key: number) => tables[key] ??= new Float32Array(actions.length + 1);
    const fill = (envs: number, of: (i: number) => number) =>
      Float32Array.from({ length: envs }, (_, i) => of(i));
    const probability = (choice: number, action: number) =>
      choice < 0
        ? 1 / actions.length
        : (1 - OBEDIENCE) / actions.length + (choice === action ? OBEDIENCE : 0);
    const values = (seen: Observations) =>
      fill(seen.envs, (i) => tableOf(seen.key(i))[actions.length]!);
    const policy = (seen: Observations, { choices }: Guidance): PolicyView => ({
      probabilities: fill(
        seen.envs * actions.length,
        (k) => probability(choices[Math.floor(k / actions.length)]!, k % actions.length),
      ),
      qValues: fill(
        seen.envs * actions.length,
        (k) => tableOf(seen.key(Math.floor(k / actions.length)))[k % actions.length]!,
      ),
      values: values(seen),
    });
    return {
      act(seen, guidance) {
        const view = policy(seen, guidance);
        const chosen = Int32Array.from(
          { length: seen.envs },
          (_, i) =>
            drawFrom(view.probabilities, i * actions.length, actions.length, random.random()),
        );
        const at = (table: Float32Array) =>
          fill(seen.envs, (i) => table[i * actions.length + chosen[i]!]!);
        return {
          actions: chosen,
          logProbs: at(view.probabilities).map(Math.log),
          qValues: at(view.qValues),
          values: view.values,
        };
      },
      values,
      policy,
      learn({ keys, actions: done }, { targets }) {
        for (const [k, target] of targets.entries()) {
          const table = tableOf(keys[k]!);
          for (const column of [done[k]!, actions.length]) {
            table[column]! += RATE * (target - table[column]!);
          }
        }
        return {};
      },
      save: () => ({
        json: null,
        arrays: Object.fromEntries(
          Object.entries(tables).map((
            [key, data],
          ) => [key, { shape: [data.length], data: data.slice() }]),
        ),
      }),
      load({ arrays = {} }) {
        tables = Object.fromEntries(
          Object.entries(arrays).map(([key, { data }]) => [key, data.slice() as Float32Array]),
        );
      },
    };
  },
});

/** Share of held-out states in five cells in which the teacher is right, after a rule's verdicts. */
export async function accuracyAfter(
  feedback: StageSpec<"feedback">,
  advantage: StageSpec<"advantage"> = tdError({ gamma: 0.9 }),
): Promise<number> {
  const pipeline = definePipeline({
    name: "verdicts",
    env: corridor({ length: 5 }),
    teacher: tally(),
    student: listener(),
    advantage,
    feedback,
    schedule: { iterations: 50, envs: 16, steps: 32 },
    evaluation: { episodes: 20, states: 200 },
  });
  const { end } = await runPipeline(pipeline, createContext({ seed: 3, device: "cpu" }));
  return end.guidanceAccuracy.rate!;
}
