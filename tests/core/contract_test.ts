/** Plugins and errors of another copy of core, of this version of the contract and of others. */
import assert from "node:assert/strict";
import { TandemError } from "../../core/base/errors.ts";
import { createContext } from "../../core/kit/context.ts";
import { CONTRACT_VERSION } from "../../core/pipeline/contract.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { isPlugin, loadPlugin } from "../../core/pipeline/plugin.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { withFolder } from "../cli/command.ts";
import { corridor, ensemble, noTeacher, paper, ppo, qMinusV, random } from "../../plugins/mod.ts";

const MARK = Symbol.for("tandem.plugin");
const [OLDER, NEWER] = [CONTRACT_VERSION - 1, CONTRACT_VERSION + 1];

const pipeline = definePipeline({
  name: "corridor",
  env: corridor(),
  teacher: noTeacher(),
  student: ppo({ hidden: 8 }),
  advantage: qMinusV(),
  feedback: paper(),
  schedule: { iterations: 1, envs: 2, steps: 4 },
  evaluation: { episodes: 2, states: 2 },
});

/** A file of core, loaded as a second copy of it. */
async function copyOf<T>(file: string): Promise<T> {
  return await import(new URL(`../../core/${file}?copy`, import.meta.url).href);
}

/** The sentence about a plugin of a version, by name. */
function sentence(name: string, version: number, remedy: string): RegExp {
  return new RegExp(
    `The plugin "${name}" was made for contract ${version} of @tandem/core, and the one that ` +
      `runs it has contract ${CONTRACT_VERSION}; ${remedy}.* brings what fits, and "npm ls`,
  );
}

Deno.test("a plugin of another copy of core works where the contract is the same", async () => {
  const { definePlugin } = await copyOf<typeof import("../../core/pipeline/plugin.ts")>(
    "pipeline/plugin.ts",
  );
  const praise = definePlugin({
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
  assert.ok(isPlugin(praise));
  const run = await runPipeline(pipeline.with({ feedback: praise() }), createContext({ seed: 1 }));
  assert.equal(run.iterations, 1);
});

Deno.test("an error of another copy of core is an error of this one, and nothing else is", async () => {
  const other = await copyOf<typeof import("../../core/base/errors.ts")>("base/errors.ts");
  assert.notEqual(other.TandemError, TandemError);
  assert.ok(new other.TandemError("E_FILE", "It is gone.") instanceof TandemError);
  class Special extends TandemError {}
  assert.ok(new Special("E_FILE", "It is gone.") instanceof Special);
  assert.ok(!(new TandemError("E_FILE", "It is gone.") instanceof Special));
  for (const thrown of [new Error("gone"), { code: "E_FILE" }, null, undefined, "E_FILE"]) {
    assert.ok(!(thrown instanceof TandemError));
  }
});

Deno.test("a stage of another contract does not get into a pipeline", () => {
  const of = (version: number) => Object.assign(paper(), { [MARK]: version });
  assert.throws(() => pipeline.with({ feedback: of(OLDER) }), {
    code: "E_PLUGIN",
    message: sentence("paper", OLDER, '"npm update" of the package that it comes from'),
  });
  assert.throws(() => pipeline.with({ feedback: of(NEWER) }), {
    code: "E_PLUGIN",
    message: sentence("paper", NEWER, '"npm install @tandem/core@latest"'),
  });
});

Deno.test("nor does one within another stage", () => {
  const old = Object.assign(random(), { [MARK]: OLDER });
  assert.throws(() => ensemble({ of: [random(), old] }), {
    code: "E_PLUGIN",
    message: sentence("random", OLDER, '"npm update"'),
  });
});

Deno.test("a module's plugin of another contract is not loaded, and one without a mark is", async () => {
  const file = new URL("../fixtures/plugins/praise.ts", import.meta.url).href;
  const rule = (mark: string) =>
    `import { praise } from "${file}";\n` +
    `export default Object.assign((options) => praise(options), praise, { ${mark} });\n`;
  await withFolder(async (folder) => {
    const load = async (mark: string, name: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, rule(mark));
      return await loadPlugin(`${folder}/${name}`);
    };
    const mark = '[Symbol.for("tandem.plugin")]';
    assert.equal((await load(`${mark}: undefined`, "made.mjs")).pluginName, "praise");
    await assert.rejects(load(`${mark}: ${OLDER}`, "old.mjs"), {
      code: "E_PLUGIN",
      message: sentence(`${folder}/old.mjs`, OLDER, '"npm update"'),
    });
  });
});
