/** The Python package: its worlds are these worlds, to the bit. */
import assert from "node:assert/strict";
import { createHash, type Hash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { LEVEL_IDS } from "../../plugins/env/babyai/levels.ts";
import { BabyAIVector } from "../../plugins/env/babyai/vector.ts";
import { ROOT } from "../cli/command.ts";

const decoder = new TextDecoder();

/** Runs a program to its end; undefined where there is none. */
async function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const command = new Deno.Command(program, { args: [...args], env });
  const output = await command.output().catch(() => undefined);
  return output &&
    {
      ok: output.success,
      said: decoder.decode(output.stdout),
      told: decoder.decode(output.stderr),
    };
}

const numpy = (await run("python3", ["-c", "import numpy"]))?.ok === true;
const skipped = numpy ? "" : ": skipped, there is no python3 that has numpy";

/** What tests/bindings/play.py does, done here. */
function play(level: string, envs: number, steps: number) {
  const worlds = new BabyAIVector({ level, envs });
  const hash = createHash("sha256");
  let ends = 0;
  worlds.reset(Array.from({ length: envs }, (_, i) => 100 + i));
  tell(hash, worlds);
  for (let t = 0; t < steps; t++) {
    worlds.step(Array.from({ length: envs }, (_, i) => (5 * t + 3 * i) % 11 % 7));
    tell(hash, worlds);
    const { rewards, terminated, truncated, finals } = worlds;
    hash.update(new Uint8Array(rewards.slice().buffer)).update(terminated).update(truncated);
    for (let i = 0; i < envs; i++) {
      if (!terminated[i] && !truncated[i]) continue;
      ends++;
      hash.update(finals.subarray(i * 148, i * 148 + 147)).update(worlds.finalMission(i));
    }
  }
  return { digest: hash.digest("hex"), ends };
}

function tell(hash: Hash, worlds: BabyAIVector): void {
  const { envs, observations } = worlds;
  const all = Array.from({ length: envs }, (_, i) => i);
  for (const i of all) hash.update(observations.subarray(i * 148, i * 148 + 147));
  hash.update(Uint8Array.from(all, (i) => observations[i * 148 + 147]!));
  hash.update(all.map((i) => worlds.mission(i)).join("\n"));
}

Deno.test({
  name: `Python plays the worlds that are played here, to the bit${skipped}`,
  ignore: !numpy,
  async fn() {
    const script = fileURLToPath(new URL("./play.py", import.meta.url));
    const env = { PYTHONPATH: `${ROOT}bindings/python`, TANDEM_DENO: Deno.execPath() };
    const played = (await run("python3", [script], env))!;
    assert.ok(played.ok, played.told);
    const { local, unknown, single, checked } = JSON.parse(played.said);
    assert.deepEqual(local, play("BabyAI-GoToLocal-v0", 8, 70));
    assert.ok(local.ends > 0, "some episode ended");
    assert.match(unknown, /^E_LEVEL: No level is named "GoToMoon"/);
    const { sentences: [outOfRange, over], ...rest } = single;
    assert.deepEqual(rest, { isSame: true, truncated: true });
    assert.match(outOfRange, /^E_ACTION: The action "9"/);
    assert.match(over, /^E_ACTION: .*over/);
    if (checked === null) console.log("Gymnasium's own checkers: skipped, it is not installed");
    else assert.equal(checked, true);
  },
});

Deno.test("Python knows the levels by their names", async () => {
  const text = await Deno.readTextFile(`${ROOT}bindings/python/tandem/levels.py`);
  assert.deepEqual([...text.matchAll(/^ {4}"(.*)",$/gm)].map(([, id]) => id), LEVEL_IDS);
});

Deno.test("what serves the worlds has no permission, and bounds what it reads", async () => {
  const process = await Deno.readTextFile(`${ROOT}bindings/python/tandem/process.py`);
  assert.match(process, /"--no-prompt"/);
  assert.doesNotMatch(process, /--allow/);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-check", `--lock=${ROOT}deno.lock`, "--frozen"],
      ...[`${ROOT}bindings/serve.ts`, '{"level": "GoToObj", "envs": 2}'],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(Uint8Array.of(255, 255, 255, 127));
  const { code, stdout } = await child.output();
  await writer.close().catch(() => {});
  assert.equal(code, 0);
  assert.match(decoder.decode(stdout), /E_ARGUMENT: A frame says that it has "2147483647" bytes/);
});
