import assert from "node:assert/strict";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { type ExportedRun, exportRuns, FORMATS } from "../../../lab/export/export.ts";
import { tablesOf } from "../../../lab/export/rows.ts";
import { runScalars, trialScalars } from "../../../lab/export/scalars.ts";
import { climb, sampleRecord } from "../comparison/sample.ts";
import { sampleEvents } from "../sample.ts";
import { inTemporaryFolder } from "../temporary.ts";

const RUNS: ExportedRun[] = [0, 1].map((seed) => {
  const record = sampleRecord(seed === 0 ? { success: [0.25, 0.5] } : climb(0.5, seed));
  return {
    variant: "one-way",
    level: "A level",
    seed,
    record,
    startedAt: 1000,
    scalars: trialScalars(record, 1000),
  };
});

Deno.test("tables have a row for each run, measurement and span", () => {
  const { runs, evaluations, training } = tablesOf(RUNS);
  assert.deepEqual([runs.length, evaluations.length, training.length], [2, 6, 6]);
  assert.deepEqual(Object.values(runs[0]!).slice(0, 3), ["one-way", "A level", 0]);
  assert.equal(runs[0]!.score_end, 0.5);
  const { env_steps, success, guidance_accuracy } = evaluations[1]!;
  assert.deepEqual([env_steps, success, guidance_accuracy], [1000, 0.5, null]);
});

Deno.test("exportRuns() writes CSV and Parquet with the same rows, and a folder a run for TensorBoard", () =>
  inTemporaryFolder(async (folder) => {
    const paths = await exportRuns(RUNS, FORMATS, { folder: `${folder}/export`, source: folder });
    assert.deepEqual(paths.map((path) => path.slice(folder.length + 8)), [
      "runs.csv",
      "evaluations.csv",
      "training.csv",
      "runs.parquet",
      "evaluations.parquet",
      "training.parquet",
      "tensorboard/one-way/A_level-4064e7a9/seed-0/events.out.tfevents.1000.tandem",
      "tensorboard/one-way/A_level-4064e7a9/seed-1/events.out.tfevents.1000.tandem",
    ]);
    const { evaluations } = tablesOf(RUNS);
    const file = await asyncBufferFromFile(`${folder}/export/evaluations.parquet`);
    assert.deepEqual(await parquetReadObjects({ file }), evaluations);
    const text = Deno.readTextFileSync(`${folder}/export/evaluations.csv`);
    const [head, first] = text.split("\r\n");
    assert.equal(head, Object.keys(evaluations[0]!).join(","));
    assert.equal(first, Object.values(evaluations[0]!).map((value) => value ?? "").join(","));
  }));

Deno.test("scalars have the names that Stable-Baselines3 gives them, over environment steps", () => {
  const [run] = RUNS;
  const tags = new Set(run!.scalars.map(({ tag }) => tag));
  for (
    const tag of ["rollout/ep_rew_mean", "rollout/success_rate", "eval/success_rate", "time/fps"]
  ) {
    assert.ok(tags.has(tag), tag);
  }
  assert.ok(!tags.has("tandem/guidance_accuracy"), "there is no guidance to judge");
  const evaluations = run!.scalars.filter(({ tag }) => tag === "eval/success_rate");
  assert.deepEqual(evaluations.map(({ step, value, wallTime }) => [step, value, wallTime]), [
    [0, 0.25, 1000],
    [1000, 0.5, 1010],
  ]);
  const train = runScalars(sampleEvents(), run!.record, 1000)
    .filter(({ tag }) => tag === "train/policy_loss");
  assert.deepEqual(train.map(({ step }) => step), [16, 32, 48, 64]);
});
