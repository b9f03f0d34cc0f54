import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Fingerprints } from "../../experiments/fingerprints.ts";
import corridor from "../cli/corridor.ts";
import { withFolder } from "../cli/command.ts";

/** The fingerprints of a pipeline with this feedback rule. */
function fingerprints(rule: string): Promise<Record<string, string>> {
  return new Fingerprints().of({ ...corridor.toJSON(), feedback: { plugin: rule, options: {} } });
}

Deno.test("a rule's fingerprint is of its module and of the files that it imports, not of Tandem's", async () => {
  await withFolder(async (folder) => {
    const [rule, helper, stranger] = ["rule", "helper", "stranger"]
      .map((name) => `${folder}/${name}.ts`) as [string, string, string];
    const core = fileURLToPath(new URL("../../core/pipeline/plugin.ts", import.meta.url));
    await Deno.writeTextFile(rule, `import { a } from "./helper.ts"; import "../..${core}";`);
    await Deno.writeTextFile(helper, `export const a = 1; import "./rule.ts";`);
    await Deno.writeTextFile(stranger, "1");
    const { [rule]: first, ...others } = await fingerprints(rule);
    assert.match(first!, /^[0-9a-f]{64}$/);
    assert.deepEqual(others, {});
    await Deno.writeTextFile(stranger, "2");
    assert.equal((await fingerprints(rule))[rule], first);
    await Deno.writeTextFile(helper, `export const a = 2; import "./rule.ts";`);
    const second = (await fingerprints(rule))[rule];
    assert.notEqual(second, first);
    await Deno.remove(helper);
    assert.notEqual((await fingerprints(rule))[rule], second);
  });
});

Deno.test("extra stages and folders among the options have fingerprints, built-in names have none", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/model`);
    await Deno.writeTextFile(`${folder}/model/weights`, "1");
    await Deno.writeTextFile(`${folder}/bonus.ts`, "1");
    const of = async () => {
      const pipeline = corridor.toJSON();
      const teacher = { plugin: "language-model", options: { model: `${folder}/model` } };
      const extras = { bonus: { plugin: `${folder}/bonus.ts`, options: {} } };
      return await new Fingerprints().of({ ...pipeline, teacher, extras });
    };
    const first = await of();
    assert.deepEqual(Object.keys(first).sort(), [`${folder}/bonus.ts`, `${folder}/model`]);
    await Deno.writeTextFile(`${folder}/model/weights`, "2");
    await Deno.writeTextFile(`${folder}/bonus.ts`, "2");
    for (const [name, hash] of Object.entries(await of())) assert.notEqual(hash, first[name], name);
    const files = new Fingerprints();
    for (const plugin of ["paper", "./nowhere.ts", "paper", "./nowhere.ts"]) {
      assert.deepEqual(
        await files.of({ ...corridor.toJSON(), feedback: { plugin, options: {} } }),
        {},
      );
    }
  });
});

Deno.test("a rule's fingerprint is of what it imports, however the import is written", async () => {
  await withFolder(async (folder) => {
    const [rule, helper] = [`${folder}/rule.ts`, `${folder}/helper.cjs`];
    const imports = [
      `export type A = number\nimport { a } from "./helper.cjs"`,
      `import type, { a } from "./helper.cjs";`,
      `import type from "./helper.cjs";`,
      `import type B from "./types.ts"\nimport a from "./helper.cjs"`,
      `import a from /* what is lent */ "./helper.cjs";`,
      `import(// later\n "./helper.cjs");`,
      `const require = createRequire(import.meta.url); require("./helper.cjs");`,
      `const text = await Deno.readTextFile(new URL("./helper.cjs", import.meta.url));`,
    ];
    for (const text of imports) {
      await Deno.writeTextFile(rule, text);
      const of = async (helped: string) => {
        await Deno.writeTextFile(helper, helped);
        return (await fingerprints(rule))[rule];
      };
      assert.notEqual(await of("1"), await of("2"), text);
    }
    for (const lent of ["type { A }", "type * as A", "type A"]) {
      await Deno.writeTextFile(rule, `import ${lent} from "./helper.cjs"`);
      const before = (await fingerprints(rule))[rule];
      await Deno.writeTextFile(helper, lent);
      assert.equal((await fingerprints(rule))[rule], before, lent);
    }
  });
});
