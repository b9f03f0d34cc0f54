import assert from "node:assert/strict";
import { task, withFolder } from "../cli/command.ts";

Deno.test("pipelines/paper.ts runs Algorithm 1: verdicts in the paper's words, learned by the prompt alone", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/run`;
    const small = ["schedule.iterations=2", "schedule.envs=4", "evaluation.episodes=8"];
    const settings = [...small, "evaluation.states=8"].flatMap((setting) => ["--set", setting]);
    const { status, stderr } = await task(
      ...["run", "pipelines/paper.ts", ...settings, "--device", "wasm", "--out", out],
    );
    assert.equal(status, 0, stderr);
    const read = async (name: string) => await Deno.readTextFile(`${out}/${name}`);
    const summary = JSON.parse(await read("summary.json"));
    assert.equal(summary.level, "BabyAI-GoToRedBallNoDists-v0");
    assert.equal(summary.envSteps, 2 * 4 * 16);
    const { positive, negative, abstained } = summary.verdicts;
    assert.deepEqual([positive + negative + abstained, abstained > 0], [2 * 4 * 16, true]);
    const words = (await read("events.jsonl")).match(
      /This token is (better|worse) than the last one/g,
    );
    assert.equal(new Set(words).size, 2);
    const { options } = JSON.parse(await read("config.json")).pipeline.teacher;
    assert.deepEqual([options.learnsBy, options.verdictWords], [["prompt"], "rule"]);
  });
});
