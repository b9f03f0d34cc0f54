import assert from "node:assert/strict";
import { Fingerprints } from "../../experiments/fingerprints.ts";
import { TandemError } from "../../core/base/errors.ts";
import { decodeSaved, encodeSaved, type FoundTrial } from "../../experiments/saved_trial.ts";
import { type PoolOptions, runTrials, TrialThread } from "../../experiments/trial_pool.ts";
import { canonical } from "../../lab/digest.ts";
import { type TrialContent, trialKey } from "../../lab/store.ts";
import { ppo } from "../../plugins/mod.ts";
import { withFolder } from "../cli/command.ts";
import corridor from "../cli/corridor.ts";

const TRIALS = [0, 1, 2].flatMap((seed) =>
  [corridor, corridor.with({ student: ppo({ hidden: 8 }) })].map((pipeline) => {
    const content: TrialContent = {
      pipeline: pipeline.toJSON(),
      seed,
      device: "cpu",
      version: "x",
      files: {},
    };
    return { content, key: trialKey(content) };
  })
);

type Checkpoints = NonNullable<PoolOptions<typeof TRIALS[number]>["checkpoints"]>;

/** Processor seconds beside seconds by the clock, run by run. */
const processorTimes: { readonly of: number; readonly used: number | null }[] = [];

async function resultsOf(
  jobs: number,
  checkpoints?: Checkpoints,
): Promise<string[]> {
  const results = new Map<unknown, string>();
  await runTrials(TRIALS, {
    jobs,
    sandbox: false,
    checkpoints,
    signal: new AbortController().signal,
    onStart: () => {},
    onIteration: () => {},
    onEnd: (trial, outcome) => {
      if ("error" in outcome) throw new Error(outcome.error.message);
      const { wallSeconds, processorSeconds } = outcome.record.summary;
      processorTimes.push({ of: wallSeconds, used: processorSeconds });
      const text = canonical(outcome.record).replaceAll(/"\w*[sS]econds":(\{[^}]*\}|[^,}]*)/g, "");
      results.set(trial, text);
    },
  });
  return TRIALS.map((trial) => results.get(trial)!);
}

Deno.test("trials come to the same in however many threads they run", async () => {
  const alone = await resultsOf(1);
  assert.equal(new Set(alone).size, TRIALS.length);
  assert.deepEqual(await resultsOf(3), alone);
  // The system counts in steps of some hundredths of a second.
  for (const { of, used } of processorTimes) assert.ok(used! >= 0 && used! <= of + 0.1, `${used}`);
  assert.ok(processorTimes.some(({ used }) => used! > 0));
});

Deno.test("trials come to the same wherever they go on from, and from the start where they do not fit", async () => {
  const whole = await resultsOf(1);
  const kept = new Map<string, FoundTrial[]>();
  const keep: Checkpoints["keep"] = (key, saved) => {
    kept.set(key, [...kept.get(key) ?? [], decodeSaved(encodeSaved(saved), key)]);
  };
  assert.deepEqual(await resultsOf(2, { seconds: 0, find: () => undefined, keep }), whole);
  const begun = (key: string) => kept.get(key)!.at(kept.get(key)!.length >> 1)!;
  assert.ok([...kept.keys()].every((key) => begun(key).iteration > 0));
  assert.deepEqual(await resultsOf(2, { seconds: 1000, find: begun, keep: () => {} }), whole);
  const keys = TRIALS.map(({ key }) => key);
  const another = (key: string) => begun(keys[(keys.indexOf(key) + 1) % keys.length]!);
  assert.deepEqual(await resultsOf(2, { seconds: 1000, find: another, keep: () => {} }), whole);
});

const [PRAISE, BLAME] = ["1", "-1"];

/** A rule that says the same of all. */
const RULE = (sign: string) =>
  `import { definePlugin } from "@tandem/core";
   export default definePlugin({
     kind: "feedback", name: "rule", description: "A rule.", options: {},
     create: () => ({ judge: ({ advantages: { length } }) => ({
       signs: new Int8Array(length).fill(${sign}),
       strengths: new Float32Array(length).fill(1),
       words: () => "so",
     }) }),
   });`;

/** The sign of each trial's verdicts, or its error, where a rule is edited before and after the first. */
async function editedMeanwhile(sandbox: boolean, before: string, after: string): Promise<string[]> {
  const said: string[] = [];
  await withFolder(async (folder) => {
    const rule = `${folder}/rule.ts`;
    await Deno.writeTextFile(rule, RULE(PRAISE));
    const pipeline = {
      ...corridor.with({ schedule: { iterations: 1 } }).toJSON(),
      feedback: { plugin: rule, options: {} },
    };
    const files = await new Fingerprints().of(pipeline);
    const trials = [0, 1].map((seed) => {
      const content = { pipeline, seed, device: "cpu", version: "x", files };
      return { content, key: trialKey(content) };
    });
    await Deno.writeTextFile(rule, RULE(before));
    await runTrials(trials, {
      ...{ jobs: 1, sandbox, signal: new AbortController().signal },
      onStart: () => {},
      onIteration: () => {},
      onEnd: (_, outcome) => {
        if ("error" in outcome) said.push(outcome.error.message);
        else {
          const { positive, negative } = outcome.record.summary.verdicts;
          said.push(positive > 0 && negative === 0 ? PRAISE : `${positive} and ${negative}`);
        }
        Deno.writeTextFileSync(rule, RULE(after));
      },
    });
  });
  return said;
}

Deno.test("no trial is run with a module that was edited after its key was made", async () => {
  const loaded = await editedMeanwhile(false, PRAISE, BLAME);
  assert.deepEqual(loaded, [PRAISE, PRAISE], "as it was loaded");
  for (const said of await editedMeanwhile(false, BLAME, BLAME)) {
    assert.match(said, /rule\.ts" was changed while the comparison ran\. .*--retry/);
  }
  // In the sandbox it is read for each trial.
  const [first, second] = await editedMeanwhile(true, PRAISE, BLAME);
  assert.equal(first, PRAISE);
  assert.match(second!, /was changed while the comparison ran/);
});

Deno.test("a trial that came as a message reads no run, whatever place it names", () =>
  withFolder(async (folder) => {
    const { student, ...rest } = corridor.toJSON();
    const pipeline = { ...rest, student: { ...student, from: { run: folder } } };
    const content = { pipeline, seed: 0, device: "cpu", version: "x", files: {} };
    const thread = new TrialThread(new AbortController().signal);
    try {
      const setting = { sandbox: true, guest: { effects: [] } };
      const answer = await thread.run(content, setting, { onIteration: () => {} });
      assert.ok(answer.type === "failed", answer.type);
      assert.equal(answer.code, "E_WIRING");
      assert.match(answer.message, /: no runs can be read here\.$/);
    } finally {
      thread.end();
    }
  }));

Deno.test("trials that begin from others wait for them, and fail where these failed", async () => {
  const [first, second, third] = TRIALS;
  const order: string[] = [];
  const names = new Map([[first, "first"], [second, "second"], [third, "third"]]);
  await runTrials([first!, second!, third!], {
    ...{ jobs: 3, sandbox: false, signal: new AbortController().signal },
    after: (trial) => trial === first ? [third!.key] : [],
    learnedFor: (trial) => {
      if (trial !== second) return Promise.resolve([]);
      throw new TandemError("E_CHECKPOINT", "It is not there.");
    },
    keeps: (trial) => trial === third ? ["student"] : undefined,
    onStart: (trial) => order.push(`${names.get(trial)} begins`),
    onIteration: () => {},
    onEnd: (trial, outcome, states) => {
      const how = "error" in outcome ? outcome.error.code : Object.keys(states).join();
      order.push(`${names.get(trial)} ends: ${how}`);
    },
  });
  const of = (name: string) => order.filter((line) => line.startsWith(name));
  assert.deepEqual(of("second"), ["second ends: E_CHECKPOINT"]);
  assert.deepEqual([...of("third"), ...of("first")], order.filter((line) => !/^second/.test(line)));
  assert.deepEqual(of("third")[1], "third ends: student");
  assert.deepEqual(of("first"), ["first begins", "first ends: "]);
});
