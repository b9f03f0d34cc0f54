/** Adds a part as CONTRIBUTING.md says, from a scratch folder, without touching a file of Tandem's. */
import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { isPlugin } from "../../core/pipeline/plugin.ts";
import type { AdvantageEstimator } from "../../core/stages/mod.ts";
import { gae } from "../../plugins/advantage/gae.ts";
import { withFolder } from "../cli/command.ts";
import { inProcess } from "../cli/in_process.ts";
import { rolloutOf, spec } from "../plugins/moments.ts";

const PAGE = await Deno.readTextFile(new URL("../../CONTRIBUTING.md", import.meta.url));

Deno.test("an advantage estimator is one file: its page, its check and a run are as CONTRIBUTING.md says", async () => {
  const [, name, source] = PAGE.match(/^```ts ignore (\w+\.ts)\n([^]*?)^```$/m)!;
  const [, commands] = PAGE.slice(PAGE.indexOf(source!)).match(/^```sh\n([^]*?)^```$/m)!;
  await withFolder(async (folder) => {
    const file = `${folder}/${name}`;
    await Deno.writeTextFile(file, source!);
    const lines = commands!.trim().split("\n");
    assert.deepEqual(lines.map((line) => line.split(" ")[2]), ["plugins", "check", "run"]);
    for (const line of lines) {
      const args = line.replace(`./${name}`, file).split(" ").slice(2);
      if (args[0] === "run") {
        args.push("--iterations", "1", "--out", `${folder}/run`);
        for (const small of ["schedule.envs=2", "evaluation.episodes=2", "evaluation.states=2"]) {
          args.push("--set", small);
        }
      }
      const { status, stdout, stderr } = await inProcess(...args);
      assert.equal(status, 0, stderr);
      if (args[0] === "plugins") {
        assert.match(stdout, /^advantage lambda-return: .*\n\nA_t = G_t\(lambda\)/);
        assert.match(stdout, / {2}lambda +a number, .*\(default 0\.95\)\n +Decay of traces/);
      }
    }
    await expectGae(file);
  });
});

/** The lambda-return less V(s) is what generalised advantage estimation gives. */
async function expectGae(file: string): Promise<void> {
  const { default: plugin } = await import(`file://${file}`);
  assert.ok(isPlugin(plugin));
  const rollout = rolloutOf({
    envs: 2,
    values: Float32Array.of(1, 2, 4, 0),
    nextValues: Float32Array.of(4, 8, 0, 6),
    rewards: Float32Array.of(0, 1, 2, 0),
    terminated: Uint8Array.of(0, 0, 1, 0),
    truncated: Uint8Array.of(0, 1, 0, 0),
  });
  const context = createContext({ seed: 0 });
  const [mine, theirs] = await Promise.all([plugin.stage({}), gae()].map(async (stage) => {
    const made = await stage.create(context, { env: spec } as never);
    return (made as AdvantageEstimator).estimate(rollout);
  }));
  for (const what of ["advantages", "targets"] as const) {
    for (const [i, value] of mine![what].entries()) {
      assert.ok(Math.abs(value - theirs![what][i]!) < 1e-5, `${what} ${i}`);
    }
  }
}
