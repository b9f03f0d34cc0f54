/** One pipeline, one seed: the same bits in Deno, in Node and in Bun. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, withFolder } from "../cli/command.ts";
import { findBun, findNode } from "../release/engines.ts";
import { layOutPackages } from "./packages.ts";

const TRIAL = join(ROOT, "tests/engines/trial.ts");

/** An engine, and how it runs TypeScript. */
interface Engine {
  readonly name: string;
  find(): Promise<string | undefined>;
  readonly args: readonly string[];
}

const OTHERS: readonly Engine[] = [
  { name: "Node", find: findNode, args: ["--no-warnings", "--experimental-transform-types"] },
  { name: "Bun", find: findBun, args: ["run"] },
];

/** What a command prints. @throws where it fails. */
async function printed(command: string, args: readonly string[], cwd = ROOT): Promise<string> {
  const process = new Deno.Command(command, { args: [...args], cwd, stdin: "null" });
  const { success, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  assert.ok(success, `${command}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** What the trial comes to, run by name by run. */
function resultsIn(text: string): Record<string, unknown>[] {
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("ten iterations without relaxed SIMD come to the same bits in Deno, Node and Bun", async (t) => {
  await withFolder(async (folder) => {
    const flags = ["--lock=deno.lock", "--frozen", "--no-prompt", "--allow-read"];
    const expected = resultsIn(
      await printed(Deno.execPath(), [
        ...["run", "--quiet", ...flags, `--allow-write=${folder}`, TRIAL],
        join(folder, "deno"),
      ]),
    );
    assert.deepEqual(expected.map(({ name }) => name), ["corridor", "babyai"]);
    layOutPackages(folder);
    copyFileSync(TRIAL, join(folder, "trial.ts"));
    for (const engine of OTHERS) {
      const command = await engine.find();
      const name = `${engine.name}${command ? "" : ": skipped, it is not there"}`;
      await t.step({
        name,
        ignore: command === undefined,
        async fn() {
          const args = [...engine.args, "trial.ts", join(folder, engine.name)];
          assert.deepEqual(resultsIn(await printed(command!, args, folder)), expected);
        },
      });
    }
  });
});
