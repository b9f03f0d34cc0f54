/**
 * What the loop itself costs: microseconds an environment step with stages that do nothing but hand
 * over arrays they have, of BabyAI's sizes. All that is left is the scheduler's: rollout buffer, ledger,
 * verdicts, tallies, events.
 *
 *     deno run --allow-read bench/scheduler.ts
 *
 * Processor time is what to hold it to: a busy machine stretches the time that passes.
 */

import process from "node:process";
import { createContext } from "../core/kit/context.ts";
import { silence } from "../core/kit/guidance.ts";
import { zerosOf } from "../core/kit/tensors.ts";
import { definePipeline } from "../core/pipeline/pipeline.ts";
import { definePlugin } from "../core/pipeline/plugin.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import type { Guidance } from "../core/stages/mod.ts";
import { babyai, noFeedback } from "../plugins/mod.ts";

const STEPS = 64;
const ITERATIONS = 200;
/** So many at the start are the compiler's. */
const SETTLING = 50;
const ROUNDS = 3;

/** An environment whose worlds stand still. */
const env = definePlugin({
  kind: "env",
  name: "still",
  description: "Answers the same to anything.",
  options: {},
  create: async (_options, context, wiring) => {
    const real = await babyai({ level: "GoToLocal" }).create(context, wiring);
    const { envs } = wiring;
    const mission = "go to the red ball";
    const observations = {
      envs,
      tensors: zerosOf(real.spec.observation, [envs]),
      mission: () => mission,
      text: () => [],
      key: (i: number) => i,
    };
    const answer = {
      observations,
      finals: observations,
      rewards: new Float32Array(envs),
      terminated: new Uint8Array(envs),
      truncated: new Uint8Array(envs),
    };
    return { spec: real.spec, reset: () => observations, step: () => answer };
  },
});

/** A teacher that says the same to everyone, or nothing. */
const teacher = (speaks: boolean) =>
  definePlugin({
    kind: "teacher",
    name: "same",
    description: "Says the same, whatever is asked.",
    options: {},
    create: (_options, _context, { env: { actions } }) => {
      const said = new Map<number, Guidance>();
      return {
        grain: "action",
        candidates: actions,
        learnsBy: [],
        advise({ envs }) {
          let guidance = said.get(envs);
          if (!guidance) {
            said.set(envs, guidance = silence(envs, actions));
            if (speaks) guidance.choices.fill(0);
          }
          return guidance;
        },
        receive: () => {},
        usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
      };
    },
  })();

const student = definePlugin({
  kind: "student",
  name: "same",
  description: "Does the same, whatever is seen.",
  options: {},
  create: (_options, _context, { env: { envs } }) => {
    const decisions = new Map<number, ReturnType<typeof decision>>();
    const decision = (envs: number) => ({
      actions: new Int32Array(envs),
      logProbs: new Float32Array(envs),
      qValues: new Float32Array(envs),
      values: new Float32Array(envs),
    });
    const of = (envs: number) => {
      const known = decisions.get(envs) ?? decision(envs);
      decisions.set(envs, known);
      return known;
    };
    of(envs);
    return {
      act: (observations) => of(observations.envs),
      values: (observations) => of(observations.envs).values,
      learn: () => ({}),
    };
  },
});

const advantage = definePlugin({
  kind: "advantage",
  name: "zero",
  description: "Finds nothing better than anything.",
  options: {},
  create: () => {
    const known = new Map<number, { advantages: Float32Array; targets: Float32Array }>();
    return {
      estimate: ({ actions: { length } }) => {
        const zeros = new Float32Array(length);
        const estimate = known.get(length) ?? { advantages: zeros, targets: zeros };
        known.set(length, estimate);
        return estimate;
      },
    };
  },
});

/** Microseconds an environment step: time, and processor time. */
async function measure(
  envs: number,
  speaks: boolean,
  feedbackEvery: number,
): Promise<[number, number]> {
  const pipeline = definePipeline({
    name: "scheduler-bench",
    env: env(),
    teacher: teacher(speaks),
    student: student(),
    advantage: advantage(),
    feedback: noFeedback(),
    schedule: { envs, steps: STEPS, iterations: ITERATIONS, feedbackEvery },
    evaluation: { episodes: 1, states: 1 },
  });
  let [time, used] = [0, process.cpuUsage()];
  let found: [number, number] = [0, 0];
  const context = createContext({
    seed: 1,
    device: "cpu",
    emit: (event) => {
      if (event.type !== "iteration.ended") return;
      if (event.iteration === SETTLING) [time, used] = [performance.now(), process.cpuUsage()];
      if (event.iteration < ITERATIONS) return;
      const steps = envs * STEPS * (ITERATIONS - SETTLING);
      const { user, system } = process.cpuUsage(used);
      found = [1000 * (performance.now() - time) / steps, (user + system) / steps];
    },
  });
  await runPipeline(pipeline, context);
  return found;
}

const CASES = [
  { name: "no teacher, verdicts once a rollout", speaks: false, feedbackEvery: STEPS },
  { name: "a teacher, verdicts once a rollout", speaks: true, feedbackEvery: STEPS },
  { name: "a teacher, verdicts every step", speaks: true, feedbackEvery: 1 },
] as const;

console.log("| worlds | loop | µs a step | of the processor |\n|---|---|---|---|");
for (const envs of [16, 64, 256]) {
  for (const { name, speaks, feedbackEvery } of CASES) {
    let best: [number, number] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) {
      const [wall, cpu] = await measure(envs, speaks, feedbackEvery);
      best = [Math.min(best[0], wall), Math.min(best[1], cpu)];
    }
    console.log(`| ${envs} | ${name} | ${best[0].toFixed(2)} | ${best[1].toFixed(2)} |`);
  }
}
console.log(
  `\nRollouts of ${STEPS} steps; the best of ${ROUNDS} rounds of ${ITERATIONS - SETTLING} ` +
    `iterations; Deno ${Deno.version.deno}.`,
);
