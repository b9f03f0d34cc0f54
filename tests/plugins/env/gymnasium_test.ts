/** Gymnasium's environments through Python, with a stand-in for Gymnasium that every machine can run. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createContext } from "../../../core/kit/context.ts";
import { use } from "../../../core/pipeline/plugin.ts";
import type { Env } from "../../../core/stages/mod.ts";
import { checkStage } from "../../../core/testing/mod.ts";
import { guestCatalog } from "../../../experiments/cluster/guest.ts";
import { systemClock } from "../../../core/kit/clock.ts";
import { PythonProcess } from "../../../plugins/env/gymnasium/process.ts";
import { gymnasium } from "../../../plugins/mod.ts";

/** Where the stand-in lies. */
const STAND_IN = fileURLToPath(new URL("./gymnasium", import.meta.url));

const real = await pythonWithNumpy();
const python = real && await Deno.makeTempFile({ dir: "/tmp", prefix: "tandem-test-python-" });
if (python) {
  // A Python of which Gymnasium is the stand-in: its environment is empty but for what this says.
  await Deno.writeTextFile(python, `#!/bin/sh\nPYTHONPATH="${STAND_IN}" exec "${real}" "$@"\n`);
  await Deno.chmod(python, 0o700);
  addEventListener("unload", () => Deno.removeSync(python));
}

async function pythonWithNumpy(): Promise<string | undefined> {
  const args = ["-c", "import numpy, sys; print(sys.executable)"];
  const command = new Deno.Command("python3", { args, stderr: "null" });
  const { success, stdout } = await command.output().catch(() => ({ success: false, stdout: [] }));
  return success ? new TextDecoder().decode(Uint8Array.from(stdout)).trim() : undefined;
}

/** A test that needs Python with numpy. */
function test(name: string, fn: () => Promise<void>): void {
  const reason = python ? "" : ": skipped, there is no python3 that has numpy";
  Deno.test({ name: `${name}${reason}`, ignore: !python, fn });
}

async function open(id: string, options: object = {}, envs = 1): Promise<Env> {
  return await gymnasium({ id, python, ...options }).create(createContext({ seed: 1 }), { envs });
}

/** Works with environments and ends their process. */
async function using(env: Promise<Env>, work: (env: Env) => void | Promise<void>): Promise<void> {
  const opened = await env;
  try {
    await work(opened);
  } finally {
    await opened.dispose!();
  }
}

const numbers = (
  env: Env["reset"] extends (...args: never) => infer O ? O : never,
  name: string,
) => [
  ...env.tensors[name]!.data,
];

test("spaces of a Dict are tensors, its text is the mission, floats come first", async () => {
  await using(open("Count-v0", {}, 2), (env) => {
    const { observation, actions, maxSteps, rewardThreshold } = env.spec;
    assert.deepEqual(
      Object.entries(observation).map(([name, { kind, shape }]) => [name, kind, shape]),
      [
        ["inner.level", "box", [1, 2]],
        ["place", "discrete", []],
        ["far", "multi-discrete", [2]],
        ["pair", "multi-discrete", [2]],
      ],
    );
    assert.deepEqual(observation["inner.level"], {
      ...{ kind: "box", dtype: "float32", shape: [1, 2] },
      ...{ low: [0, -Infinity], high: [9, Infinity] },
    });
    assert.deepEqual([actions, maxSteps, rewardThreshold], [
      ["action 0", "action 1", "action 2"],
      4,
      3.5,
    ]);
    const seen = env.reset([10, 11]);
    assert.deepEqual(numbers(seen, "inner.level"), [0, -0.5, 1, -0.5]);
    assert.deepEqual(numbers(seen, "place"), [0, 1]);
    assert.deepEqual(numbers(seen, "far"), [1, 0, 1, 1]); // 256 and 257, in two digits
    assert.deepEqual(numbers(seen, "pair"), [0, 0, 1, 1]);
    assert.deepEqual([seen.mission(0), seen.mission(1)], ["count from 10", "count from 11"]);
    assert.deepEqual(seen.text(1), [
      "inner.level: 1, -0.5",
      "place: 1",
      "far: 1, 1",
      "pair: 1, 1",
    ]);
    assert.notEqual(seen.key(0), seen.key(1));
  });
});

test("an episode that ends begins anew in the same step, and its last observation is kept", async () => {
  await using(open("Count-v0", {}, 2), (env) => {
    env.reset([10, 11]);
    // The one goes up by two to 6 and ends there; the other stands still until it is cut.
    const steps = Array.from({ length: 4 }, () => {
      const { rewards, terminated, truncated, observations, finals } = env.step(
        Int32Array.of(1, 2),
      );
      return {
        now: numbers(observations, "place"),
        rewards: [...rewards],
        ends: [...terminated, ...truncated],
        finals: numbers(finals, "place"),
        missions: [finals.mission(0), finals.mission(1)],
      };
    });
    assert.deepEqual(steps.map(({ rewards }) => rewards), [[1, 0.5], [2, 0.5], [3, 0.5], [
      steps[3]!.rewards[0],
      0.5,
    ]]);
    assert.deepEqual(steps.map(({ ends }) => ends), [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
    assert.equal(steps[2]!.finals[0], 6);
    assert.ok(steps[2]!.now[0]! <= 1, "the next episode has begun");
    assert.deepEqual([steps[3]!.finals[1], steps[3]!.missions], [1, [
      "count from 10",
      "count from 11",
    ]]);
  });
});

test("an episode that ends where it would be cut has ended", async () => {
  await using(open("Count-v0", { maxSteps: 3 }), (env) => {
    env.reset([10]);
    env.step(Int32Array.of(1));
    env.step(Int32Array.of(1));
    const { terminated, truncated } = env.step(Int32Array.of(1));
    assert.deepEqual([[...terminated], [...truncated]], [[1], [0]]);
  });
});

test("floats act within a Box, and reach it as its own numbers", async () => {
  await using(open("Push-v0", {}, 2), (env) => {
    assert.deepEqual([env.spec.actions, env.spec.actionBox!.high], [[], [1, 2]]);
    env.reset([1, 2]);
    const { observations, rewards } = env.step(Float32Array.of(0.5, 1.5, -1, 0.25));
    assert.deepEqual(numbers(observations, "state"), [0.5, 1.5, -1, 0.25]);
    assert.deepEqual([...rewards], [2, -0.75]);
    assert.throws(() => env.step(Float32Array.of(0, 0, 0, NaN)), { code: "E_ACTION" });
  });
});

test("gymnasium keeps the contract of an env, saving and loading too", async () => {
  const stage = gymnasium({ id: "Count-v0", python });
  assert.deepEqual(await checkStage(stage, { world: stage as never }), []);
});

test("the names of actions and the words of missions can be told", async () => {
  const told = { actions: ["one", "two", "none"], missionWords: ["count", "from"] };
  await using(open("Count-v0", told), ({ spec }) => {
    assert.deepEqual([spec.actions, spec.missionWords], [told.actions, told.missionWords]);
  });
  await assert.rejects(open("Count-v0", { actions: ["one"] }), {
    code: "E_OPTION",
    message: /"1" names; right would be 3/,
  });
});

test("what Python says of an error is shown in a sentence, its control characters written out", async () => {
  await using(open("Broken-v0"), (env) => {
    env.reset([1]);
    env.step(Int32Array.of(0));
    assert.throws(() => env.step(Int32Array.of(1)), {
      code: "E_STAGE",
      message:
        /^"Broken-v0" failed in a step: ValueError: the wheel\\x1b\[2J came off \(gymnasium\.py:\d+\)\.$/,
    });
  });
});

test("a process that ends in a step, or takes too long for it, is told of", async () => {
  const options = { timeout: 0.5 };
  await using(open("Broken-v0", options), (env) => {
    env.reset([1]);
    assert.throws(() => env.step(Int32Array.of(3)), {
      code: "E_STAGE",
      message: /The Python process of "Broken-v0" has ended: it .* took longer .* env\.timeout/,
    });
    // And so it is from then on.
    assert.throws(() => env.step(Int32Array.of(0)), { code: "E_STAGE" });
  });
});

test("a process that does not say its first line in time is ended", async () => {
  const slow = { python: real!, source: "import time; time.sleep(60)", setting: {}, timeout: 0.01 };
  await assert.rejects(PythonProcess.start(slow, systemClock), {
    code: "E_PACKAGE",
    message: /did not start its environments within "0.01" seconds/,
  });
});

test("an environment that chance decides besides its seed is not resumed", async () => {
  await using(open("Fickle-v0"), async (env) => {
    env.reset([1]);
    const saved = await env.save!();
    await assert.rejects(async () => await env.load!(saved), {
      code: "E_CHECKPOINT",
      message: /"Fickle-v0" do not come to the same again .* \(it shows something else\)/,
    });
  });
});

test("a category that a space has not is refused", async () => {
  await using(open("Fallible-v0"), (env) => {
    assert.throws(() => env.reset([1]), {
      code: "E_SHAPE",
      message: /"place" of "Fallible-v0" has the category "10" at 0, where its space has 10/,
    });
  });
});

const REFUSED: readonly [what: string, options: object, code: string, message: RegExp][] = [
  ["an unknown id", { id: "Moon-v0" }, "E_LEVEL", /no environment "Moon-v0" \(.*doesn't exist/],
  [
    "a space that nobody reads",
    { id: "Jumble-v0" },
    "E_WIRING",
    /"Jumble-v0" is a space that no student reads \(all of it: Tuple\(\\x1b\[2J\)\)/,
  ],
  [
    "no limit of steps",
    { id: "Count-v0", kwargs: { endless: true } },
    "E_OPTION",
    /"Count-v0" does not say how long .* env\.maxSteps/,
  ],
  [
    "arguments that it does not take",
    { id: "Count-v0", kwargs: { wind: 3 } },
    "E_OPTION",
    /cannot make "Count-v0": TypeError: .*'wind'/,
  ],
  [
    "a Python that is not there",
    { python: "/tmp/no python" },
    "E_PACKAGE",
    /"\/tmp\/no python", and there is no such program \(ENOENT\)/,
  ],
  ["what is no Python", { python: "/bin/true" }, "E_PACKAGE", /"\/bin\/true" ended before/],
  ["a Python without Gymnasium", { python: real }, "E_PACKAGE", /-m pip install gymnasium/],
];
for (const [what, options, code, message] of REFUSED) {
  test(`${what} is one sentence`, async () => {
    await assert.rejects(open("Count-v0", options), { code, message });
  });
}

Deno.test("an id is an id: nothing else reaches Python", () => {
  for (const id of ["", "a b-v0", "x;y:Z-v0", "../Room-v0", "a/b/c-v0"]) {
    assert.throws(() => gymnasium({ id }), { code: "E_OPTION" }, id);
  }
});

Deno.test("a message to a cluster's worker starts no Python", async () => {
  const catalog = await guestCatalog({ effects: [] });
  await assert.rejects(use("env", "gymnasium", { python: "/bin/sh" }, catalog), {
    code: "E_PERMISSION",
    message: /The env "gymnasium" starts a program .*nobody has allowed/,
  });
});
