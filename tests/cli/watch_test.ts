import assert from "node:assert/strict";
import { outcome, start, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";

const PIPELINE = "tests/cli/corridor.ts";

/** A rule that always gives one sign, counts its verdicts, and says how many there were. */
const ruleSource = (sign: number, more = "") => `
  import { definePlugin } from "@tandem/core";
  export default definePlugin({
    kind: "feedback", name: "my-rule", description: "One sign.", options: {},
    create() {
      let count = 0;
      ${more}
      return {
        judge: ({ advantages: { length } }) => ({
          signs: new Int8Array(length).fill(${sign}),
          strengths: new Float32Array(length).fill(++count),
          words: () => "sign ${sign}, verdict " + count,
        }),
        save: () => ({ json: count }),
        load: ({ json }) => void (count = json as number),
      };
    },
  });`;

interface Row {
  readonly iteration: number;
  readonly words: string;
}

/** Reads what has been written of a run's events so far. */
async function eventsOf(run: string): Promise<{ type: string; rows?: Row[]; message?: string }[]> {
  const text = await Deno.readTextFile(`${run}/events.jsonl`).catch(() => "");
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Waits until the events satisfy a condition. */
async function until(
  run: string,
  holds: (events: Awaited<ReturnType<typeof eventsOf>>) => boolean,
): Promise<void> {
  for (let waits = 0; waits < 600; waits++) {
    if (holds(await eventsOf(run))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`The run did not come so far: ${JSON.stringify((await eventsOf(run)).slice(-2))}`);
}

for (const sandbox of [[], ["--sandbox"]]) {
  const how = sandbox.length ? " in a sandbox" : "";
  Deno.test(`--watch reloads an edited rule${how} between iterations and keeps its state`, async () => {
    await withFolder(async (folder) => {
      const [rule, run] = [`${folder}/rule.ts`, `${folder}/run`];
      await Deno.writeTextFile(rule, ruleSource(1));
      const process = start(
        ...["run", PIPELINE, "--device", "cpu", "--iterations", "100000", "--out", run, "--quiet"],
        ...["--set", `feedback=${rule}`, "--watch", ...sandbox],
      );
      await until(run, (events) => events.some(({ type }) => type === "iteration.ended"));
      await Deno.writeTextFile(rule, "export default 3;");
      await until(run, (events) => events.some(({ type }) => type === "warning"));
      await Deno.writeTextFile(rule, ruleSource(-1));
      const isNew = ({ rows }: { rows?: Row[] }) => rows?.at(-1)?.words.startsWith("sign -1");
      await until(run, (events) => events.some(isNew));
      process.kill("SIGINT");
      const { status, stderr } = await outcome(process);
      assert.equal(status, 130, stderr);
      const events = await eventsOf(run);
      const warnings = events.flatMap(({ type, message }) => type === "warning" ? message! : []);
      assert.match(warnings[0]!, /exports no plugin.* The feedback stays as it was\.$/);
      assert.equal(warnings[1], "The feedback is another one from here on.");
      const words = events.flatMap(({ rows }) => rows?.map((row) => row.words) ?? []);
      const first = words.findIndex((text) => text.startsWith("sign -1"));
      assert.equal(words[first - 1], `sign 1, verdict ${first}`);
      assert.equal(words[first], `sign -1, verdict ${first + 1}`, "the count goes on");
    });
  });
}

Deno.test("--sandbox lets a run go on when its rule loops for ever", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/rule.ts`, ruleSource(1, "for (;;);"));
    const set = ["--set", `feedback=${folder}/rule.ts`, "--sandbox"];
    const out = `${folder}/run`;
    const { status, stderr } = await inProcess(
      "run",
      PIPELINE,
      ...set,
      "--device",
      "cpu",
      "--out",
      out,
    );
    assert.equal(status, 0, stderr);
    assert.match(
      stderr,
      /ran past its limit of 15000 ticks.*the run goes on and the rule abstains/,
    );
    const { verdicts } = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    assert.deepEqual(verdicts, { positive: 0, negative: 0, abstained: 256 });
  });
});

Deno.test("--sandbox never lets a rule run outside, not even its first line", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/rule.ts`, `Deno.exit(3);\n${ruleSource(1)}`);
    const rule = ["--set", `feedback=${folder}/rule.ts`];
    const { status, stderr } = await inProcess("run", PIPELINE, ...rule, "--sandbox");
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^E_PLUGIN: The plugin ".*rule\.ts" failed: 'Deno' is not defined\./);
  });
});

const NONSENSE: readonly [what: string, args: string[], message: RegExp][] = [
  ["--watch with nothing to watch", ["--watch"], /^E_ARGUMENT: --watch looks after plugins given/],
  [
    "--sandbox with a built-in rule",
    ["--sandbox"],
    /^E_ARGUMENT: --sandbox is for a feedback rule/,
  ],
  [
    "--sandbox with a rule that imports Node",
    ["--sandbox", "--set", "feedback=./cli/watch.ts"],
    /^E_PLUGIN: "node:.*" cannot be imported in the sandbox/,
  ],
];

for (const [what, args, message] of NONSENSE) {
  Deno.test(`run answers ${what} with one sentence and status 2`, async () => {
    const { status, stderr } = await inProcess("run", PIPELINE, ...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  });
}
