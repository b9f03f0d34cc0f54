/** The detectors on runs that were made to fail in their way, and on runs that were not. */
import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { definePipeline } from "../../../core/pipeline/pipeline.ts";
import { definePlugin, type StageSpec } from "../../../core/pipeline/plugin.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type { Guidance, Observations } from "../../../core/stages/mod.ts";
import { detectEchoChamber, detectMisleading } from "../../../lab/comparison/detectors.ts";
import type { Cell } from "../../../lab/comparison/results.ts";
import { summarise } from "../../../lab/summary.ts";
import { TrialRecorder } from "../../../lab/trial.ts";
import { bot, corridor, misleading, qMinusV, synthetic } from "../../../plugins/mod.ts";
import { bytesIn } from "../../core/tensors.ts";

/** Finds the flag by itself, and does as it is told where it is told something. */
const obedient: StageSpec<"student"> = definePlugin({
  kind: "student",
  name: "obedient",
  description: "Does as it is told.",
  options: {},
  create: () => {
    const zeros = (envs: number) => new Float32Array(envs);
    const actions = ({ tensors }: Observations, { choices }: Guidance) => {
      const data = bytesIn(tensors);
      return choices.map((choice, i) =>
        choice < 0 ? Number(data[2 * i]! < data[2 * i + 1]!) : choice
      );
    };
    return {
      act: (observations, guidance) => ({
        actions: actions(observations, guidance),
        logProbs: zeros(observations.envs),
        qValues: zeros(observations.envs),
        values: zeros(observations.envs),
      }),
      values: ({ envs }) => zeros(envs),
      learn: () => ({}),
      policy: (observations, guidance) => {
        const { envs } = observations;
        const probabilities = zeros(3 * envs);
        for (const [i, action] of actions(observations, guidance).entries()) {
          probabilities[3 * i + action] = 1;
        }
        return { probabilities, qValues: zeros(3 * envs), values: zeros(envs) };
      },
    };
  },
})();

/** Two runs of an obedient student under a teacher and a rule. */
async function runsUnder(
  teacher: StageSpec<"teacher">,
  feedback: StageSpec<"feedback">,
): Promise<Cell> {
  const pipeline = definePipeline({
    name: "obedience",
    env: corridor({ length: 5 }),
    teacher,
    student: obedient,
    advantage: qMinusV(),
    feedback,
    schedule: { iterations: 3, envs: 4, steps: 48 },
    evaluation: { episodes: 30, states: 60, advice: true },
  });
  const runs = [0, 1, 2].map(async (seed) => {
    const recorder = new TrialRecorder();
    const emit = recorder.see.bind(recorder);
    const result = await runPipeline(pipeline, createContext({ seed, emit }));
    const { level } = result;
    const summary = summarise(result, {
      ...{ pipeline, level, seed, device: "cpu", wallSeconds: 1, floor: 0, ceiling: 1 },
    });
    return { seed, record: recorder.finish(summary) };
  });
  return {
    level: "Corridor-5",
    variant: "obedience",
    runs: await Promise.all(runs),
    failed: [],
    missing: [],
  };
}

Deno.test("misleading guidance is found under a teacher that is always wrong, not under the bot", async () => {
  const wrong = detectMisleading(await runsUnder(misleading(), synthetic()));
  assert.equal(wrong.state, "found", wrong.because);
  const right = detectMisleading(await runsUnder(bot(), synthetic()));
  assert.equal(right.state, "not found", right.because);
});

Deno.test("an echo chamber is found where errors are praised, not where the expert judges them", async () => {
  const praised = detectEchoChamber(
    await runsUnder(bot({ accuracy: 0.4 }), synthetic({ source: "positive" })),
  );
  assert.equal(praised.state, "found", praised.because);
  const judged = detectEchoChamber(
    await runsUnder(bot({ accuracy: 0.4 }), synthetic({ source: "oracle" })),
  );
  assert.equal(judged.state, "not found", judged.because);
});
