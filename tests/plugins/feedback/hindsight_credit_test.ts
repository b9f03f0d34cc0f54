import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { silence, suggest } from "../../../core/kit/guidance.ts";
import { exactJson, parseExactJson } from "../../../core/kit/packing.ts";
import type { Checkpoint } from "../../../core/run/checkpoint.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type {
  EarlierVerdict,
  EnvSpec,
  Feedback,
  FeedbackRule,
  JudgedStep,
} from "../../../core/stages/mod.ts";
import { checkStage } from "../../../core/testing/mod.ts";
import { cartpole } from "../../../plugins/env/cartpole.ts";
import { corridor } from "../../../plugins/env/corridor.ts";
import { pendulum } from "../../../plugins/env/pendulum.ts";
import { hindsightCredit } from "../../../plugins/feedback/mod.ts";
import { babyai, qMinusV, tabularQ } from "../../../plugins/mod.ts";
import { stageOf, stubPipeline } from "../../core/stubs.ts";
import { rolloutOf, said, spec } from "../moments.ts";

const ACTIONS = ["turn left", "turn right", "go forward", "pick up", "drop", "toggle"];
const [LEFT, RIGHT, FORWARD, PICKUP, DROP, TOGGLE] = [0, 1, 2, 3, 4, 5];
const grid: EnvSpec = { ...spec, envs: 1, actions: ACTIONS, maxSteps: 99 };

/** A step of a script in one environment. */
interface Scripted {
  readonly action: number;
  /** Names what is seen before the action: alike where it is the same. */
  readonly key: number;
  /** What is suggested; silence where absent. */
  readonly choice?: number;
  readonly mission?: string;
  readonly achieved?: readonly string[];
  readonly end?: "won" | "failed" | "truncated";
  readonly first?: boolean;
}

type Options = Parameters<typeof hindsightCredit>[0];

async function ruleOf(options: Options, env = grid): Promise<FeedbackRule> {
  const { actions: candidates } = env;
  return await hindsightCredit(options).create(createContext({ seed: 0 }), { env, candidates });
}

/** The steps of a script as rollouts of so many. */
function judgedSteps(script: readonly Scripted[], size: number): JudgedStep[] {
  const starts = Array.from({ length: Math.ceil(script.length / size) }, (_, n) => n * size);
  const numbers = (part: readonly Scripted[], of: (step: Scripted) => boolean) =>
    Uint8Array.from(part, (step) => of(step) ? 1 : 0);
  return starts.flatMap((start) => {
    const part = script.slice(start, start + size);
    const rollout = rolloutOf({
      envs: 1,
      rewards: Float32Array.from(part, ({ end }) => end === "won" ? 1 : 0),
      guidance: part.map(({ choice = -1 }) => said([choice])),
      actions: Int32Array.from(part, ({ action }) => action),
      keys: Float64Array.from(part, ({ key }) => key),
      missions: part.map(({ mission = "go to the box" }) => mission),
      terminated: numbers(part, ({ end }) => end === "won" || end === "failed"),
      truncated: numbers(part, ({ end }) => end === "truncated"),
    });
    return part.map(({ first, achieved = [] }, step) => ({
      advantages: new Float32Array(1),
      firsts: Uint8Array.of(first ?? false ? 1 : 0),
      achieved: () => achieved,
      rollout,
      step,
    }));
  });
}

/** The verdicts of a script, as they were given: the step's number counts from the script's start. */
function verdictsOf(rule: FeedbackRule, script: readonly Scripted[], size = 1) {
  return judgedSteps(script, size).flatMap((now, at) =>
    (rule.judge(now, now).earlier ?? []).map((verdict) => ({
      ...verdict,
      at: at - verdict.stepsAgo,
    }))
  );
}

type Given = ReturnType<typeof verdictsOf>[number];

/** What is said to be right at which step, and under which mission. */
const brief = ({ at, right, strength, mission }: Given) => [
  at,
  right!.map((action) => ACTIONS[action]!).join(" or "),
  Math.round(strength * 1000) / 1000,
  ...mission === undefined ? [] : [mission],
];

async function table(options: Options, script: readonly Scripted[], size?: number) {
  return verdictsOf(await ruleOf(options), script, size).map(brief);
}

/** A walk in a corridor without turns: cells are the keys. */
const walk = (cells: readonly number[], ...last: Partial<Scripted>[]): Scripted[] =>
  cells.map((key, k) => ({
    key,
    action: (cells[k + 1] ?? key + 1) > key ? 1 : 0,
    ...k === 0 && { first: true },
    ...last[k - cells.length + last.length],
  }));

const plain: EnvSpec = { ...spec, envs: 1 };

Deno.test("hindsight-credit: paths name what was done, without loops, stronger near the end", async () => {
  const rule = await ruleOf({ credit: "paths" }, plain);
  // 3 and 4 are come to again: only what followed the last time counts.
  const script = walk([3, 4, 3, 2, 3, 4, 5], { end: "won" });
  const found = verdictsOf(rule, script);
  assert.deepEqual(found.map(({ at, right }) => [at, ...right!]), [[4, 1], [5, 1], [6, 1]]);
  const strengths = found.map(({ strength }) => strength);
  assert.deepEqual(strengths, [0.8 ** 2, 0.8, 1]);
  assert.ok(found.every(({ sign, env, mission }) => sign === 1 && env === 0 && !mission));
  assert.deepEqual(found.map(({ words }) => words), [
    '"right" leads on: 2 steps to go.',
    '"right" leads on: 1 step to go.',
    '"right" achieved it.',
  ]);
});

Deno.test("hindsight-credit: what was suggested is good where it is among what is right", async () => {
  const rule = await ruleOf({ discount: 0.5 }, plain);
  const script = walk([1, 2, 3], { choice: 0 }, { choice: 1 }, { end: "won" });
  const found = verdictsOf(rule, script);
  assert.deepEqual(found.map(({ sign, strength }) => [sign, strength]), [
    [-1, 0.25],
    [1, 0.5],
    [1, 1],
  ]);
});

Deno.test("hindsight-credit: where nothing was achieved nothing is judged", async () => {
  for (const end of ["failed", "truncated"] as const) {
    const rule = await ruleOf({}, plain);
    const script = [...walk([1, 2, 3], { end }), ...walk([7, 8], { end: "won" })];
    // The episode that failed is forgotten: the next one's verdicts do not reach into it.
    assert.deepEqual(verdictsOf(rule, script).map(({ at }) => at), [3, 4]);
  }
  const rule = await ruleOf({}, plain);
  const abandoned = [...walk([1, 2, 3]), ...walk([4, 5], { end: "won" })];
  assert.deepEqual(verdictsOf(rule, abandoned).map(({ at }) => at), [3, 4]);
});

Deno.test("hindsight-credit: a discount of 0 judges the last step alone, a horizon the last ones", async () => {
  const script = walk([1, 2, 3, 4], { end: "won" });
  const last = verdictsOf(await ruleOf({ discount: 0 }, plain), script);
  assert.deepEqual(last.map(({ at }) => at), [3]);
  const near = verdictsOf(await ruleOf({ horizon: 2 }, plain), script);
  assert.deepEqual(near.map(({ at }) => at), [2, 3]);
});

Deno.test("hindsight-credit: cut by its step limit, an episode counts by its return where the env says so", async () => {
  const rule = await ruleOf({}, { ...plain, rewardThreshold: 2 });
  for (const [sum, judged] of [[1.5, 0], [2, 2]] as const) {
    const now = judgedSteps(walk([1, 2], { end: "truncated" }), 2)
      .map((step) => ({ ...step, rollout: { ...step.rollout, returns: Float32Array.of(1, sum) } }));
    const given = now.flatMap((step) => rule.judge(step, step).earlier ?? []);
    assert.equal(given.length, judged);
  }
});

/**
 * A way on a grid from (0, 0), looking along x:
 *
 *     at  0      1      2        3        4      5        6
 *     do  left   right  forward  forward  right  forward  forward
 *
 * Step 3 runs into something, step 5 goes to (1, 1), step 6 to (1, 2), where it ends.
 */
const WAY: readonly Scripted[] = [
  { action: LEFT, key: 1, first: true },
  { action: RIGHT, key: 2 },
  { action: FORWARD, key: 1 },
  { action: FORWARD, key: 3 },
  { action: RIGHT, key: 3 },
  { action: FORWARD, key: 4 },
  { action: FORWARD, key: 5, end: "won" },
];

Deno.test("hindsight-credit: a plan names the first actions of all shortest ways over cells walked", async () => {
  // Poses: 0 and 2 at (0, 0) east, 1 north; 3 and 4 at (1, 0) east; 5 south; 6 at (1, 1) south.
  assert.deepEqual(await table({ credit: "plan" }, WAY), [
    [1, "turn right", 0.59], // 5 to go, and south by (0, 1) is not known to be walkable
    [2, "go forward", 0.656],
    [4, "turn right", 0.729],
    [5, "go forward", 0.81],
    [6, "go forward", 0.9],
  ]);
  // Turned away by half: both turns are as short.
  const turns: Scripted[] = [
    { action: FORWARD, key: 1, first: true },
    { action: RIGHT, key: 2 },
    { action: RIGHT, key: 3 },
    { action: FORWARD, key: 4, end: "won" },
  ];
  assert.deepEqual(await table({ credit: "plan" }, turns), [
    [1, "turn left or turn right", 0.729],
    [0, "turn left or turn right", 0.81],
    [2, "turn right", 0.81],
    [3, "go forward", 0.9],
  ]);
});

Deno.test("hindsight-credit: paths on a grid know places by reckoned poses", async () => {
  // The turn away and back and the step that ran into something are loops.
  assert.deepEqual(await table({ credit: "paths" }, WAY), [
    [2, "go forward", 0.512],
    [4, "turn right", 0.64],
    [5, "go forward", 0.8],
    [6, "go forward", 1],
  ]);
});

Deno.test("hindsight-credit: rollouts may be as long as they like, and a run may go on anywhere", async () => {
  for (const credit of ["paths", "plan"] as const) {
    const script = [...WAY, ...WAY.map((step, k) => ({ ...step, choice: k % 3 }))];
    const expected = verdictsOf(await ruleOf({ credit }), script);
    for (const size of [2, 3, 7, 14]) {
      assert.deepEqual(verdictsOf(await ruleOf({ credit }), script, size), expected);
    }
    for (let cut = 1; cut < script.length; cut++) {
      const [one, other] = [await ruleOf({ credit }), await ruleOf({ credit })];
      const steps = judgedSteps(script, 1);
      const given: EarlierVerdict[] = [];
      for (const [at, now] of steps.entries()) {
        if (at === cut) other.load!(parseExactJson(exactJson(one.save!())) as never);
        given.push(...(at < cut ? one : other).judge(now, now).earlier ?? []);
      }
      assert.deepEqual(given, expected.map(({ at: _, ...verdict }) => verdict), `cut at ${cut}`);
    }
  }
});

Deno.test("hindsight-credit: what was achieved on the way is judged as if it had been asked", async () => {
  const script: Scripted[] = [
    { action: FORWARD, key: 1, first: true },
    { action: RIGHT, key: 2, achieved: ["go to the key"] },
    { action: FORWARD, key: 3, achieved: ["go to the ball", "go next to the box"] },
    { action: FORWARD, key: 4, achieved: ["go to the box"], end: "won" },
  ];
  const own = [[0, "go forward", 0.656], [1, "turn right", 0.729], [2, "go forward", 0.81], [
    3,
    "go forward",
    0.9,
  ]];
  assert.deepEqual(await table({ credit: "plan", relabel: "own" }, script), own);
  assert.deepEqual(await table({ credit: "plan" }, script), [
    [0, "go forward", 0.81, "go to the key"],
    [1, "turn right", 0.9, "go to the key"],
    [0, "go forward", 0.729, "go to the ball"],
    [1, "turn right", 0.81, "go to the ball"],
    [2, "go forward", 0.9, "go to the ball"],
    ...own,
  ]);
});

Deno.test("hindsight-credit: verdicts on an achievement come when its step is over", async () => {
  const rule = await ruleOf({ credit: "plan" });
  const steps = judgedSteps([
    { action: FORWARD, key: 1, first: true, achieved: ["go to the key"] },
    { action: LEFT, key: 1 }, // it ran into something: it stood before the key already
    { action: LEFT, key: 2 },
  ], 1);
  const given = steps.map((now) => rule.judge(now, now).earlier);
  assert.equal(given[0], undefined);
  assert.deepEqual(given[1]!.map(({ stepsAgo, right, mission }) => [stepsAgo, right, mission]), [
    [1, [FORWARD], "go to the key"],
  ]);
  assert.equal(given[2], undefined);
});

Deno.test("hindsight-credit: a deed is right where it was done, and what it moved begins a new part", async () => {
  const mission = "pick up the box";
  const script: Scripted[] = [
    { action: FORWARD, key: 1, first: true, mission },
    { action: PICKUP, key: 2, mission, achieved: ["pick up the key"] },
    { action: DROP, key: 3, mission, achieved: ["drop the key"] },
    { action: LEFT, key: 2, mission, achieved: ["go to the box"] },
    { action: PICKUP, key: 4, mission, end: "won" },
  ];
  assert.deepEqual(
    await table({ credit: "plan" }, script),
    [
      [0, "go forward", 0.9, "pick up the key"],
      [1, "pick up", 1, "pick up the key"],
      [3, "turn left", 0.9], // before the box, one can pick it up
      [3, "turn left", 0.9],
      [4, "pick up", 1],
    ].map((row, k) => k === 2 ? [...row, "pick up the box"] : row),
  );
});

Deno.test("hindsight-credit: what is put somewhere was picked up first", async () => {
  const mission = "put the key next to the ball";
  const at = (step: Scripted) => ({ ...step, mission });
  const script = [
    { action: LEFT, key: 1, first: true },
    { action: PICKUP, key: 2, achieved: ["pick up the box"] },
    { action: FORWARD, key: 3 },
    { action: DROP, key: 4, achieved: ["drop the box", "put the box next to the ball"] },
    { action: PICKUP, key: 5, achieved: ["pick up the key"] },
    { action: FORWARD, key: 6 },
    { action: DROP, key: 7, end: "won" as const },
  ].map(at);
  const boxed = "put the box next to the ball";
  assert.deepEqual(await table({ credit: "plan" }, script), [
    // Picking a thing up is the first half of putting it where the mission says.
    [0, "turn left", 0.9, boxed],
    [1, "pick up", 1, boxed],
    // It was put there, though another one was asked for.
    [0, "turn left", 0.9, boxed],
    [1, "pick up", 1, boxed],
    [2, "go forward", 0.9, boxed],
    [3, "drop", 1, boxed],
    [4, "pick up", 1, mission],
    // What was asked.
    [4, "pick up", 1],
    [5, "go forward", 0.9],
    [6, "drop", 1],
  ]);
});

Deno.test("hindsight-credit: before a door was opened, opening it was the way on", async () => {
  const mission = "go to the ball";
  const script: Scripted[] = [
    { action: RIGHT, key: 1, first: true },
    { action: LEFT, key: 2 },
    { action: TOGGLE, key: 1, achieved: ["open the red door"] },
    { action: FORWARD, key: 3 },
    { action: FORWARD, key: 4, end: "won" as const },
  ].map((step) => ({ ...step, mission }));
  assert.deepEqual(await table({ credit: "plan", relabel: "own" }, script), [
    [1, "turn left", 0.729],
    [3, "go forward", 0.81],
    [4, "go forward", 0.9],
  ]);
  // The latest time at a pose counts; here the pose before the door was left and not come back to.
  const [, , toggle, , ...rest] = script;
  const opened = [
    { ...toggle!, key: 1, first: true },
    { action: RIGHT, key: 3, mission },
    {
      action: LEFT,
      key: 5,
      mission,
    },
    { action: FORWARD, key: 3, mission },
    ...rest,
  ];
  assert.deepEqual((await table({ credit: "plan", relabel: "own" }, opened)).at(-2), [
    3,
    "go forward",
    0.81,
  ]);
});

Deno.test("hindsight-credit: the end of a mission of several parts says nothing of the way to the first", async () => {
  const mission = "go to the key, then go to the ball";
  const script = WAY.map((step, k) => ({
    ...{ ...step, mission },
    ...k === 2 && { achieved: ["go to the key"] },
  }));
  const found = await table({ credit: "plan" }, script);
  assert.deepEqual(new Set(found.map(([, , , under]) => under)), new Set(["go to the key"]));
  assert.ok((await table({ credit: "paths", relabel: "own" }, script)).length > 0);
});

Deno.test("hindsight-credit: refuses what it cannot credit, in a sentence", async () => {
  const context = createContext({ seed: 0 });
  const refused = async (
    env: EnvSpec,
    options: Options,
    message: RegExp,
    candidates = env.actions,
  ) =>
    await assert.rejects(
      async () => await hindsightCredit(options).create(context, { env, candidates }),
      { code: "E_WIRING", message },
    );
  const specOf = async (stage: typeof corridor | typeof pendulum) =>
    (await stage().create(context, { envs: 1 })).spec;
  const flag = await specOf(corridor);
  await refused(
    flag,
    { credit: "plan" },
    /^The rule "hindsight-credit" plans over turns and steps/,
  );
  await refused(await specOf(pendulum), {}, /those of "Pendulum" are floats\.$/);
  await refused(grid, {}, /its first candidate is "go to the ball"\.$/, ["go to the ball"]);
  assert.throws(() => hindsightCredit({ horizon: 0 }), { code: "E_OPTION" });
});

/** A run on a corridor whose teacher suggests the first action, and what it is told of the past. */
async function runOn(resume?: Checkpoint) {
  const heard: Feedback[] = [];
  const names = ["go left", "go right", "stay"];
  const teacher = stageOf("teacher", () => ({
    grain: "action",
    candidates: names,
    learnsBy: ["memory"],
    advise({ envs }) {
      const guidance = silence(envs, names);
      for (let i = 0; i < envs; i++) suggest(guidance, i, 0);
      return guidance;
    },
    receive: (feedback) => void heard.push(feedback),
    usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
  }));
  const checkpoints: Checkpoint[] = [];
  const pipeline = stubPipeline([], {
    ...{ env: corridor({ length: 5 }), teacher, feedback: hindsightCredit() },
    ...{ student: tabularQ(), advantage: qMinusV() },
    schedule: { iterations: 12, envs: 3, steps: 4, feedbackEvery: 2, feedbackDelay: 1 },
  });
  const keep = (kept: Checkpoint) => void checkpoints.push(structuredClone(kept));
  const { verdicts } = await runPipeline(pipeline, createContext({ seed: 3 }), {
    resume,
    checkpoints: { isDue: (iteration) => iteration === 5, keep },
  });
  const past = heard.filter(({ past }) => past).map(({ rollout, verdicts, past }) => [
    [...rollout.actions],
    [...rollout.keys],
    verdicts.map(({ signs, strengths, right }) => [[...signs], [...strengths], right]),
    past,
  ]);
  return { past, verdicts, checkpoints };
}

Deno.test("hindsight-credit: in a run its verdicts reach over rollouts, and a resumed run gives the same", async () => {
  const whole = await runOn();
  const { earlier } = whole.verdicts;
  assert.ok(earlier!.verdicts > 20 && earlier!.farthest >= 4 && earlier!.leftOut === 0);
  const resumed = await runOn(whole.checkpoints[0]);
  assert.deepEqual(resumed.verdicts, whole.verdicts);
  assert.ok(resumed.past.length > 3);
  assert.deepEqual(resumed.past, whole.past.slice(-resumed.past.length));
});

Deno.test("hindsight-credit: paths need neither a grid nor achievements", async () => {
  const { spec: pole } = await cartpole().create(createContext({ seed: 0 }), { envs: 1 });
  const rule = await ruleOf({}, pole);
  const steps = judgedSteps(walk([1, 2, 3], { end: "truncated" }), 1).map((now, at) => ({
    ...{ ...now, achieved: undefined },
    rollout: { ...now.rollout, returns: Float32Array.of(pole.rewardThreshold! - 2 + at) },
  }));
  const given = steps.flatMap((now) => rule.judge(now, now).earlier ?? []);
  assert.deepEqual(given.map(({ stepsAgo }) => stepsAgo), [2, 1, 0]);
});

Deno.test("hindsight-credit: keeps its contract on a grid, by paths and by plans", async () => {
  for (const credit of ["paths", "plan"] as const) {
    const stage = hindsightCredit({ credit });
    assert.deepEqual(await checkStage(stage, { world: babyai({ level: "PutNextLocal" }) }), []);
  }
});

/** A view of three cells ahead and one to each side, as far as the tests ask for it. */
const places = [[0, 3], [0, 2], [0, 1], [1, 0], [-1, 2]] as const;
const names = places.map(([right, ahead]) => `${right} right, ${ahead} ahead`);
const sighted: EnvSpec = { ...grid, guidance: { reference: names }, places };

const placesSaid = async (script: readonly Scripted[], options: Options = {}) => {
  const wiring = { env: sighted, candidates: names };
  const rule = await hindsightCredit(options).create(createContext({ seed: 0 }), wiring);
  return verdictsOf(rule, script).map(({ at, right, sign, strength, mission }) => [
    at,
    right!.map((candidate) => names[candidate]).join(),
    sign,
    Math.round(strength * 1000) / 1000,
    ...mission === undefined ? [] : [mission],
  ]);
};

Deno.test('hindsight-credit: at the grain "reference" it names where the thing reached lay', async () => {
  // The box lies two ahead and one to the left of the start: two forward, then a turn to it.
  const way: Scripted[] = [
    { action: FORWARD, key: 1, choice: 4, first: true },
    { action: FORWARD, key: 2, choice: 0 },
    { action: LEFT, key: 3, end: "won" },
  ];
  // After the first step it lies one to the left and one ahead, which is none of the places; after the
  // second beside the agent, likewise.
  assert.deepEqual(await placesSaid(way), [[0, "-1 right, 2 ahead", 1, 0.64]]);
  const ahead: Scripted[] = [
    { action: RIGHT, key: 0, choice: 3, first: true },
    { action: FORWARD, key: 1, choice: 0 },
    { action: FORWARD, key: 2, end: "won" },
  ];
  // Reached by the last step, so that it lay three ahead before the first step of two.
  assert.deepEqual(await placesSaid(ahead), [
    [1, "0 right, 3 ahead", 1, 0.8],
    [2, "0 right, 2 ahead", 1, 1],
  ]);
});

Deno.test('hindsight-credit: at the grain "reference" it speaks of what else was reached, and of no second part', async () => {
  const passing: Scripted[] = [
    { action: FORWARD, key: 1, choice: 1, first: true, achieved: ["go to the ball"] },
    { action: RIGHT, key: 2, end: "failed" },
  ];
  assert.deepEqual(await placesSaid(passing), [[0, "0 right, 2 ahead", 1, 1, "go to the ball"]]);
  assert.deepEqual(await placesSaid(passing, { relabel: "own" }), []);
  const both: Scripted[] = [
    { action: FORWARD, key: 1, mission: "go to the box, then go to the ball", first: true },
    { action: FORWARD, key: 2, mission: "go to the box, then go to the ball", end: "won" },
  ];
  assert.deepEqual(await placesSaid(both), []);
});

Deno.test('hindsight-credit: the grain "reference" needs turns and steps', async () => {
  const wiring = { env: { ...sighted, actions: ["left", "right"] }, candidates: names };
  const create = async () => await hindsightCredit().create(createContext({ seed: 0 }), wiring);
  await assert.rejects(create, {
    code: "E_WIRING",
    message: /reckons where things are from turns/,
  });
});
