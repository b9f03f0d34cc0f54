import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { entries, outcome, start, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const FILE = "tests/cli/corridor.ts";

async function readJson(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(path));
}

Deno.test("run leaves a folder with config, events, state, summary and report", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/run`;
    const { status, stdout, stderr } = await task("run", FILE, "--out", out, "--device", "wasm");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Corridor-7, seed 0, wasm: 2 iterations/);
    assert.deepEqual(await entries(out), [
      "checkpoints",
      "config.json",
      "events.jsonl",
      "report.html",
      "state",
      "summary.json",
    ]);
    const summary = await readJson(`${out}/summary.json`);
    assert.equal(summary.level, "Corridor-7");
    assert.equal(summary.iterations, 2);
    assert.equal(summary.envSteps, 2 * 8 * 16);
    assert.match(String(summary.digest), /^[0-9a-f]{64}$/);
    assert.deepEqual(Object.keys(summary.verdicts as object), [
      "positive",
      "negative",
      "abstained",
    ]);
    const verdicts = Object.values(summary.verdicts as Record<string, number>);
    assert.equal(verdicts.reduce((sum, n) => sum + n, 0), 2 * 8 * 16, "a verdict for every token");
  });
});

Deno.test("run gives the same digest for the same seed and another one for another", async () => {
  await withFolder(async (folder) => {
    const digest = async (name: string, seed: string) => {
      const out = `${folder}/${name}`;
      await inProcess("run", FILE, "--quiet", "--device", "cpu", "--seed", seed, "--out", out);
      return (await readJson(`${out}/summary.json`)).digest;
    };
    const [first, again, other] = [
      await digest("a", "1"),
      await digest("b", "1"),
      await digest("c", "2"),
    ];
    assert.equal(first, again);
    assert.notEqual(first, other);
  });
});

Deno.test("run takes a pipeline from the config that another run left", async () => {
  await withFolder(async (folder) => {
    const first = await inProcess(
      "run",
      FILE,
      "--quiet",
      "--device",
      "cpu",
      "--out",
      `${folder}/a`,
    );
    assert.equal(first.status, 0, first.stderr);
    const { pipeline } = await readJson(`${folder}/a/config.json`);
    await Deno.writeTextFile(`${folder}/pipeline.json`, JSON.stringify(pipeline));
    const args = ["--quiet", "--device", "cpu", "--out", `${folder}/b`];
    const second = await inProcess("run", `${folder}/pipeline.json`, ...args);
    assert.equal(second.status, 0, second.stderr);
    const digests = [`${folder}/a`, `${folder}/b`].map(async (out) =>
      (await readJson(`${out}/summary.json`)).digest
    );
    const [a, b] = await Promise.all(digests);
    assert.equal(a, b);
  });
});

Deno.test("run replaces any stage by a module of the user's", async () => {
  await withFolder(async (folder) => {
    const core = new URL("../../core/pipeline/plugin.ts", import.meta.url).href;
    await Deno.writeTextFile(
      `${folder}/my_rule.ts`,
      `import { definePlugin } from "${core}";
       export default definePlugin({
         kind: "feedback", name: "my-rule", description: "Blames everything.", options: {},
         create: () => ({ judge: ({ advantages: { length } }) => ({
           signs: new Int8Array(length).fill(-1),
           strengths: new Float32Array(length).fill(1),
           words: () => "bad",
         }) }),
       });`,
    );
    const out = `${folder}/run`;
    const rule = `feedback=${folder}/my_rule.ts`;
    const { status, stderr } = await inProcess("run", FILE, "--quiet", "--set", rule, "--out", out);
    assert.equal(status, 0, stderr);
    const { verdicts } = await readJson(`${out}/summary.json`);
    assert.deepEqual(verdicts, { positive: 0, negative: 256, abstained: 0 });
  });
});

const NONSENSE: readonly [name: string, args: string[], message: RegExp][] = [
  ["a missing file", ["nowhere.ts"], /^E_FILE: There is no file "nowhere.ts"/],
  ["no file at all", [], /^E_ARGUMENT: missing required argument 'file'/],
  [
    "a file that is no pipeline",
    ["core/base/errors.ts"],
    /^E_PIPELINE: "core\/base\/errors.ts" does not/,
  ],
  ["an unknown flag", [FILE, "--sed", "1"], /^E_ARGUMENT: unknown option '--sed'.*--seed/],
  ["a seed that is no number", [FILE, "--seed", "one"], /^E_ARGUMENT: .*whole number/],
  [
    "an unknown device",
    [FILE, "--device", "tpu"],
    /^E_ARGUMENT: .*webgpu, wasm, wasm-portable, cpu/,
  ],
  ["a setting without a value", [FILE, "--set", "feedback"], /^E_ARGUMENT: .*KEY=VALUE/],
  ["an unknown stage", [FILE, "--set", "techer=none"], /^E_ARGUMENT: .*Did you mean "teacher"\?/],
  ["an unknown option", [FILE, "--set", "student.learningRat=1"], /^E_OPTION: .*"learningRate"\?/],
  ["a value of the wrong kind", [FILE, "--set", "student.epochs=many"], /^E_OPTION: .*"many"/],
  ["an unknown plugin", [FILE, "--set", "feedback=papr"], /^E_PLUGIN: .*Did you mean "paper"\?/],
  [
    "a plugin in the wrong slot",
    [FILE, "--set", "feedback=ppo"],
    /^E_SLOT: .*cannot stand in feed/,
  ],
  [
    "a module that is no plugin",
    [FILE, "--set", "env=./core/base/errors.ts"],
    /^E_PLUGIN: .*exports no/,
  ],
  ["an unknown level", [
    FILE,
    ...["--set", "env=babyai", "--set", "env.level=GoToRedBal"],
  ], /^E_LEVEL: .*Did you mean/],
  ["a missing model", [
    FILE,
    ...["--set", "teacher=language-model", "--set", "teacher.model=/nowhere"],
  ], /^E_(MODEL|FILE): .*\/nowhere/],
];

for (const [name, args, message] of NONSENSE) {
  Deno.test(`run answers ${name} with one sentence and status 2, and leaves nothing`, async () => {
    await withFolder(async (folder) => {
      const { status, stderr } = await inProcess("run", ...args, "--out", `${folder}/run`);
      assert.equal(status, 2, stderr);
      const sentence = stderr.split("\n").filter((line) => line.startsWith("E_")).join("\n");
      assert.match(sentence, message);
      assert.deepEqual(await entries(folder), []);
    });
  });
}

/** A copy of the shipped model in which one thing is broken. */
async function brokenModel(folder: string, breakIt: (model: string) => Promise<void>) {
  const shipped = fileURLToPath(new URL("../../models/tandem-t5-babyai/", import.meta.url));
  const model = `${folder}/model`;
  await Deno.mkdir(`${model}/onnx`, { recursive: true });
  for (const part of ["", "onnx/"]) {
    for await (const { name, isFile } of Deno.readDir(shipped + part)) {
      if (isFile) await Deno.copyFile(shipped + part + name, `${model}/${part}${name}`);
    }
  }
  await breakIt(model);
  return model;
}

async function onnxFile(model: string): Promise<string> {
  const names = await entries(`${model}/onnx`);
  return `${model}/onnx/${names.find((name) => name.startsWith("encoder"))}`;
}

const BROKEN: readonly [name: string, RegExp, (model: string) => Promise<void>][] = [
  ["a truncated model", /^E_MODEL: /, async (model) => {
    await Deno.truncate(await onnxFile(model), 1000);
  }],
  ["a model that is no ONNX", /^E_MODEL: /, async (model) => {
    await Deno.writeTextFile(
      await onnxFile(model),
      "not a model, but long enough to be one".repeat(50),
    );
  }],
  ["a model without a tokenizer", /^E_(TOKENIZER|FILE|MODEL): /, async (model) => {
    await Deno.remove(`${model}/tokenizer.json`);
  }],
  ["a tokenizer that is no JSON", /^E_TOKENIZER: /, async (model) => {
    await Deno.writeTextFile(`${model}/tokenizer.json`, "{");
  }],
  ["a tokenizer that does not fit its model", /^E_TOKENIZER: /, async (model) => {
    const file = `${model}/tokenizer.json`;
    const tokenizer = JSON.parse(await Deno.readTextFile(file));
    const more = Array.from({ length: 5000 }, (_, i) => [`word${i}`, -20]);
    tokenizer.model.vocab.push(...more);
    await Deno.writeTextFile(file, JSON.stringify(tokenizer));
  }],
];

for (const [name, message, breakIt] of BROKEN) {
  Deno.test(`run answers ${name} with one sentence and status 2, and leaves nothing`, async () => {
    await withFolder(async (folder) => {
      const model = await brokenModel(folder, breakIt);
      const settings = ["--set", "env=babyai", "--set", "teacher=language-model"];
      const teacher = `teacher.model=${model}`;
      const { status, stderr } = await inProcess(
        ...["run", FILE, ...settings, "--set", teacher, "--out", `${folder}/run`],
      );
      assert.equal(status, 2, stderr);
      assert.match(stderr.split("\n").find((line) => line.startsWith("E_")) ?? stderr, message);
      assert.deepEqual(await entries(folder), ["model"]);
    });
  });
}

Deno.test("run answers NaN in the losses with one sentence and status 2, and leaves nothing", async () => {
  await withFolder(async (folder) => {
    const file = "tests/cli/overflowing.ts";
    const { status, stderr } = await inProcess("run", file, "--out", `${folder}/run`);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /E_NUMERIC: .*learningRate/);
    assert.deepEqual(await entries(folder), []);
  });
});

Deno.test("run refuses a folder that holds something", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/thesis.txt`, "years of work");
    const { status, stderr } = await inProcess("run", FILE, "--out", folder);
    assert.equal(status, 2);
    assert.match(stderr, /E_RUN_EXISTS: .*"thesis.txt"/);
    assert.deepEqual(await entries(folder), ["thesis.txt"]);
  });
});

Deno.test("run ends cleanly on Ctrl-C, keeps what was learned, and says 130", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/run`;
    const process = start("run", FILE, "--iterations", "100000", "--device", "cpu", "--out", out);
    for (let waits = 0; waits < 300; waits++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const events = await Deno.readTextFile(`${out}/events.jsonl`).catch(() => "");
      if (events.split("iteration.ended").length > 20) break; // well under way
    }
    process.kill("SIGINT");
    const { status, stderr } = await outcome(process);
    assert.equal(status, 130, stderr);
    const summary = await readJson(`${out}/summary.json`);
    assert.equal(summary.stopped, true);
    assert.ok(Number(summary.iterations) > 0);
    assert.ok((await entries(`${out}/state`)).length > 0);
  });
});

Deno.test("run --help shows examples and says 0", async () => {
  const { status, stdout } = await task("run", "--help");
  assert.equal(status, 0);
  assert.match(stdout, /Examples:\n {2}deno task run pipelines\/babyai.ts/);
});
