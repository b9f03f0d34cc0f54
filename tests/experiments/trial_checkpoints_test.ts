import assert from "node:assert/strict";
import { TrialCheckpoints } from "../../experiments/trial_checkpoints.ts";
import { draftOf } from "../../runtimes/files/draft.ts";

Deno.test("a trial that is done leaves no draft of a process that was killed, and those of others", async () => {
  const folder = await Deno.makeTempDir();
  const [done, other] = ["a".repeat(64), "b".repeat(64)];
  const theirs = draftOf(`${folder}/${other}`);
  for (const path of [`${folder}/${done}`, draftOf(`${folder}/${done}`), theirs]) {
    await Deno.writeTextFile(path, "");
  }
  const checkpoints = new TrialCheckpoints(folder, assert.fail);
  checkpoints.drop(done);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`), [theirs]);
  checkpoints.drop(other);
  await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
});
