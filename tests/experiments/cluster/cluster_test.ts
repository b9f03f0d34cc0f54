import { jetstreamManager } from "@nats-io/jetstream";
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectTo } from "../../../runtimes/nats/connect.ts";
import { NO_SETTINGS } from "../../../runtimes/nats/settings.ts";
import { TrialQueue } from "../../../runtimes/nats/trial_queue.ts";
import { withFolder } from "../../cli/command.ts";
import { survive } from "./chaos.ts";
import {
  clusterTest,
  command,
  digestsIn,
  Line,
  sleep,
  untilStatus,
  withServer,
  worker,
} from "./machines.ts";

const PLAN = [
  ...["tests/cli/corridor.ts", "--variants", "alone,bidirectional", "--seeds", "2"],
  ...["--device", "cpu", "--quiet"],
];

/** A sample of what `deno task torture:cluster` does for long. */
const KILLS = 3;

clusterTest(
  "compare --cluster comes to what one machine comes to, and does nothing twice",
  async () => {
    await withServer(async (_server, at, folder) => {
      const [here, there, again] = ["here", "there", "again"].map((name) => join(folder, name));
      const helper = worker(at);
      const alone = await command("compare", ...PLAN, "--out", here!).ended;
      assert.equal(alone.code, 0, alone.said);
      const shared = await command("compare", ...PLAN, ...at, "--out", there!).ended;
      assert.equal(shared.code, 0, shared.said);
      const expected = digestsIn(here!);
      assert.equal(Object.keys(expected).length, 4);
      assert.deepEqual(digestsIn(there!), expected);
      await untilStatus(at, /corridor: 4\/4 done, done/);
      await untilStatus(at, /1 side by side on cpu, Tandem .*, 4 done/);
      await helper.end();
      // Without a worker: what is known to the cluster is taken from it.
      const second = await command("compare", ...PLAN, ...at, "--out", again!).ended;
      assert.equal(second.code, 0, second.said);
      assert.deepEqual(digestsIn(again!), expected);
    });
  },
);

clusterTest("two coordinators of one plan get every result", async () => {
  await withServer(async (_server, at, folder) => {
    const helper = worker(at);
    const outs = ["one", "two"].map((name) => join(folder, name));
    const ends = await Promise.all(
      outs.map((out) => command("compare", ...PLAN, ...at, "--out", out).ended),
    );
    for (const { code, said } of ends) assert.equal(code, 0, said);
    assert.deepEqual(digestsIn(outs[0]!), digestsIn(outs[1]!));
    await untilStatus(at, /, 4 done\n/); // each trial once
    await helper.end();
  });
});

clusterTest("a poisoned trial is tried three times, put aside and reported", async () => {
  await withServer(async (_server, at, folder) => {
    const helper = worker(at);
    const settings = "student.learningRate=10,student.guidance=trust,student.initialTrust=1000";
    const poison = ["--variant", `poison=${settings},student.runtime=tfjs`];
    const out = join(folder, "out");
    const plan = ["tests/cli/corridor.ts", "--variants", "alone,poison", ...poison];
    const { code, said } = await command(
      "compare",
      ...[...plan, "--seeds", "1", "--device", "cpu", "--quiet", ...at, "--out", out],
    ).ended;
    assert.equal(code, 1, said);
    const errors = Object.values(digestsIn(out)).filter((text) => text.includes("put aside"));
    assert.equal(errors.length, 1);
    assert.match(errors[0]!, /E_NUMERIC.*put aside after 3 tries/);
    const status = await command("cluster", "status", ...at).ended;
    assert.match(status.said, /Failures\n {2}poison, seed 0: .*put aside after 3 tries/);
    await helper.end();
  });
});

clusterTest("a worker with another device is refused, with the reason", async () => {
  await withServer(async (_server, at, folder) => {
    const coordinator = command("compare", ...PLAN, ...at, "--out", join(folder, "out"));
    await untilStatus(at, /at work/);
    const refused = await command("worker", ...at, "--device", "wasm").ended;
    assert.equal(refused.code, 2, refused.said);
    assert.match(
      refused.said,
      /^E_CLUSTER: .*refused: "corridor" asks for device "cpu" \(here "wasm"\)/m,
    );
    await coordinator.end();
  });
});

clusterTest("a rule of one's own travels by its content and runs in the sandbox", async () => {
  await withServer(async (_server, at, folder) => {
    const rule = join(folder, "rule.ts");
    await Deno.writeTextFile(
      rule,
      `import { definePlugin } from "@tandem/core";
import { verdictsOf } from "@tandem/core/kit";
export default definePlugin({
  kind: "feedback", name: "mine", description: "Says yes.", options: {},
  create: () => ({ judge: (now) => verdictsOf(now.advantages.map(() => typeof Deno === "undefined" ? 1 : -1)) }),
});
`,
    );
    const rules = join(folder, "rules");
    const helper = worker(at, "--rules", rules);
    const out = join(folder, "out");
    const { code, said } = await command(
      "compare",
      ...["tests/cli/corridor.ts", "--variant", `mine=feedback=${rule}`, "--variants", "mine"],
      ...["--seeds", "1", "--device", "cpu", "--quiet", ...at, "--out", out],
    ).ended;
    assert.equal(code, 0, said);
    const { said: progress } = await helper.end();
    assert.match(progress, /mine, seed 0: done/);
    assert.equal((await Array.fromAsync(Deno.readDir(rules))).length, 1);
  });
});

clusterTest("a full stream makes the coordinator wait, and loses nothing", async () => {
  await withServer(async (_server, at, folder) => {
    await (await TrialQueue.open(at[1]!, NO_SETTINGS, "test")).close();
    const connection = await connectTo(at[1]!, NO_SETTINGS, "test");
    const manager = await jetstreamManager(connection);
    await manager.streams.update("TANDEM_TRIALS", { max_msgs: 1 });
    await connection.close();
    const out = join(folder, "out");
    const coordinator = command("compare", ...PLAN.slice(0, -1), ...at, "--out", out);
    await sleep(3000);
    const helper = worker(at);
    const { code, said } = await coordinator.ended;
    assert.equal(code, 0, said);
    assert.match(said, /The queue takes no more for now/);
    assert.equal(Object.keys(digestsIn(out)).length, 4);
    await helper.end();
  });
});

clusterTest(
  "a worker that is cut off loses its trial, and its late result changes nothing",
  async () => {
    await withServer(async (server, at, folder) => {
      const settings = join(folder, "settings.json");
      await Deno.writeTextFile(settings, '{ "patience": 1 }');
      at.push("--cluster-settings", settings);
      await using line = new Line(server.port);
      const far = worker(["--cluster", line.address, "--cluster-settings", settings]);
      const plan = [
        ...["tests/crash/pipeline.ts", "--variants", "bidirectional", "--seeds", "2"],
        ...["--iterations", "1500", "--device", "cpu", "--quiet"],
      ];
      const [here, there] = [join(folder, "here"), join(folder, "there")];
      const alone = await command("compare", ...plan, "--out", here).ended;
      assert.equal(alone.code, 0, alone.said);
      const coordinator = command("compare", ...plan, ...at, "--out", there);
      await untilStatus(at, /bidirectional, seed 0 \d/);
      line.cut();
      const near = worker(at);
      const { code, said } = await coordinator.ended;
      assert.equal(code, 0, said);
      assert.deepEqual(digestsIn(there), digestsIn(here));
      line.mend();
      await sleep(3000); // what it came to while it was cut off is published
      assert.match((await near.end()).said, /seed 0: done/);
      await far.end();
      const again = await command("compare", ...plan, ...at, "--out", `${there}-again`).ended;
      assert.equal(again.code, 0, again.said);
      assert.deepEqual(digestsIn(`${there}-again`), digestsIn(here));
    });
  },
);

clusterTest(
  "workers, server and coordinator are killed at random, a stranger lies, and no digest differs",
  async () => {
    await withFolder(async (folder) => {
      const { trials, kills, lies } = await survive(folder, KILLS, 3);
      assert.ok(lies > 20, `${lies} lies`);
      assert.ok(trials >= 6);
      assert.equal(kills.worker + kills.server + kills.coordinator, KILLS);
    });
  },
);

Deno.test("what a cluster is asked for wrongly is said in a sentence", async () => {
  await withFolder(async (folder) => {
    const out = ["--out", join(folder, "out")];
    const secret = await command("compare", ...PLAN, "--cluster", "nats://me:pw@127.0.0.1", ...out)
      .ended;
    assert.equal(secret.code, 2);
    assert.match(secret.said, /^E_ARGUMENT: An address with a password in it/m);
    assert.ok(!secret.said.includes("pw"));
    const nowhere = await command("worker", "--cluster", "nats://127.0.0.1:1").ended;
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.said, /^E_CLUSTER: No cluster answers at "nats:\/\/127.0.0.1:1"/m);
    const settings = join(folder, "settings.json");
    await Deno.writeTextFile(settings, '{ "tocken": "x" }');
    const typo = await command(
      "worker",
      "--cluster",
      "nats://127.0.0.1:1",
      "--cluster-settings",
      settings,
    )
      .ended;
    assert.equal(typo.code, 2);
    assert.match(typo.said, /^E_FILE: .*"tocken"/m);
  });
});

clusterTest("a token is asked of workers, and read from the settings", async () => {
  await withServer(async (_server, at, folder) => {
    const settings = join(folder, "settings.json");
    await Deno.writeTextFile(settings, '{ "token": "only for us" }');
    const stranger = await command("cluster", "status", ...at).ended;
    assert.equal(stranger.code, 2);
    assert.match(stranger.said, /^E_CLUSTER: /m);
    const friend = await command("cluster", "status", ...at, "--cluster-settings", settings).ended;
    assert.equal(friend.code, 0, friend.said);
  }, 'authorization { token: "only for us" }');
});

clusterTest("TLS: the server shows its certificate, the worker its own", async () => {
  const tls = fileURLToPath(new URL("../../fixtures/tls/", import.meta.url));
  const pair = (name: string) =>
    `cert_file: "${tls}${name}.pem", key_file: "${tls}${name}.key", ca_file: "${tls}ca.pem"`;
  await withServer(async (_server, at, folder) => {
    const settings = join(folder, "settings.json");
    const status = () => command("cluster", "status", ...at, "--cluster-settings", settings).ended;
    const certificate = { certificate: `${tls}client.pem`, key: `${tls}client.key` };
    const write = (tls: unknown) => Deno.writeTextFile(settings, JSON.stringify({ tls }));
    await write({ ca: `${tls}ca.pem`, ...certificate });
    const known = await status();
    assert.equal(known.code, 0, known.said);
    await write(certificate); // no authority
    const unsure = await status();
    assert.equal(unsure.code, 2, unsure.said);
    assert.match(unsure.said, /^E_CLUSTER: /m);
    await write({ ca: `${tls}ca.pem` }); // no certificate
    // The server's refusal comes at one moment of the connection or another.
    const strangers = await Promise.all([status(), status(), status()]);
    for (const { code, said } of strangers) {
      assert.equal(code, 2, said);
      assert.match(said, /^E_CLUSTER: .*the server may ask for another certificate/m);
    }
  }, `tls { ${pair("server")}, verify: true }`);
});
