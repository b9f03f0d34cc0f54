/** The tests' own npm registry, asked by those who ask registries: npm, Deno and Bun. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readTarball, writeTarball } from "../../release/tar.ts";
import { withFolder } from "../cli/command.ts";
import { openRegistry, type Registry, tarballOf } from "./registry.ts";

const GREETING = {
  "package.json": JSON.stringify({
    ...{ name: "@greeting/hello", version: "1.2.3", type: "module", exports: "./index.js" },
    dependencies: {
      valibot: JSON.parse(readFileSync("import_map.json", "utf8")).imports.valibot.split("@")[1],
    },
  }),
  "index.js": `import * as v from "valibot"; export const hello = v.parse(v.string(), "hello");\n`,
};

const ASK = `import { hello } from "@greeting/hello"; console.log(hello);\n`;

/** What a command writes, with nothing of the machine's cache. */
async function outputOf(folder: string, command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: folder,
    env: {
      npm_config_cache: `${folder}/cache`,
      DENO_DIR: `${folder}/deno`,
      BUN_INSTALL_CACHE_DIR: `${folder}/bun`,
      NO_COLOR: "1",
    },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${command} ${args.join(" ")}: ${out}${err}`);
  return out!;
}

const isThere = async (command: string) => {
  try {
    return (await new Deno.Command(command, { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
};

async function withProject(
  work: (folder: string, registry: Registry) => Promise<void>,
): Promise<void> {
  await using registry = openRegistry();
  await withFolder(async (folder) => {
    writeFileSync(`${folder}/.npmrc`, registry.npmrc);
    writeFileSync(`${folder}/ask.js`, ASK);
    await work(folder, registry);
  });
}

Deno.test("npm installs from the registry, with what the project has for the rest", async (test) => {
  if (!await isThere("npm")) return console.log("skipped: npm is not here");
  await withProject(async (folder, registry) => {
    registry.publish(tarballOf(GREETING));
    writeFileSync(`${folder}/package.json`, JSON.stringify({ type: "module" }));
    await outputOf(folder, "npm", "install", "--no-audit", "--no-fund", "@greeting/hello");
    assert.deepEqual([...registry.asked].sort(), ["@greeting/hello", "valibot"]);
    assert.equal(await outputOf(folder, "node", "ask.js"), "hello\n");
    await test.step("and publishes to it", async () => {
      const next = { name: "plain", version: "0.0.1", type: "module", exports: "./index.js" };
      writeFileSync(`${folder}/package.json`, JSON.stringify(next));
      writeFileSync(`${folder}/index.js`, "export default 1;\n");
      writeFileSync(`${folder}/.npmignore`, "cache\nask.js\n");
      await outputOf(folder, "npm", "publish");
      assert.equal(await outputOf(folder, "npm", "view", "plain", "version"), "0.0.1\n");
    });
  });
});

Deno.test("Deno adds from the registry", async () => {
  await withProject(async (folder, registry) => {
    registry.publish(tarballOf(GREETING));
    writeFileSync(`${folder}/deno.json`, "{}");
    await outputOf(folder, Deno.execPath(), "add", "--quiet", "npm:@greeting/hello@1.2.3");
    assert.equal(await outputOf(folder, Deno.execPath(), "run", "ask.js"), "hello\n");
    assert.deepEqual([...registry.asked].sort(), ["@greeting/hello", "valibot"]);
  });
});

Deno.test("Bun adds from the registry", async () => {
  if (!await isThere("bun")) return console.log("skipped: Bun is not here");
  await withProject(async (folder, registry) => {
    registry.publish(tarballOf(GREETING));
    await outputOf(folder, "bun", "add", "@greeting/hello");
    assert.equal(await outputOf(folder, "bun", "ask.js"), "hello\n");
  });
});

Deno.test("a tarball is the same whatever the order of its files, tar reads it, and it is read again", async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const long = `${"folder/".repeat(18)}${"name".repeat(20)}.js`;
  const files = [["b.js", "b"], ["a/c.js", "c".repeat(513)], [long, ""]] as const;
  const map = (pairs: typeof files[number][]) =>
    new Map(pairs.map(([path, text]) => [path, bytes(text)]));
  const tarball = writeTarball(map([...files]));
  assert.deepEqual(writeTarball(map([...files].reverse())), tarball);
  assert.deepEqual([...readTarball(tarball)].sort(), [...map([...files])].sort());
  assert.throws(() => writeTarball(map([["x".repeat(101), ""]])), /is too long/);
  await withFolder(async (folder) => {
    writeFileSync(`${folder}/a.tgz`, tarball);
    await outputOf(folder, "tar", "xzf", "a.tgz");
    for (const [path, text] of files) {
      assert.equal(readFileSync(`${folder}/package/${path}`, "utf8"), text);
    }
    assert.ok(!existsSync(`${folder}/package/package`));
  });
});
