/** The accounts that docs/cluster.md prints, on a server. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../cli/command.ts";
import { TandemError } from "../../../core/base/errors.ts";
import { NO_SETTINGS } from "../../../runtimes/nats/settings.ts";
import { type Role, TrialQueue } from "../../../runtimes/nats/trial_queue.ts";
import { clusterTest, command, digestsIn, withServer, worker } from "./machines.ts";

const PASSWORDS: Readonly<Record<Role, string>> = {
  submit: "change this one",
  work: "change this one too",
  observe: "and this one",
};

/** The configuration that the page prints. */
async function printedAccounts(): Promise<string> {
  const page = await Deno.readTextFile(join(ROOT, "docs/cluster.md"));
  const [, block] = page.match(/```conf\n([^]*?)```/) ?? [];
  assert.ok(block, "docs/cluster.md prints no configuration");
  return block;
}

function open(address: string, role: Role, as?: Role): Promise<TrialQueue> {
  const settings = { ...NO_SETTINGS, user: role, password: PASSWORDS[role] };
  return TrialQueue.open(address, settings, role, as);
}

const KEY = "0".repeat(64);
const LARGE = { text: "x".repeat(600_000) };
const never = () => new AbortController().signal;

/** What somebody does on a queue, and the roles that may. */
const ACTIONS: readonly (readonly [
  what: string,
  roles: readonly Role[],
  act: (queue: TrialQueue) => Promise<unknown>,
])[] = [
  ["puts a trial in", ["submit"], (queue) => queue.put("fit", KEY, {}, crypto.randomUUID())],
  ["sees what waits", ["submit", "work", "observe"], (queue) => queue.waiting()],
  ["takes a trial and returns it", ["work"], async (queue) => {
    const held = await queue.take("fit", 1000);
    held?.working();
    held?.letGo();
    await queue.take("another", 1000);
  }],
  ["publishes a result", ["work"], (queue) => queue.publishResult(KEY, {}, never())],
  ["publishes a large result", ["work"], (queue) => queue.publishResult(KEY, LARGE, never())],
  ["reads a result", ["submit", "work"], (queue) => queue.result(KEY)],
  ["takes results in", ["submit"], async (queue) => {
    for await (const _ of queue.results(() => true, AbortSignal.timeout(5000))) return;
  }],
  ["keeps an object", ["submit", "work"], (queue) => queue.keep("rule", new Uint8Array(300_000))],
  ["reads an object", ["submit", "work"], async (queue) => {
    assert.equal((await queue.find("rule", 1e6))?.length, 300_000);
  }],
  ["counts a failure", ["submit", "work"], (queue) => queue.countFailure(KEY)],
  ["puts a trial aside", ["work"], (queue) => queue.bury(KEY, {}, never())],
  ["forgets a result", ["submit"], (queue) => queue.forget(KEY)],
  ["takes a trial back", ["submit"], (queue) => queue.withdraw("fit", KEY)],
  ["tells of a plan", ["submit"], (queue) => queue.tellPlan("p", {})],
  ["tells of a worker", ["work"], (queue) => queue.tellWorker("w", {})],
  ["looks at the whole", ["submit", "work", "observe"], (queue) => queue.status()],
];

clusterTest(
  "the accounts of docs/cluster.md permit each role what it needs, and no more",
  async () => {
    await withServer(async (server) => {
      // The streams are made by the first who may.
      await (await open(server.address, "work", "work")).close();
      for (const [what, roles, act] of ACTIONS) {
        for (const role of ["submit", "work", "observe"] as const) {
          const queue = await open(server.address, role, "observe");
          const isRefused = (error: unknown) =>
            error instanceof TandemError && error.code === "E_CLUSTER" &&
            /not permit this user/.test(error.message);
          try {
            if (roles.includes(role)) await act(queue);
            else await assert.rejects(() => act(queue), isRefused, `${role} ${what}`);
          } catch (error) {
            throw new Error(`${role}: ${what}`, { cause: error });
          } finally {
            await queue.close();
          }
        }
      }
    }, await printedAccounts());
  },
);

clusterTest("a comparison of three roles comes to what one machine comes to", async () => {
  await withServer(async (_server, at, folder) => {
    const as = async (role: Role) => {
      const settings = join(folder, `${role}.json`);
      await Deno.writeTextFile(
        settings,
        JSON.stringify({ user: role, password: PASSWORDS[role], patience: 2 }),
      );
      return [...at, "--cluster-settings", settings];
    };
    const rule = join(folder, "rule.ts");
    await Deno.writeTextFile(
      rule,
      `import { definePlugin } from "@tandem/core";
import { verdictsOf } from "@tandem/core/kit";
export default definePlugin({ kind: "feedback", name: "mine", description: "Yes.", options: {},
  create: () => ({ judge: (now) => verdictsOf(now.advantages.map(() => 1)) }) });
`,
    );
    const plan = [
      ...[
        "tests/crash/pipeline.ts",
        "--variants",
        "alone,mine",
        "--variant",
        `mine=feedback=${rule}`,
      ],
      ...["--seeds", "1", "--iterations", "300", "--device", "cpu", "--quiet"],
    ];
    const [here, there] = [join(folder, "here"), join(folder, "there")];
    const alone = await command("compare", ...plan, "--sandbox", "--out", here).ended;
    assert.equal(alone.code, 0, alone.said);
    const helper = worker(await as("work"), "--checkpoint-seconds", "0.2", "--rules", folder);
    const { code, said } = await command("compare", ...plan, ...await as("submit"), "--out", there)
      .ended;
    assert.equal(code, 0, said);
    assert.deepEqual(digestsIn(there), digestsIn(here));
    const status = await command("cluster", "status", ...await as("observe")).ended;
    assert.match(status.said, /crash: 2\/2 done/);
    assert.match((await helper.end("SIGINT")).said, /mine, seed 0: done/);
  }, await printedAccounts());
});
