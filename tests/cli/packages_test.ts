/** The first command of a newcomer, with and without a network. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { type Outcome, outcome, ROOT, withFolder } from "./command.ts";

/** What the command line is made of until it has its packages. */
const FILES = ["cli.ts", "cli", "core", "deno.json", "deno.lock", "import_map.json"];

/** A clone without packages, in which `command` runs with an empty cache. */
async function inClone(
  work: (command: (...args: string[]) => Promise<Outcome>, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    for (const file of FILES) cpSync(`${ROOT}${file}`, `${folder}/${file}`, { recursive: true });
    const { workspace } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
    for (const member of workspace as string[]) {
      mkdirSync(`${folder}/${member}`, { recursive: true });
      cpSync(`${ROOT}${member}/deno.json`, `${folder}/${member}/deno.json`);
    }
    const command = (...args: string[]) =>
      outcome(
        new Deno.Command(Deno.execPath(), {
          args: ["task", "--quiet", ...args],
          cwd: folder,
          // Nothing listens there: a machine without a network.
          env: {
            NO_COLOR: "1",
            DENO_DIR: `${folder}/cache`,
            NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/",
          },
          ...{ stdin: "null", stdout: "piped", stderr: "piped" },
        }).spawn(),
      );
    await work(command, folder);
  });
}

Deno.test("the first command without a network gives one sentence with what mends it", () =>
  inClone(async (command, folder) => {
    for (const quiet of [[], ["--quiet"]]) {
      const { status, stdout, stderr } = await command("run", "pipelines/babyai.ts", ...quiet);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      const lines = stderr.trim().split("\n");
      const [sentence = ""] = lines.slice(-1);
      assert.match(
        sentence,
        /^E_PACKAGE: The package "valibot", which this command needs, could not be fetched \(error sending request for url \(http:\/\/127\.0\.0\.1:9\/.*\); run the command again where the npm registry can be reached \("deno task packages" .*\)\.$/,
      );
      assert.equal(lines.length, quiet.length > 0 ? 1 : 2, stderr);
    }
    assert.ok(!existsSync(`${folder}/runs`));
  }));
