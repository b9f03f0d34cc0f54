/** Goes the way of docs/guide/plugin.md in a copy of the project, with a registry of the test's own. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePackages } from "../../release/packages.ts";
import { outcome, ROOT } from "../cli/command.ts";
import { withCopy } from "../cli/copy.ts";
import { openRegistry } from "../registry/registry.ts";

const PAGE = readFileSync(join(ROOT, "docs/guide/plugin.md"), "utf8");
/** The commands of the guide, a line each. */
const COMMANDS = [...PAGE.matchAll(/^```sh\n([^]*?)^```$/gm)]
  .flatMap(([, text]) => text!.trim().split("\n"));

const LOCK = readFileSync(join(ROOT, "deno.lock"), "utf8");
/** So that a run takes a second. */
const FEW = "--quiet --iterations 2 --set evaluation.episodes=4";

const hasNpm = await new Deno.Command("npm", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

/** Runs programs as a reader types them, who walks from folder to folder. */
class Reader {
  constructor(private folder: string) {}

  /** What a line writes; it must end well. */
  async type(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const [program, ...args] = line.split(" ") as [string, ...string[]];
    if (program === "cd") {
      this.folder = join(this.folder, args[0]!);
      return "";
    }
    const process = new Deno.Command(program === "deno" ? Deno.execPath() : program, {
      args: args.map((arg) => arg.replace(/^'|'$/g, "")),
      cwd: this.folder,
      env: { NO_COLOR: "1", ...env },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    const { status, stdout, stderr } = await outcome(process);
    assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
    return stdout + stderr;
  }
}

Deno.test({
  name: "the guide to plugins leads to a package that others use",
  ignore: !hasNpm,
  async fn(test) {
    await using registry = openRegistry();
    for (const { tarball } of await makePackages(["@tandem/core", "@tandem/env"])) {
      registry.publish(tarball);
    }
    const scopes = ["@tandem", "@you"].map((scope) => `${scope}:registry=${registry.url}\n`).join(
      "",
    );
    const npmrc = scopes +
      registry.npmrc.split("\n").filter((line) => line.startsWith("//")).join("\n");
    await withCopy(npmrc, async (_task, tandem) => {
      const reader = new Reader(tandem);
      const rule = join(tandem, "../my-rule");
      for (const line of COMMANDS) {
        await test.step(line, async () => {
          const said = await reader.type(line.includes("--out runs/") ? `${line} ${FEW}` : line);
          if (line.startsWith("deno task new")) writeFileSync(`${rule}/.npmrc`, npmrc);
          if (line === "deno task test") assert.match(said, /2 passed/);
          if (line.includes("--out runs/")) {
            await expectRun(
              tandem,
              line.match(/--out (\S+)/)![1]!,
              line.match(/feedback=(\S+)/)![1]!,
            );
          }
          if (line.startsWith("deno task plugins:add")) {
            assert.match(said, /is let in: the feedback "my-rule"\./);
            assert.match(
              readFileSync(`${tandem}/deno.lock`, "utf8"),
              /"@you\/my-rule@0\.1\.0": \{/,
            );
          }
          if (line.startsWith("deno task plugins:remove")) {
            assert.equal(readFileSync(`${tandem}/deno.lock`, "utf8"), LOCK);
          }
        });
      }
      await test.step("by its file and its address", () => byAddress(reader, tandem, rule));
    });
  },
});

/** A run whose rule was the one that was named, and gave verdicts; its report says so. */
async function expectRun(tandem: string, out: string, rule: string): Promise<void> {
  const read = (file: string) => Deno.readTextFile(join(tandem, out, file));
  assert.equal(JSON.parse(await read("config.json")).pipeline.feedback.plugin, rule);
  const { verdicts } = JSON.parse(await read("summary.json"));
  assert.ok(verdicts.positive > 0 && verdicts.negative > 0, JSON.stringify(verdicts));
  assert.ok((await read("report.html")).includes(rule));
}

/** The same rule from the web and from its file, each let in and taken out again. */
async function byAddress(reader: Reader, tandem: string, rule: string): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const headers = { "content-type": "application/typescript" };
    return new Response(readFileSync(`${rule}/my_rule.ts`), { headers });
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const modules = [`http://${host}/my_rule.ts`, "../my-rule/my_rule.ts"];
  const said = await reader.type(`deno task plugins:add ${modules.join(" ")}`);
  assert.equal(said.match(/is let in: the feedback "my-rule"\./g)?.length, 2);
  assert.ok(said.includes(`TANDEM_ALLOW=--allow-import=${host} deno task run`), said);
  const run = `deno task run pipelines/corridor.ts --set feedback=${modules[0]} --out runs/web`;
  await reader.type(`${run} ${FEW}`, { TANDEM_ALLOW: `--allow-import=${host}` });
  await expectRun(tandem, "runs/web", modules[0]!);
  await reader.type(`deno task plugins:remove ${modules.join(" ")}`);
  assert.equal(readFileSync(`${tandem}/deno.lock`, "utf8"), LOCK);
}
