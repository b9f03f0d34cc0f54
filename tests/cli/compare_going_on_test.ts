/** `deno task compare` killed and stopped in the midst of a trial. */
import assert from "node:assert/strict";
import { Pcg64 } from "../../core/random.ts";
import { command, digestsIn, sleep, until } from "../cluster/machines.ts";
import { entries, withFolder } from "./command.ts";

const PLAN = [
  ...["tests/crash/pipeline.ts", "--variants", "bidirectional", "--seeds", "1"],
  ...["--iterations", "2000", "--evaluations", "4", "--device", "cpu"],
];
const ON = /\[0\/1\] bidirectional, seed 0: on after iteration [1-9]\d*/;

function compare(out: string, checkpointSeconds: number) {
  return command("compare", ...PLAN, "--checkpoint-seconds", `${checkpointSeconds}`, "--out", out);
}

/** Waits for a checkpoint of the only trial that is younger than this call; gives its file. */
async function checkpointIn(out: string): Promise<string> {
  const since = Date.now();
  let path = "";
  const isThere = async () => {
    const name = (await entries(`${out}/checkpoints`)).find((name) => /^[0-9a-f]{64}$/.test(name));
    path = `${out}/checkpoints/${name}`;
    return (await Deno.stat(path)).mtime!.getTime() > since;
  };
  await until(isThere, "there is a checkpoint");
  return path;
}

Deno.test("compare goes on in the midst of a trial, killed or stopped, to the same digest", async () => {
  await withFolder(async (folder) => {
    const whole = await compare(`${folder}/whole`, 1000).ended;
    assert.equal(whole.code, 0, whole.said);
    const out = `${folder}/broken-off`;
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = new Pcg64(seed);
    for (const signal of ["SIGKILL", "SIGINT"] as const) {
      const begun = compare(out, 0.02);
      await checkpointIn(out);
      await sleep(random.uniform(0, 50));
      const { code, said } = await begun.end(signal);
      assert.equal(code, signal === "SIGKILL" ? 137 : 130, said);
      if (signal === "SIGINT") assert.match(said, ON);
    }
    const { code, said } = await compare(out, 1000).ended;
    assert.equal(code, 0, said);
    assert.match(said, ON);
    assert.deepEqual(digestsIn(out), digestsIn(`${folder}/whole`), `drawn from seed ${seed}`);
    assert.ok(!(await entries(out)).includes("checkpoints"), "what is done needs none");
  });
});

Deno.test("compare starts a trial again whose checkpoint is damaged, and says so", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/damaged`;
    const begun = compare(out, 0.02);
    const path = await checkpointIn(out);
    await begun.end("SIGKILL");
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1));
    const { code, said } = await compare(out, 1000).ended;
    assert.equal(code, 0, said);
    assert.match(said, /".*\/checkpoints\/[0-9a-f]{64}" is passed over, and its trial starts/);
    assert.doesNotMatch(said, ON);
    assert.equal(Object.keys(digestsIn(out)).length, 1);
  });
});
