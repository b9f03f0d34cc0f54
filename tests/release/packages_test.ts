/** The npm packages, made, installed from a registry into an empty folder, and used there. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { makePackages, type NpmPackage } from "../../release/packages.ts";
import { readPins } from "../../release/workspace.ts";
import { problemsOf } from "../../release/verify.ts";
import { withFolder } from "../cli/command.ts";
import { openRegistry, type Registry } from "../registry/registry.ts";
import { findBun, findNode, versionOf } from "./engines.ts";

/** All that an installation of a package brings. */
const BROUGHT: Readonly<Record<string, readonly string[]>> = {
  "@tandem/core": ["@tandem/core", "valibot"],
  "@tandem/env": ["@tandem/core", "@tandem/env", "valibot"],
  "@tandem/models": ["@tandem/models"],
  "@tandem/runtimes": ["@tandem/core", "@tandem/models", "@tandem/runtimes", "valibot"],
  "@tandem/plugins": [
    ...["@tandem/core", "@tandem/env", "@tandem/models", "@tandem/plugins", "@tandem/runtimes"],
    "valibot",
  ],
  "@tandem/lab": ["@tandem/core", "@tandem/lab", "@tandem/models", "@tandem/runtimes", "valibot"],
};

/** As a user writes it: a corridor, and BabyAI with the shipped language model. */
const PROGRAM = `
import { createContext, definePipeline, runPipeline } from "@tandem/core";
import { babyai, bot, corridor, languageModel, paper, ppo, qMinusV, tdError } from "@tandem/plugins";

const small = { student: ppo({ hidden: 16 }), feedback: paper(), evaluation: { episodes: 8, states: 8 } };
const schedule = { iterations: 2, envs: 8, steps: 16 };
const pipelines = [
  { name: "corridor", env: corridor(), teacher: bot({ accuracy: 0.6 }), advantage: qMinusV() },
  {
    name: "babyai",
    env: babyai({ level: "BabyAI-GoToRedBallNoDists-v0" }),
    teacher: languageModel({ runtime: "fused", learnsBy: ["logits"] }),
    advantage: tdError(),
  },
];
for (const parts of pipelines) {
  const context = createContext({ seed: 1, device: "wasm-portable" });
  const { level, iterations, episodes, end } = await runPipeline(
    definePipeline({ ...small, ...parts, schedule }),
    context,
  );
  console.log(JSON.stringify({ level, iterations, episodes, success: end.success }));
}
`;

/** What needs a package that is not there. */
const MISSING = `
import { openTensors } from "@tandem/runtimes/tfjs";
await openTensors("cpu").catch((error) => console.log(String(error)));
`;
const MISSED = 'E_PACKAGE: The package "@tensorflow/tfjs", which computes with tensors, is not ' +
  'installed; "npm install @tensorflow/tfjs" (in Deno: "deno add npm:@tensorflow/tfjs") installs it.\n';

/** A package whose plugin is made by a core of its own, and a program that uses it. */
const RULE = `
import { definePlugin } from "@tandem/core";
export const praise = definePlugin({
  kind: "feedback",
  name: "praise",
  description: "Every suggestion is good.",
  options: {},
  create: () => ({
    judge: ({ advantages }) => ({
      signs: new Int8Array(advantages.length).fill(1),
      strengths: new Float32Array(advantages.length).fill(1),
      words: () => "good",
    }),
  }),
});
`;
const TWO_CORES = `
import { createContext, definePipeline, definePlugin, runPipeline } from "@tandem/core";
import { definePlugin as other } from "./node_modules/rule/node_modules/@tandem/core/mod.js";
import { bot, corridor, ppo, qMinusV } from "@tandem/plugins";
import { praise } from "rule";

const parts = { env: corridor(), teacher: bot(), student: ppo({ hidden: 8 }), advantage: qMinusV() };
const small = { schedule: { iterations: 1, envs: 2, steps: 4 }, evaluation: { episodes: 2, states: 2 } };
try {
  const pipeline = definePipeline({ name: "two", ...parts, feedback: praise(), ...small });
  const { iterations } = await runPipeline(pipeline, createContext({ seed: 1 }));
  console.log(other === definePlugin ? "one core" : "two cores", iterations);
} catch (error) {
  console.log(String(error));
}
`;

/** A consumer's types: what is right compiles, and what is wrong does not. */
const TYPED = `
import { definePipeline, type Pipeline, type RunResult, runPipeline, createContext } from "@tandem/core";
import { bot, corridor, paper, ppo, qMinusV } from "@tandem/plugins";
import { checkStage } from "@tandem/core/testing";
import { wilson } from "@tandem/core/run";

const pipeline: Pipeline = definePipeline({
  name: "corridor",
  env: corridor(),
  teacher: bot({ accuracy: 0.6 }),
  student: ppo({ hidden: 16 }),
  advantage: qMinusV(),
  feedback: paper(),
});
export const result: Promise<RunResult> = runPipeline(pipeline, createContext({ seed: 1 }));
// @ts-expect-error: accuracy is a number
bot({ accuracy: "high" });
// @ts-expect-error: an advantage estimator is no teacher
definePipeline({ ...pipeline.stages, name: "wrong", teacher: qMinusV() });
console.log(typeof checkStage, typeof wilson);
`;

/** What a command prints in a folder that has no cache of the machine's. */
async function run(folder: string, program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: folder,
    env: { npm_config_cache: `${folder}/cache`, DENO_DIR: `${folder}/deno`, NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${out}${err}`);
  return out!;
}

/** Imports every door of the packages, and prints those that export nothing. */
const importAll = (packages: readonly NpmPackage[]) =>
  packages.flatMap(({ name, files }) =>
    Object.keys(doorsOf(files)).map((door) => name + door.slice(1))
  )
    .map((door) =>
      `if (Object.keys(await import("${door}")).length === 0) console.log("${door} is empty");\n`
    )
    .join("");

const manifestIn = (files: NpmPackage["files"]) =>
  JSON.parse(new TextDecoder().decode(files.get("package.json")));

function doorsOf(files: NpmPackage["files"]): Record<string, unknown> {
  const { "./package.json": _, ...doors } = manifestIn(files).exports;
  return doors;
}

/** An empty folder with everything installed in it from a registry. */
async function withInstalled(
  packages: readonly NpmPackage[],
  work: (folder: string, registry: Registry) => Promise<void>,
): Promise<void> {
  await using registry = openRegistry();
  for (const { tarball } of packages) registry.publish(tarball);
  await withFolder(async (folder) => {
    writeFileSync(`${folder}/.npmrc`, registry.npmrc);
    writeFileSync(`${folder}/package.json`, JSON.stringify({ type: "module" }));
    await work(folder, registry);
  });
}

/** What a folder's package-lock.json names, sorted. */
function lockedIn(folder: string): string[] {
  const { packages } = JSON.parse(readFileSync(`${folder}/package-lock.json`, "utf8"));
  return Object.keys(packages).filter(Boolean)
    .map((path) => path.replace("node_modules/", "")).sort();
}

let made: Promise<NpmPackage[]> | undefined;

/** The packages, made once for all tests here: it takes half a minute of a processor. */
const allPackages = () => made ??= makePackages();

/** The first program in a README. */
function exampleIn(readme: string): string {
  return /```js\n([^]*?)```/.exec(readme)![1]!;
}

Deno.test("npm packages pin what they need, and what only some need is optional", async () => {
  const packages = await allPackages();
  assert.deepEqual(packages.map(({ name }) => name).sort(), Object.keys(BROUGHT).sort());
  const manifests = new Map(packages.map(({ name, files }) => [name, manifestIn(files)]));
  const pins = new Map([...readPins().values()].map(({ name, version }) => [name, version]));
  const { version } = manifests.get("@tandem/core")!;
  assert.deepEqual(manifests.get("@tandem/core")!.dependencies, { valibot: pins.get("valibot") });
  assert.equal(manifests.get("@tandem/core")!.peerDependencies, undefined);
  assert.equal(manifests.get("@tandem/plugins")!.dependencies["@tandem/core"], version);
  const { peerDependencies, peerDependenciesMeta } = manifests.get("@tandem/runtimes")!;
  assert.equal(peerDependencies["onnxruntime-web"], `^${pins.get("onnxruntime-web")}`);
  assert.deepEqual(peerDependenciesMeta["onnxruntime-web"], { optional: true });
  for (const { sideEffects, license, engines, description } of manifests.values()) {
    assert.deepEqual([sideEffects, license, engines], [false, "Apache-2.0", { node: ">=22.13" }]);
    assert.match(description, /^[A-Z].*\.$/);
  }
});

Deno.test("npm packages are small, and hold no source maps and no sources", async () => {
  for (const { name, tarball, files } of await allPackages()) {
    assert.ok(tarball.length < 1_500_000, `${name} has ${tarball.length} bytes`);
    const paths = [...files.keys()].filter((path) => /\.map$|(?<!\.d)\.ts$/.test(path));
    assert.deepEqual(paths, []);
    for (const needed of ["README.md", "LICENSE"]) assert.ok(files.has(needed), name + needed);
  }
});

Deno.test("what an npm package lacks, or holds too much, would be found", async () => {
  const all = new Map((await allPackages()).map(({ name, files }) => [name, files]));
  const core = all.get("@tandem/core")!;
  const found = (change: (files: Map<string, Uint8Array>) => void) => {
    const files = new Map(core);
    change(files);
    return problemsOf(files, all).join(" ");
  };
  const bytes = (text: string) => new TextEncoder().encode(text);
  assert.equal(found(() => {}), "");
  assert.match(
    found((files) => files.delete("kit/mod.d.ts")),
    /no \.\/kit\/mod\.d\.ts for its door/,
  );
  assert.match(
    found((files) => files.delete("base/errors.js")),
    /leads to "\.\/base\/errors\.js"/,
  );
  assert.match(
    found((files) => files.set("tls/key.pem", bytes(""))),
    /must not hold tls\/key\.pem/,
  );
  for (const name of ["vega", "@tandem/lab", "./x.ts"]) {
    const added = found((files) => files.set("x.js", bytes(`import "${name}";\n`)));
    assert.ok(added.includes(`x.js leads to "${name}"`), added);
  }
  const env = new Map(all.get("@tandem/env")!);
  env.set("x.js", bytes('import "@tandem/core/nowhere";\n'));
  assert.match(problemsOf(env, all).join(" "), /leads to "@tandem\/core\/nowhere"/);
});

Deno.test("Deno adds @tandem/core from a registry", async () => {
  await withInstalled(await allPackages(), async (folder, registry) => {
    writeFileSync(`${folder}/deno.json`, "{}");
    await Deno.remove(`${folder}/package.json`);
    await run(folder, Deno.execPath(), "add", "--quiet", "npm:@tandem/core", "npm:valibot");
    assert.deepEqual([...registry.asked].sort(), ["@tandem/core", "valibot"]);
    writeFileSync(`${folder}/example.js`, exampleIn(readFileSync("core/README.md", "utf8")));
    const printed = await run(folder, Deno.execPath(), "run", "example.js");
    assert.equal(printed, '{"plugin":"threshold","options":{"above":0.5}}\n');
  });
});

Deno.test("npm installs the packages, and Node and Bun use them", async (test) => {
  if (!await versionOf("npm")) return console.log("skipped: npm is not here");
  const packages = await allPackages();
  await withInstalled(packages, async (folder, registry) => {
    await bringsNoMore(test, registry);
    await run(folder, "npm", "install", ...Object.keys(BROUGHT));
    writeFileSync(`${folder}/doors.js`, importAll(packages));
    writeFileSync(`${folder}/program.js`, PROGRAM);
    const [node, bun] = [await findNode(), await findBun()];
    const inNode = await usesIn(test, folder, "Node", node);
    const inBun = await usesIn(test, folder, "Bun", bun);
    if (inNode && inBun) {
      await test.step("both come to the same", () => assert.equal(inBun, inNode));
    }
    if (node) await missesInNode(test, folder, node);
    for (const { name, files } of node ? packages : []) {
      await test.step(`the README of ${name} has an example that runs`, async () => {
        const example = exampleIn(new TextDecoder().decode(files.get("README.md")));
        writeFileSync(`${folder}/example.js`, example);
        assert.notEqual(await run(folder, node!, "example.js"), "");
      });
    }
    await test.step("types are found, and say what is wrong", async () => {
      writeFileSync(`${folder}/typed.ts`, TYPED);
      await run(folder, Deno.execPath(), "check", "--quiet", "typed.ts");
    });
  });
});

/** Each package alone brings what it names, and nothing else. */
async function bringsNoMore(test: Deno.TestContext, { npmrc }: Registry): Promise<void> {
  for (const [name, brought] of Object.entries(BROUGHT)) {
    await test.step(`${name} brings nothing but what it names`, async () => {
      await withFolder(async (empty) => {
        writeFileSync(`${empty}/.npmrc`, npmrc);
        await run(empty, "npm", "install", "--package-lock-only", name);
        assert.deepEqual(lockedIn(empty), brought);
      });
    });
  }
}

/** What the program prints in an engine; undefined where there is none. */
async function usesIn(
  test: Deno.TestContext,
  folder: string,
  engine: string,
  program: string | undefined,
): Promise<string | undefined> {
  if (!program) return void console.log(`skipped: ${engine} is not here, and npm brings none`);
  await test.step(`${engine} imports every door`, async () => {
    assert.equal(await run(folder, program, "doors.js"), "");
  });
  let printed = "";
  await test.step(`${engine} runs the corridor, and BabyAI with PPO and the shipped T5`, async () => {
    printed = await run(folder, program, "program.js");
    const runs = printed.trim().split("\n").map((line) => JSON.parse(line));
    const levels = ["Corridor-7", "BabyAI-GoToRedBallNoDists-v0"];
    assert.deepEqual(runs.map(({ level }) => level), levels);
    assert.ok(runs.every(({ iterations }) => iterations === 2), printed);
  });
  return printed;
}

/** What happens in Node where a package is missing, and where there are two copies of core. */
async function missesInNode(test: Deno.TestContext, folder: string, node: string): Promise<void> {
  await test.step("a missing optional package is missed in a sentence", async () => {
    writeFileSync(`${folder}/missing.js`, MISSING);
    assert.equal(await run(folder, node, "missing.js"), MISSED);
  });
  await test.step("a plugin of another copy of core works, and one of another contract says so", async () => {
    const rule = `${folder}/node_modules/rule`;
    cpSync(`${folder}/node_modules/@tandem/core`, `${rule}/node_modules/@tandem/core`, {
      recursive: true,
    });
    writeFileSync(
      `${rule}/package.json`,
      '{ "name": "rule", "type": "module", "main": "rule.js" }',
    );
    writeFileSync(`${rule}/rule.js`, RULE);
    writeFileSync(`${folder}/two_cores.js`, TWO_CORES);
    assert.equal(await run(folder, node, "two_cores.js"), "two cores 1\n");
    const contract = `${rule}/node_modules/@tandem/core/pipeline/contract.js`;
    const next = readFileSync(contract, "utf8").replace(
      /CONTRACT_VERSION = \d+/,
      "CONTRACT_VERSION = 99",
    );
    writeFileSync(contract, next);
    assert.match(
      await run(folder, node, "two_cores.js"),
      /^E_PLUGIN: The plugin "praise" was made for contract 99 of @tandem\/core.*"npm install @tandem\/core@latest"/,
    );
  });
}
