import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { exactJson, parseExactJson } from "../../../core/kit/packing.ts";
import { multiDiscrete } from "../../../core/kit/spaces.ts";
import { checkStage } from "../../../core/testing/mod.ts";
import type { TandemEvent } from "../../../core/stages/events.ts";
import type { Rollout, RunPart, StageState } from "../../../core/stages/mod.ts";
import { definePipeline } from "../../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import { hindsightReplay } from "../../../plugins/extra/achieved/hindsight_replay.ts";
import { babyai, cartpole, dqn, gae, noFeedback, noTeacher, ppo } from "../../../plugins/mod.ts";
import { Achiever, achieverSpec, type Happening } from "./achievers.ts";

type Options = NonNullable<Parameters<typeof hindsightReplay>[0]>;

const PLAIN: Options = { indefinite: 0, vague: 0, least: 1, gamma: 0.5 };

async function make(options: Options = {}, envs = 1, emit?: (event: TandemEvent) => void) {
  const env = achieverSpec(envs);
  return await hindsightReplay({ ...PLAIN, ...options })
    .create(createContext({ seed: 0, emit }), { env, candidates: [] });
}

/** All that is held, each once: "mission | hour: return", in order. */
function held(extra: RunPart): string[] {
  const batch = extra.replay!()?.draw(2000);
  if (!batch) return [];
  const { observations, missions, returns, keys, actions } = batch;
  const rows = missions.map((mission, k) => {
    const hour = observations.hour!.data[k]!;
    assert.deepEqual(
      [keys[k], actions[k]],
      [100 + hour, hour % 2],
      "a row's columns belong together",
    );
    return `${mission} | ${String(hour).padStart(2)}: ${returns[k]}`;
  });
  return [...new Set(rows)].sort();
}

const GO = { achieved: ["go to the red ball"] };
const OTHER = { achieved: ["go to the blue ball"] };

const TABLE: readonly [
  name: string,
  steps: readonly Happening[],
  rows: readonly string[],
  options?: Options,
][] = [
  ["the steps before a goal have the discounted return of reaching it", [{}, {}, GO], [
    "go to the red ball |  0: 0.25",
    "go to the red ball |  1: 0.5",
    "go to the red ball |  2: 1",
  ]],
  ["no more than a segment is kept", [{}, {}, {}, GO], [
    "go to the red ball |  2: 1",
    "go to the red ball |  3: 2",
  ], { segment: 2, reward: 2 }],
  ["a segment begins after the goal was reached last, not after another one", [
    ...[{}, GO, {}, OTHER, {}, GO],
  ], [
    "go to the blue ball |  0: 0.125",
    "go to the blue ball |  1: 0.25",
    "go to the blue ball |  2: 0.5",
    "go to the blue ball |  3: 1",
    "go to the red ball |  0: 0.5",
    "go to the red ball |  1: 1",
    "go to the red ball |  2: 0.125",
    "go to the red ball |  3: 0.25",
    "go to the red ball |  4: 0.5",
    "go to the red ball |  5: 1",
  ]],
  ["a goal that still holds counts once, until it was left", [GO, GO, GO, {}, GO], [
    "go to the red ball |  0: 1",
    "go to the red ball |  3: 0.5",
    "go to the red ball |  4: 1",
  ]],
  ["no segment crosses an episode's start", [{}, { ends: "truncated" }, {}, GO], [
    "go to the red ball |  2: 0.5",
    "go to the red ball |  3: 1",
  ]],
  ["nor the start of an env that was changed", [{}, {}, { first: true }, GO], [
    "go to the red ball |  2: 0.5",
    "go to the red ball |  3: 1",
  ]],
  ["what ends an episode is the mission, and left out", [{}, { ...GO, ends: "terminated" }], []],
  ["or kept, in its own words", [{}, { ...GO, ends: "terminated" }], [
    "go to the red ball |  0: 0.5",
    "go to the red ball |  1: 1",
  ], { own: true, indefinite: 1 }],
  ["goals of verbs that are not asked for are passed over", [
    { achieved: ["pick up the red ball", "go next to the box", "put the ball next to the box"] },
  ], []],
  ["verbs may be named", [{ achieved: ["pick up the red ball", "go to the box"] }], [
    "pick up the red ball |  0: 1",
  ], { verbs: ["Pick up"] }],
  ["verbs are those of all missions that come up, part by part", [
    { mission: "go to the box, then pick up the ball and put the box next to the ball" },
    { achieved: ["pick up the red ball", "put the box next to the ball"] },
  ], [
    "pick up the red ball |  0: 0.5",
    "pick up the red ball |  1: 1",
    "put the box next to the ball |  0: 0.5",
    "put the box next to the ball |  1: 1",
  ]],
  ["goals in words that no mission has are skipped", [{ achieved: ["go to the green hat"] }], []],
  ["words may become vaguer", [{ achieved: ["go to the red ball"] }], [
    "go to a ball |  0: 1",
  ], { indefinite: 1, vague: 1, details: ["red"] }],
];

for (const [name, steps, rows, options] of TABLE) {
  Deno.test(`hindsight: ${name}`, async () => {
    const extra = await make(options);
    new Achiever(extra).play(...steps);
    assert.deepEqual(held(extra), [...rows].sort());
  });
}

Deno.test("hindsight holds the newest steps of each verb, and is silent before it holds enough", async () => {
  const extra = await make({ capacity: 3, least: 4, verbs: ["go to", "pick up"] });
  const env = new Achiever(extra);
  env.play({}, GO, {}, GO);
  assert.equal(extra.replay!(), undefined, "3 of 4 steps are held");
  env.play({ achieved: ["pick up the box"] });
  assert.deepEqual(held(extra), [
    "go to the red ball |  1: 1",
    "go to the red ball |  2: 0.5",
    "go to the red ball |  3: 1",
    "pick up the box |  2: 0.25",
    "pick up the box |  3: 0.5",
    "pick up the box |  4: 1",
  ]);
  assert.equal(extra.replay!()!.size, 6);
});

Deno.test("hindsight draws evenly over all steps, and rewords the share that it is told", async () => {
  const extra = await make({ capacity: 20_000, indefinite: 0.3, verbs: ["go to", "pick up"] });
  const env = new Achiever(extra);
  for (let k = 0; k < 60; k++) {
    env.play({}, {}, GO, { achieved: ["pick up the box"], ends: "truncated" }, { first: true });
  }
  const { missions } = extra.replay!()!.draw(5000);
  const shareOf = (part: RegExp) =>
    missions.filter((mission) => part.test(mission)).length / missions.length;
  assert.equal(shareOf(/^go to/), 1, "what ends an episode is left out");
  assert.ok(Math.abs(shareOf(/\ba\b/) - 0.3) < 0.12);
});

Deno.test("goals are worded as the missions that came up, unless it is told otherwise", async () => {
  const told = async (...missions: string[]) => {
    const extra = await make({ indefinite: undefined, vague: undefined });
    const env = new Achiever(extra);
    env.play(...missions.map((mission) => ({ mission, first: true })));
    for (let k = 0; k < 100; k++) env.play({ ...missions[0] && { mission: missions[0] } }, GO);
    const { missions: drawn } = extra.replay!()!.draw(5000);
    const shareOf = (part: RegExp) => drawn.filter((one) => part.test(one)).length / drawn.length;
    return [shareOf(/\ba\b/), shareOf(/red/)];
  };
  assert.deepEqual(await told("go to the red ball", "go to the blue box"), [0, 1]);
  assert.deepEqual(await told("go to a ball"), [1, 0]);
  // One of four articles; three of four goals with a colour.
  const mixed = [
    "go to the red ball",
    "go to a ball",
    "go to the blue box, then go to the red box",
  ];
  const [indefinite, coloured] = await told(...mixed);
  assert.ok(Math.abs(indefinite! - 0.25) < 0.15 && Math.abs(coloured! - 0.75) < 0.15);
});

Deno.test("environments are kept apart", async () => {
  const extra = await make({}, 2);
  const env = new Achiever(extra, 2);
  env.play([{}, { ends: "truncated" }], [{}, {}], [GO, OTHER]);
  assert.deepEqual(held(extra), [
    "go to the blue ball |  1: 0.5",
    "go to the blue ball |  2: 1",
    "go to the red ball |  0: 0.25",
    "go to the red ball |  1: 0.5",
    "go to the red ball |  2: 1",
  ]);
});

Deno.test("what the student remembered stands beside its steps", async () => {
  const extra = await make();
  new Achiever(extra).play({ memory: 7 }, { memory: 8, ...GO });
  const { memory, returns } = extra.replay!()!.draw(50);
  returns.forEach((discounted, k) => assert.equal(memory![k], discounted === 1 ? 8 : 7));
});

const rollout = {} as Rollout;
const progress = (iteration: number) => ({ iteration, iterations: 3, ended: 0, solved: 0 });

Deno.test("hindsight reports what it was given and what it holds, and says where there is nothing", async () => {
  const warnings: string[] = [];
  const emit = (event: TandemEvent) =>
    void (event.type === "warning" && warnings.push(event.message));
  const extra = await make({ verbs: ["go to", "pick up"] }, 1, emit);
  const env = new Achiever(extra);
  env.play({}, GO, { achieved: ["go to the green hat"] }, { achieved: ["pick up the box"] });
  const held = { held: 6, "held/go-to": 2, "held/pick-up": 4 };
  assert.deepEqual(extra.report!(rollout, progress(1)), {
    goals: 2,
    steps: 6,
    skipped: 1,
    ...held,
  });
  assert.deepEqual(extra.report!(rollout, progress(3)), {
    goals: 0,
    steps: 0,
    skipped: 0,
    ...held,
  });
  assert.deepEqual(warnings, []);
  const idle = await make({}, 1, emit);
  new Achiever(idle).play({}, { achieved: ["pick up the box"] });
  idle.report!(rollout, progress(2));
  assert.deepEqual(warnings, []);
  idle.report!(rollout, progress(3));
  assert.deepEqual(warnings, [
    'hindsight-replay had nothing to relabel: in 2 steps of each environment no goal "go to" was ' +
    'reached on "Achievers" beside its missions.',
  ]);
});

Deno.test("loaded from what it saved, hindsight goes on to the bit, with half a segment and full rings", async () => {
  const options = { capacity: 5, indefinite: 0.5, verbs: ["go to", "pick up"] };
  const one = await make(options);
  const other = await make(options);
  const env = new Achiever(one);
  env.play({ memory: 1 }, { memory: 2, ...GO }, { memory: 3 }, { memory: 4, ...GO });
  env.play({ memory: 5, achieved: ["pick up the box"] }, { memory: 6 });
  one.replay!()!.draw(3);
  const { json, arrays } = await one.save!() as StageState;
  await other.load!({ json: parseExactJson(exactJson(json)), arrays: structuredClone(arrays) });
  assert.deepEqual(other.replay!()!.draw(20), one.replay!()!.draw(20));
  const play = (extra: RunPart) => {
    const rest = new Achiever(extra);
    rest.play(...[7, 8, 9].map((memory) => ({ memory })), { memory: 10, ...OTHER });
    return [extra.replay!()!.draw(20), extra.report!(rollout, progress(1)), extra.save!()];
  };
  one.report!(rollout, progress(1));
  other.report!(rollout, progress(1));
  assert.deepEqual(play(other), play(one));
});

const run = (changes: object) =>
  runPipeline(
    definePipeline({
      ...{ name: "hindsight", env: babyai({ level: "GoToLocal" }), teacher: noTeacher() },
      ...{ student: ppo({ hidden: 8 }), advantage: gae(), feedback: noFeedback() },
      extras: { hindsight: hindsightReplay({ least: 10 }) },
      schedule: { iterations: 4, envs: 16, steps: 32 },
      evaluation: { episodes: 2, states: 2 },
      ...changes,
    }),
    createContext({ seed: 1, device: "cpu" }),
  );

Deno.test("on GoToLocal what was walked up to is learned from again; without, runs differ", async () => {
  const { metrics, states } = await run({});
  assert.ok(metrics["extra/hindsight/goals"]! > 0);
  assert.ok(metrics["extra/hindsight/held"]! > 0);
  assert.ok(metrics.replayLoss! > 0);
  const again = await run({});
  assert.deepEqual(again.states, states, "same seed, same bits");
  const without = await run({ extras: {} });
  assert.notDeepEqual(without.states.student, states.student);
});

Deno.test("an env that says nothing of achievements, and a student that learns nothing again, are refused", async () => {
  await assert.rejects(run({ env: cartpole() }), {
    code: "E_WIRING",
    stage: "extra",
    message:
      'The extra "hindsight" asks what a step has achieved, and "CartPole-v1" does not say; ' +
      'right would be an env with the method "achieved", such as "babyai".',
  });
  await assert.rejects(run({ student: dqn({ replay: 10 }) }), {
    code: "E_WIRING",
    message: /^The extra "hindsight" hands in past steps .* the student "dqn" takes none/,
  });
});

Deno.test("rings that memory cannot hold are refused", async () => {
  const env = { ...achieverSpec(1), observation: { view: multiDiscrete(new Array(100).fill(2)) } };
  const stage = hindsightReplay({ capacity: 10_000_000 });
  await assert.rejects(
    async () => await stage.create(createContext({ seed: 0 }), { env, candidates: [] }),
    { code: "E_OPTION", message: /^extra.capacity steps of each verb would take \d+ GB/ },
  );
});

Deno.test("hindsight keeps its contract where something is achieved", async () => {
  const world = babyai({ level: "GoToObj" });
  for (const options of [{ least: 1 }, { least: 1, own: true, vague: 0.5 }]) {
    assert.deepEqual(await checkStage(hindsightReplay(options), { world }), []);
  }
});
