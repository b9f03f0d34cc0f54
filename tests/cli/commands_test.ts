import assert from "node:assert/strict";
import { ROOT, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const TRACES = "tests/fixtures/babyai/traces.jsonl.gz";

Deno.test("conform counts the traces that match", async () => {
  const { status, stdout } = await task("conform", TRACES);
  assert.equal(status, 0);
  assert.match(stdout, /^(\d+)\/\1 traces match \(96 levels, 0 not implemented\)$/m);
});

Deno.test("conform says what differs first, with status 1, and skips levels it does not know", async () => {
  await withFolder(async (folder) => {
    const stream = (await Deno.open(ROOT + TRACES)).readable.pipeThrough(
      new DecompressionStream("gzip"),
    );
    const [first = "", second = ""] = (await new Response(stream).text()).split("\n");
    const wrong = { ...JSON.parse(first), mission: "fetch the moon" };
    const unknown = { ...JSON.parse(second), level: "BabyAI-GoToMoon-v0" };
    const file = `${folder}/traces.jsonl`;
    await Deno.writeTextFile(file, `${JSON.stringify(wrong)}\n${JSON.stringify(unknown)}\n`);
    const { status, stdout } = await inProcess("conform", file);
    assert.equal(status, 1);
    assert.match(stdout, /mission is "go to the grey door" and should be "fetch the moon"/);
    assert.match(stdout, /^0\/1 traces match \(1 levels, 1 not implemented\)$/m);
  });
});

Deno.test("conform answers what is no trace file with one sentence and status 2", async () => {
  const { status, stderr } = await inProcess("conform", "README.md");
  assert.equal(status, 2);
  assert.match(stderr, /^E_TRACE: Line 1 of "README.md" is not JSON/m);
});

Deno.test("levels measures floor and ceiling of the levels asked for", async () => {
  const { status, stdout } = await task(
    "levels",
    "GoToRedBallNoDists",
    "PutNextLocal",
    "--seeds",
    "50",
  );
  assert.equal(status, 0);
  const [, go = "", put = ""] = stdout.trim().split("\n");
  assert.match(go, /^BabyAI-GoToRedBallNoDists-v0\s+8x8\s+64\s+[\d.]+ %\s+[\d.]+ %\s+100\.0 %/);
  assert.match(put, /^BabyAI-PutNextLocal-v0\s+8x8\s+128\s+[\d.]+ %\s+0\.0 %\s+100\.0 %/);
});

Deno.test("levels tells what was measured on 2,000 worlds, and measures nothing", async () => {
  const { status, stdout } = await task("levels", "GoToRedBallNoDists", "KeyInBox");
  assert.equal(status, 0);
  const [, go = "", key = ""] = stdout.trim().split("\n");
  assert.match(go, /^BabyAI-GoToRedBallNoDists-v0\s+8x8\s+64\s+23\.3 %\s+42\.1 %\s+100\.0 %/);
  assert.match(key, /^BabyAI-KeyInBox-v0 .* 1\.2 % .* 0\.0 %/);
});

Deno.test("plugins lists what can stand in which stage", async () => {
  const { status, stdout } = await task("plugins");
  assert.equal(status, 0);
  for (
    const [kind, name] of [["env", "babyai"], ["teacher", "language-model"], ["feedback", "paper"]]
  ) {
    assert.match(stdout, new RegExp(`^${kind}\\n(  .*\\n)*  ${name} `, "m"));
  }
});

Deno.test("models check holds a folder to its reference, and tells one that does not match", async () => {
  const folder = "tests/fixtures/language-models/t5-v1_1";
  const good = await task("models", "check", folder);
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /^passed: largest difference \d\.\de-\d$/m);
  await withFolder(async (copy) => {
    await Deno.mkdir(`${copy}/onnx`);
    for (const part of ["", "onnx/"]) {
      for await (const { name, isFile } of Deno.readDir(`${ROOT}${folder}/${part}`)) {
        if (isFile) {
          await Deno.copyFile(`${ROOT}${folder}/${part}${name}`, `${copy}/${part}${name}`);
        }
      }
    }
    const reference = JSON.parse(await Deno.readTextFile(`${copy}/reference.json`));
    reference.prompts[0].candidates[0].mean -= 0.01;
    await Deno.writeTextFile(`${copy}/reference.json`, JSON.stringify(reference));
    const bad = await inProcess("models", "check", copy);
    assert.equal(bad.status, 1);
    assert.match(bad.stdout, /^FAILED: largest difference 1\.\de-2$/m);
  });
});
