/** `deno task tune` whose runs others do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  clusterTest,
  command,
  digestsIn,
  withServer,
  worker,
} from "../experiments/cluster/machines.ts";

const PLAN = [
  ...["tests/cli/tune_plan.ts", "--variants", "alone", "--fresh-seeds", "1"],
  ...["--device", "cpu", "--quiet"],
];

clusterTest("tune --cluster tries what one machine tries, and comes to the same", async () => {
  await withServer(async (_server, at, folder) => {
    const [here, there] = ["here", "there"].map((name) => join(folder, name));
    const helper = worker(at);
    const alone = await command("tune", ...PLAN, "--out", here!).ended;
    assert.equal(alone.code, 0, alone.said);
    const shared = await command("tune", ...PLAN, ...at, "--out", there!).ended;
    assert.equal(shared.code, 0, shared.said);
    const expected = digestsIn(here!);
    assert.equal(Object.keys(expected).length, 9);
    assert.deepEqual(digestsIn(there!), expected);
    await helper.end();
  });
});
