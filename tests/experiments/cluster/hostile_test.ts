/** What strangers put onto the server, and what servers do not permit. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { machineClassOf, thisMachine } from "../../../experiments/cluster/machine.ts";
import { serve, type ServeOptions } from "../../../experiments/cluster/serve.ts";
import { TandemError } from "../../../core/base/errors.ts";
import { trialKey } from "../../../lab/store.ts";
import { connectTo } from "../../../runtimes/nats/connect.ts";
import { NO_SETTINGS } from "../../../runtimes/nats/settings.ts";
import { type Role, TrialQueue } from "../../../runtimes/nats/trial_queue.ts";
import { Liar } from "./liar.ts";
import {
  clusterTest,
  command,
  digestsIn,
  Process,
  sleep,
  until,
  untilStatus,
  withServer,
  worker,
} from "./machines.ts";
import { contentOfSeed, recordOf } from "./messages.ts";

const PLAN = [
  ...["tests/cli/corridor.ts", "--variants", "alone,bidirectional", "--seeds", "2"],
  ...["--device", "cpu", "--quiet"],
];

/** A queue that does nothing by itself. */
async function withQueue(address: string, work: (queue: TrialQueue) => Promise<void>) {
  const queue = await TrialQueue.open(address, NO_SETTINGS, "stranger");
  try {
    await work(queue);
  } finally {
    await queue.close();
  }
}

/** Waits until a process is still there after a stranger's message, which it has read. */
async function untilEmpty(queue: TrialQueue): Promise<void> {
  await until(async () => (await queue.waiting()).size === 0, "the queue is empty", 60);
}

clusterTest(
  "a worker sets aside what is no trial, and goes on; so do others and the status",
  async () => {
    await withServer(async (server, at, folder) => {
      const trace = join(folder, "trace");
      const module = join(folder, "inner.ts");
      await Deno.writeTextFile(module, `Deno.writeTextFileSync(${JSON.stringify(trace)}, "ran");`);
      const helper = worker(at);
      const fit = machineClassOf(await thisMachine("cpu"));
      await untilStatus(at, /1 side by side on cpu/);
      const raw = await connectTo(server.address, NO_SETTINGS, "stranger");
      await withQueue(server.address, async (queue) => {
        const honest = contentOfSeed(1);
        const bodies = [{}, null, 7, "text", [], { plan: "p", name: "n", content: honest }];
        for (const [k, body] of bodies.entries()) {
          await queue.put(fit, `${k}`.padStart(64, "0"), body); // the last under a key that is not its own
        }
        await raw.request(`tandem.trials.${fit}.${"e".repeat(64)}`, "not json");
        await raw.request(`tandem.trials.${fit}.\u001b[2J`, new Uint8Array(900_000));
        for (const [k, body] of [null, {}, { state: "at work" }].entries()) {
          await queue.tellPlan(`plan-${k}`, body);
          await queue.tellWorker(`worker-${k}`, body);
        }
        await raw.request("$KV.tandem-plans.y", "garbage");
        await raw.request("tandem.dead.z", "garbage");
        await untilEmpty(queue);
        // A trial that is one by its form, and names a module within another stage.
        const pipeline = JSON.parse(await pipelineText());
        pipeline.teacher = { plugin: "shuffled", options: { of: module } };
        const content = { ...honest, pipeline };
        await queue.put(fit, trialKey(content), { plan: "p", name: "\x1b[2Jnested", content });
        await untilStatus(
          at,
          /nested: The teacher ".*inner.ts" loads a module \(import\).*put aside/,
        );
        await assert.rejects(() => Deno.stat(trace), Deno.errors.NotFound);
      });
      await raw.close();
      const second = worker(at);
      await untilStatus(at, /2 trials side by side/);
      const status = await command("cluster", "status", ...at).ended;
      assert.equal(status.code, 0, status.said);
      assert.match(status.said, /The plan "y" is passed over: it is no JSON/);
      for (const process of [helper, second]) {
        const { said } = await process.end("SIGINT");
        assert.match(said, /waits for trials/);
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(said, /[\x00-\x09\x0b-\x1f]/);
        if (process === helper) {
          assert.match(said, /is set aside: it is not what its key stands for/);
        }
      }
    });
  },
);

async function pipelineText(): Promise<string> {
  const { default: pipeline } = await import("../../cli/corridor.ts");
  return JSON.stringify(pipeline);
}

clusterTest("forged and foreign results are set aside, and the trials are run", async () => {
  await withServer(async (server, at, folder) => {
    const [here, there] = [join(folder, "here"), join(folder, "there")];
    const alone = await command("compare", ...PLAN, "--out", here).ended;
    assert.equal(alone.code, 0, alone.said);
    await using liar = await Liar.open(server.address);
    const coordinator = command("compare", ...PLAN, ...at, "--out", there);
    await until(async () => await liar.forgeAll() > 0, "there is something to lie about", 60);
    const helper = worker(at);
    const lying = liar.forgeOn(300);
    const { code, said } = await coordinator.ended;
    lying.stop();
    assert.equal(code, 0, said);
    assert.match(said, /A result of ".*" is set aside, since it .*; the trial is run for another/);
    assert.deepEqual(digestsIn(there), digestsIn(here));
    await helper.end();
  });
});

clusterTest(
  "a trial whose results are always forged is left; the comparison says so and fails",
  async () => {
    await withServer(async (server, at, folder) => {
      await using liar = await Liar.open(server.address);
      const plan = [
        "tests/cli/corridor.ts",
        "--variants",
        "alone",
        "--seeds",
        "1",
        "--device",
        "cpu",
      ];
      const out = join(folder, "out");
      const coordinator = command("compare", ...plan, "--quiet", ...at, "--out", out);
      // It takes trials off the queue as a worker does, and publishes lies.
      const fit = machineClassOf(await thisMachine("cpu"));
      const stealing = liar.stealOn(fit);
      const { code, said } = await coordinator.ended;
      await stealing.stop();
      assert.equal(code, 1, said);
      assert.match(said, /"alone, seed 0" is left: 4 times/);
      assert.match(said, /Not run: "alone, seed 0"; the same command tries again/);
    });
  },
);

clusterTest("a server that lost its store gets it back, and everybody goes on", async () => {
  await withServer(async (server, at, folder) => {
    const plan = [
      ...["tests/crash/pipeline.ts", "--variants", "bidirectional", "--seeds", "3"],
      ...["--iterations", "600", "--device", "cpu", "--quiet"],
    ];
    const [here, there] = [join(folder, "here"), join(folder, "there")];
    const alone = await command("compare", ...plan, "--out", here).ended;
    assert.equal(alone.code, 0, alone.said);
    const helper = worker(at);
    const coordinator = command("compare", ...plan, ...at, "--out", there);
    await untilStatus(at, /bidirectional, seed 0 \d/);
    await server.kill();
    await server.loseStore();
    await server.start();
    const { code, said } = await coordinator.ended;
    assert.equal(code, 0, said);
    assert.deepEqual(digestsIn(there), digestsIn(here));
    await untilStatus(at, /crash: 3\/3 done, done/);
    await helper.end();
  });
});

/** Serves one trial that does what it is told; gives what was published as its result. */
async function serveOne(
  address: string,
  seed: number,
  options: Partial<ServeOptions> & Pick<ServeOptions, "lane">,
): Promise<string> {
  let said = "";
  await withQueue(address, async (queue) => {
    const content = contentOfSeed(seed);
    const key = trialKey(content);
    await queue.put("fit", key, { plan: "p", name: "slow", content });
    const stop = new AbortController();
    const serving = serve({
      ...{ queue, machineClass: "fit", device: "cpu", id: "w", jobs: 1, settings: NO_SETTINGS },
      limits: { longest: 60, still: 60 },
      signal: stop.signal,
      onStart: () => {},
      onIteration: () => {},
      onEnd: () => {},
      warn: (sentence) => said += `${sentence}\n`,
      ...options,
    });
    await until(async () => await queue.result(key) !== undefined, "it is put aside", 30);
    said += new TextDecoder().decode(await queue.result(key));
    await untilEmpty(queue);
    stop.abort();
    await serving;
  });
  return said;
}

clusterTest("a trial that takes too long, or makes no progress, is put aside at once", async () => {
  await withServer(async (server) => {
    const ticking = new AbortController();
    const still = await serveOne(server.address, 1, {
      limits: { longest: 60, still: 0.5 },
      settings: { patience: 0.5, tries: 3 },
      lane: () => ({
        run: () => new Promise(() => {}), // signs of life go on meanwhile
        giveUp: () => Promise.resolve(false),
        end: () => {},
      }),
    });
    assert.match(still, /The thread of "slow" does not stop/);
    assert.match(still, /no iteration was done in .*put aside after 1 try/);
    const long = await serveOne(server.address, 2, {
      limits: { longest: 1, still: 0.5 },
      lane: () => ({
        async run(_trial, watch) {
          for (let k = 1; !ticking.signal.aborted; k++) {
            watch.onIteration(k); // it gets on, and never ends
            await sleep(100);
          }
          return { type: "stopped" };
        },
        giveUp: () => {
          ticking.abort();
          return Promise.resolve(true);
        },
        end: () => {},
      }),
    });
    assert.match(long, /it took longer than .*put aside after 1 try/);
    assert.doesNotMatch(long, /does not stop/);
  });
});

clusterTest("--verify finds a worker that lies, and is content with two that do not", async () => {
  await withServer(async (server, at, folder) => {
    const verified = ["--verify", "1", ...at];
    const honest = [worker(at), worker(at)];
    const plan = ["tests/cli/corridor.ts", "--variants", "alone", "--device", "cpu", "--quiet"];
    const good = await command(
      "compare",
      ...plan,
      "--seeds",
      "2",
      ...verified,
      "--out",
      join(folder, "a"),
    )
      .ended;
    assert.equal(good.code, 0, good.said);
    await untilStatus(at, /, 2 done[^]*, 2 done|, 1 done[^]*, 3 done|, 3 done[^]*, 1 done/);
    await honest[1]!.end("SIGINT");
    await using liar = await Liar.open(server.address);
    const fit = machineClassOf(await thisMachine("cpu"));
    const working = liar.workOn(fit, (content) => recordOf(content)); // its own, and not what is learned
    const out = join(folder, "b");
    const more = ["--seeds", "1", "--first-seed", "7"];
    const bad = await command("compare", ...plan, ...more, ...verified, "--out", out).ended;
    await working.stop();
    assert.equal(bad.code, 1, bad.said);
    assert.match(Object.values(digestsIn(out)).join(), /two workers came to different results/);
    await honest[0]!.end("SIGINT");
  });
});

clusterTest("--verify with one worker says that nothing was verified, and ends", async () => {
  await withServer(async (_server, at, folder) => {
    const helper = worker(at);
    const plan = [
      "tests/cli/corridor.ts",
      "--variants",
      "alone",
      "--seeds",
      "1",
      "--device",
      "cpu",
    ];
    const out = join(folder, "out");
    const { code, said } = await command(
      "compare",
      ...[...plan, "--quiet", "--verify", "1", ...at, "--out", out],
    ).ended;
    assert.equal(code, 1, said);
    assert.match(
      said,
      /no second worker to run trials again: "alone, seed 0" are kept, and not verified/,
    );
    assert.equal(Object.keys(digestsIn(out)).length, 1);
    await helper.end();
  });
});

/** The commands that use a cluster, at a server. */
function users(at: readonly string[], folder: string): Record<string, () => Process> {
  return {
    worker: () => worker(at),
    compare: () => command("compare", ...PLAN, ...at, "--out", join(folder, "out")),
    status: () => command("cluster", "status", ...at),
  };
}

clusterTest("a server without JetStream is told in a sentence that names the flag", async () => {
  await withServer(
    async (_server, at, folder) => {
      for (const [name, start] of Object.entries(users(at, folder))) {
        const { code, said } = await start().ended;
        assert.equal(code, 2, `${name}: ${said}`);
        assert.match(said, /^E_CLUSTER: The NATS server has no JetStream.*-js/m);
        assert.doesNotMatch(said, /defect|\n\s+at /);
      }
    },
    "",
    false,
  );
});

/** What a role does on a queue, and what it may find that it may not. */
const ROLES: Readonly<Record<Role, (queue: TrialQueue) => Promise<unknown>>> = {
  async submit(queue) {
    const key = trialKey(contentOfSeed(9));
    await queue.put("fit", key, {});
    await queue.waiting();
    await queue.result(key);
    await queue.forget(key);
    await queue.tellPlan("p", {});
    const stop = AbortSignal.timeout(3000);
    for await (const _ of queue.results(() => true, stop));
  },
  async work(queue) {
    await queue.take("fit", 1000);
    await queue.take("fit", 1000);
  },
  observe: (queue) => queue.status(),
};

const DENIED: readonly (readonly [subject: string, roles: readonly Role[]])[] = [
  ["$JS.API.INFO", ["submit", "work", "observe"]],
  ["$JS.API.STREAM.CREATE.>", ["submit", "work"]],
  ["$JS.API.STREAM.INFO.>", ["submit", "work", "observe"]],
  ["$JS.API.CONSUMER.>", ["submit", "work"]],
  ["$JS.API.CONSUMER.MSG.NEXT.>", ["submit", "work"]],
  ["$JS.API.STREAM.MSG.GET.>", ["submit"]],
  ["$JS.API.STREAM.PURGE.>", ["submit"]],
  ["$JS.ACK.>", ["work"]],
  ["tandem.trials.>", ["submit"]],
  ["tandem.results.>", ["work"]],
  ["tandem.dead.>", ["work"]],
  ["$KV.tandem-plans.>", ["submit"]],
  ["$KV.tandem-workers.>", ["work"]],
  ["$KV.tandem-failures.>", ["work"]],
  ["$O.>", ["work"]],
];

for (const [denied, roles] of DENIED) {
  clusterTest(`who may not publish to ${denied} and has to is told so`, async () => {
    await withServer(async (server) => {
      for (const role of roles) {
        const use = async () => {
          const queue = await TrialQueue.open(server.address, NO_SETTINGS, role, role);
          await ROLES[role](queue).finally(() => queue.close());
        };
        const [prefix] = denied.split(">");
        await assert.rejects(
          use,
          (error: unknown) =>
            error instanceof TandemError && error.code === "E_CLUSTER" &&
            error.message.includes(`not permit this user to publish to "${prefix}`),
          role,
        );
      }
    }, restricted(denied));
  });
}

clusterTest("commands that lack a permission end with its subject in a sentence", async () => {
  for (const [denied, name] of [["tandem.results.>", "worker"], ["tandem.trials.>", "compare"]]) {
    await withServer(async (_server, at, folder) => {
      const { code, said } = await users(at, folder)[name!]!().ended;
      assert.equal(code, 2, said);
      assert.match(
        said,
        /^E_CLUSTER: The NATS server does not permit this user to publish to "tandem\./m,
      );
      assert.doesNotMatch(said, /defect|\n\s+at /);
    }, restricted(denied!));
  }
});

function restricted(denied: string): string {
  const permissions = `{ publish: { deny: ["${denied}"] } }`;
  return `authorization { users: [ { user: narrow, password: x, permissions: ${permissions} } ] }
no_auth_user: narrow`;
}
