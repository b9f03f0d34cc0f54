import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { silence } from "../../../../core/kit/guidance.ts";
import { Pcg64 } from "../../../../core/kit/random.ts";
import { multiDiscrete } from "../../../../core/kit/spaces.ts";
import { definePipeline } from "../../../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../../../core/run/scheduler.ts";
import { checkStudent } from "../../../../core/testing/mod.ts";
import type { Env, EnvSpec } from "../../../../core/stages/mod.ts";
import {
  babyai,
  behaviourCloning,
  corridor,
  dqn,
  gae,
  match,
  noFeedback,
  noTeacher,
} from "../../../../plugins/mod.ts";
import { mapsOf } from "../../../../plugins/student/neural/match.ts";
import { Odometry } from "../../../../core/kit/odometry.ts";
import { Phrases } from "../../../../plugins/student/neural/phrases.ts";
import { assertClose, testOnDevices } from "../../../runtimes/devices.ts";

const WORDS = ["go", "to", "the", "red", "ball", "and", "then", "you", "after", "box"];

const phrases = (clauses = 2, positions = 8) =>
  new Phrases({ id: "Words-v0", missionWords: WORDS }, clauses, positions);

/** Places that hold a word, and the word. */
const placed = (slots: Uint8Array) =>
  [...slots].flatMap((word, place) => word ? [[place, WORDS[word - 1]]] : []);

Deno.test("Phrases gives each word its place, clause by clause", () => {
  assert.deepEqual(placed(phrases().slotsOf("go to the red ball, then go to the box")), [
    [1, "go"],
    [2, "to"],
    [3, "the"],
    [4, "red"],
    [5, "ball"],
    [8, "then"],
    [9, "go"],
    [10, "to"],
    [11, "the"],
    [12, "box"],
  ]);
  assert.equal(phrases().slotsOf("").every((word) => word === 0), true);
  const shapes = ["go to the box", "go to the box after you go to the red ball"];
  assert.deepEqual(shapes.map((mission) => phrases().slotsOf(mission).length), [16, 16]);
});

Deno.test("Phrases refuses words that it does not know and missions that it cannot hold", () => {
  assert.throws(() => phrases().slotsOf("go to the cat"), {
    code: "E_SHAPE",
    message: /has the word "cat", which is none of the env's missionWords/,
  });
  assert.throws(() => phrases(2, 4).slotsOf("go to the red ball"), {
    code: "E_OPTION",
    message: /longer than student.positions has room for, clauses of "4" words/,
  });
  assert.throws(() => phrases(2).slotsOf("go and go and go"), {
    code: "E_OPTION",
    message: /longer than student.clauses has room for, "2" clauses/,
  });
  assert.throws(() => new Phrases({ id: "Silent-v0", missionWords: [] }, 1, 2), {
    code: "E_WIRING",
    message: /"Silent-v0" has "0"/,
  });
});

Deno.test("the default places hold the longest mission of BabyAI", () => {
  const thing = "a purple object in front of you";
  const put = `put ${thing} next to ${thing}`;
  const mission = `${put} and ${put} after you ${put} and ${put}`;
  const { clauses, positions } = match().options as Record<"clauses" | "positions", number>;
  const words = [...new Set(mission.split(" "))];
  const slots = new Phrases({ id: "Long-v0", missionWords: words }, clauses, positions)
    .slotsOf(mission);
  assert.equal(slots.filter((word) => word > 0).length, mission.split(" ").length);
});

// c_0 = cell[0], c_1 = cell[1]; q = gate[1] word[1]; m_i = c_i q / sqrt(4) + b. By hand.
testOnDevices("mapsOf() computes the equations of match", async ({ tf }) => {
  const weights = {
    cell: tf.tensor2d([[2, 0, 0, 0], [0, -4, 0, 0]]),
    plain: tf.tensor2d([[1], [-1]]),
    word: tf.tensor2d([[9, 9, 9, 9], [1, 1, 0, 0]]),
    gate: tf.tensor2d([[7], [3]]),
    match: tf.tensor2d([[0.5]]),
    "match/bias": tf.tensor1d([1]),
  };
  const maps = mapsOf(
    tf,
    {
      cells: tf.tensor3d([[[1, 0], [0, 1]]]), // cell 0 is of category 0, cell 1 of category 1
      slots: tf.tensor3d([[[0, 0], [0, 1]]]), // word 1 at place 1
      beside: tf.tensor2d([[0, 1]]),
    },
    (name) => weights[name as keyof typeof weights],
  );
  const m = [2 * 3 / 2 + 1, -4 * 3 / 2 + 1]; // 4, -5
  const [a, b] = m.map((x) => Math.exp(3 * 0.5 * x)) as [number, number];
  const attention = [5 * a / (a + b), 5 * b / (a + b)];
  assertClose(await maps.data(), [4, 0, ...attention, 1, 0], 1e-5, "map");
}, ["wasm", "cpu"]);

const context = () => createContext({ seed: 1, device: "cpu" });
const ASKS = { who: "A test", without: "nothing" };
const level = (name: string, envs = 2) => babyai({ level: name }).create(context(), { envs });

Deno.test("Odometry follows turns and free steps, and bumps into walls", async () => {
  const env = await level("GoToLocal", 1) as Env;
  const odometry = new Odometry(env.spec, ASKS);
  const memory = new Float32Array(3);
  let seen = env.reset([3]);
  const go = (action: string) => {
    const actions = Int32Array.of(env.spec.actions.indexOf(action));
    odometry.move(seen.tensors, actions, memory);
    seen = env.step(actions).observations;
  };
  go("turn right");
  assert.deepEqual([...memory], [1, 0, 0]);
  go("turn left");
  go("turn left");
  assert.deepEqual([...memory], [3, 0, 0]);
  for (let k = 0; k < 20; k++) go("go forward");
  const [direction, ahead, right] = memory;
  assert.deepEqual([direction, ahead], [3, 0]);
  assert.ok(right! < 0 || Object.is(right, 0), `${right}`); // to the left as far as something stands
  assert.ok(right! > -7);
  const there = memory.slice();
  go("go forward");
  assert.deepEqual(memory, there);
});

Deno.test("Odometry writes one-hot directions times 1 and the place", async () => {
  const { spec } = await level("GoToLocal", 1) as Env;
  const floats = new Float32Array(16).fill(9);
  new Odometry(spec, ASKS).write(Float32Array.of(5, 2, 4, -8), 1, floats, 16, 2);
  assert.deepEqual([...floats], [9, 9, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, -2, 0, 9, 9]);
});

for (const memory of [0, 8]) {
  Deno.test(`match with pose${memory ? " and memory" : ""} keeps its contract`, async () => {
    const findings = await checkStudent(
      match({ pose: true, hidden: 8, minibatch: 16, memory }) as never,
      { world: babyai({ level: "PickupLoc" }) } as never,
    );
    assert.deepEqual(findings, []);
  });
}

for (
  const [name, student] of [
    ["behaviour cloning", behaviourCloning({ network: "match", hidden: 8, minibatch: 16 })],
    ["dqn", dqn({ network: "match", hidden: 8, minibatch: 4, updates: 2, replay: 32 })],
  ] as const
) {
  Deno.test(`${name} by the network of match keeps its contract`, async () => {
    const findings = await checkStudent(
      student as never,
      { world: babyai({ level: "GoToLocal" }) } as never,
    );
    assert.deepEqual(findings, []);
  });
}

const wired =
  (changes: Partial<EnvSpec>, options: Parameters<typeof match>[0] = {}) => async () => {
    const { spec } = await level("GoToLocal") as Env;
    const env = { ...spec, ...changes };
    return await match(options).create(context(), {
      env,
      grain: "action",
      candidates: env.actions,
    });
  };

Deno.test("match says in a sentence what it cannot read", async () => {
  await assert.rejects(wired({ observation: { view: multiDiscrete([7, 7]) } }), {
    code: "E_WIRING",
    message: /needs a grid whose channels are told/,
  });
  await assert.rejects(wired({ missionWords: [] }), { code: "E_WIRING" });
  await assert.rejects(wired({ actions: ["left", "right"] }, { pose: true }), {
    code: "E_WIRING",
    message: /keeps track of the agent's pose .* student.pose=false does without/,
  });
  for (const maps of [0, 6]) {
    assert.throws(() => match({ maps }), { code: "E_OPTION", message: new RegExp(`"${maps}"`) });
  }
  const parts = {
    name: "unfit",
    teacher: noTeacher(),
    student: match(),
    advantage: gae(),
    feedback: noFeedback(),
  };
  assert.throws(() => definePipeline({ ...parts, env: corridor() as never }), {
    code: "E_WIRING",
    message: /The student "match" takes observations of the kind "grid"/,
  });
  for (
    const student of [behaviourCloning({ network: "match" }), dqn({ network: "match" })] as never[]
  ) {
    assert.throws(() => definePipeline({ ...parts, student, env: corridor() as never }), {
      code: "E_WIRING",
      message: /The student "(behaviour-cloning|dqn)" takes observations of the kind "grid"/,
    });
  }
});

Deno.test("match refuses a mission with an unknown word when it sees it", async () => {
  const env = await level("GoToLocal") as Env;
  const student = await wired({ missionWords: env.spec.missionWords.slice(1) })();
  const seen = env.reset([1, 2]);
  assert.throws(() => student.act(seen, silence(2, env.spec.actions), "train"), {
    code: "E_SHAPE",
    message: /has the word "go"/,
  });
  await student.dispose?.();
});

for (const pose of [false, true]) {
  Deno.test(`match goes on from a saved state to the last bit${pose ? ", with pose" : ""}`, async () => {
    const random = new Pcg64(4);
    const env = await level("PickupLoc") as Env;
    const make = () => wired({}, { pose, hidden: 8, minibatch: 8, epochs: 1 })();
    const [whole, resumed] = [await make(), await make()];
    await resumed.load!(structuredClone(await whole.save!()));
    const memory = pose ? new Float32Array(2 * 3) : undefined;
    let seen = env.reset([1, 2]);
    for (let t = 0; t < 6; t++) {
      const before = memory?.slice();
      const guidance = silence(2, env.spec.actions);
      const one = structuredClone(await whole.act(seen, guidance, "train", memory));
      const other = await resumed.act(seen, guidance, "train", before);
      assert.deepEqual(one, structuredClone(other));
      assert.deepEqual(memory, before);
      seen = env.step(Int32Array.from({ length: 2 }, () => random.integers(0, 3))).observations;
    }
    await whole.dispose?.();
    await resumed.dispose?.();
  });
}

Deno.test("match learns to go to what its mission names", async () => {
  const pipeline = definePipeline({
    name: "learning",
    env: babyai({ level: "GoToLocal", timedReward: false, fixed: { layout: 3 } }),
    teacher: noTeacher(),
    student: match({ learningRate: 2e-3, minibatch: 256 }),
    advantage: gae({ gamma: 0.9, lambda: 0.95 }),
    feedback: noFeedback(),
    schedule: { iterations: 12, envs: 64, steps: 16 },
    evaluation: { episodes: 200, states: 4 },
  });
  const { start, end } = await runPipeline(pipeline, createContext({ seed: 1, device: "wasm" }));
  assert.ok(start.success.rate < 0.4, `it began with ${start.success.rate}`);
  assert.ok(end.success.rate > 0.6, `it came to ${end.success.rate}`);
});
