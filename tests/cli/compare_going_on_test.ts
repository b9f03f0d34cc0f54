/** `deno task compare` killed and stopped in the midst of a trial. */
import assert from "node:assert/strict";
import { Pcg64 } from "../../core/kit/random.ts";
import { command, digestsIn, sleep, until } from "../experiments/cluster/machines.ts";
import { entries, withFolder } from "./command.ts";

const PLAN = [
  ...["tests/crash/pipeline.ts", "--variants", "bidirectional", "--seeds", "1"],
  ...["--iterations", "1000", "--evaluations", "4", "--device", "cpu"],
];
const ON = /\[0\/1\] bidirectional, seed 0: on after iteration [1-9]\d*/;

function compare(out: string, checkpointSeconds: number) {
  return command("compare", ...PLAN, "--checkpoint-seconds", `${checkpointSeconds}`, "--out", out);
}

/** The checkpoint of the only trial; undefined where there is none. */
async function checkpointIn(out: string): Promise<string | undefined> {
  const name = (await entries(`${out}/checkpoints`)).find((name) => /^[0-9a-f]{64}$/.test(name));
  return name && `${out}/checkpoints/${name}`;
}

/** Breaks a comparison off in the midst of its trial, soon after a checkpoint. */
async function breakOff(out: string, signal: Deno.Signal, wait = 0) {
  for (let tries = 0; tries < 10; tries++) {
    const begun = compare(out, 0.02);
    let hasEnded = false;
    begun.ended.then(() => hasEnded = true);
    await until(async () => hasEnded || !!await checkpointIn(out), "there is a checkpoint");
    await sleep(wait);
    const { code, said } = await begun.end(signal);
    if (code !== 0 && await checkpointIn(out)) return { code, said };
    await Deno.remove(out, { recursive: true }); // it was quicker than the signal
  }
  throw new Error("Every trial came to its end before it could be broken off.");
}

Deno.test("compare goes on in the midst of a trial, killed or stopped, to the same digest", async () => {
  await withFolder(async (folder) => {
    const whole = await compare(`${folder}/whole`, 1000).ended;
    assert.equal(whole.code, 0, whole.said);
    const wait = new Pcg64(Math.floor(Math.random() * 2 ** 31)).uniform(0, 50);
    for (const [signal, status] of [["SIGKILL", 137], ["SIGINT", 130]] as const) {
      const out = `${folder}/${signal}`;
      const broken = await breakOff(out, signal, wait);
      assert.equal(broken.code, status, broken.said);
      const { code, said } = await compare(out, 1000).ended;
      assert.equal(code, 0, said);
      assert.match(said, ON);
      assert.deepEqual(digestsIn(out), digestsIn(`${folder}/whole`), `${signal} after ${wait} ms`);
      assert.ok(!(await entries(out)).includes("checkpoints"), "what is done needs none");
    }
  });
});

Deno.test("compare starts a trial again whose checkpoint is damaged, and says so", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/damaged`;
    await breakOff(out, "SIGKILL");
    const path = (await checkpointIn(out))!;
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1));
    const { code, said } = await compare(out, 1000).ended;
    assert.equal(code, 0, said);
    assert.match(said, /".*\/checkpoints\/[0-9a-f]{64}" is passed over, and its trial starts/);
    assert.doesNotMatch(said, ON);
    assert.equal(Object.keys(digestsIn(out)).length, 1);
  });
});
