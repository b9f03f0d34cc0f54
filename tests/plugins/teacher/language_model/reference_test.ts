/** The grain "reference": which of the things in sight is meant. */
import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { silence, suggest, suggestionOf } from "../../../../core/kit/guidance.ts";
import { definePipeline } from "../../../../core/pipeline/pipeline.ts";
import { definePlugin } from "../../../../core/pipeline/plugin.ts";
import { heldOutStates } from "../../../../core/run/measure/evaluation.ts";
import { openTrained } from "../../../../core/run/trained.ts";
import { runPipeline } from "../../../../core/run/scheduler.ts";
import { exactJson, parseExactJson } from "../../../../core/kit/packing.ts";
import type {
  Feedback,
  Observations,
  StageState,
  Student,
  Teacher,
} from "../../../../core/stages/mod.ts";
import {
  actorCritic,
  babyai,
  bot,
  gae,
  hindsightCredit,
  languageModel,
  match,
  ppo,
  recurrentPpo,
} from "../../../../plugins/mod.ts";

const context = () => createContext({ seed: 40, device: "cpu" });
const env = babyai({ level: "GoToLocal" });

const knowsNothing = languageModel({
  ...{ model: "blank", grain: "reference", learnsBy: ["reference"] },
  reference: { every: 128, samples: 300 },
});

const base = definePipeline({
  name: "reference",
  ...{ env, teacher: knowsNothing, student: ppo({ hears: false, hidden: 8 }) },
  ...{ advantage: gae(), feedback: hindsightCredit() },
  schedule: { iterations: 4, envs: 16, steps: 32, feedbackEvery: 32, warmUp: 0 },
  evaluation: { episodes: 1, states: 1 },
});

/** Where a sentence says that a thing is: "1 step left and 3 steps forward". */
const placeIn = (sentence: string) =>
  /^You see a (?!wall).*?(?:ball|box|key) (.*)$/.exec(sentence)?.[1];

/** The words of a GoToLocal mission's thing that tell it apart. */
const nameIn = (mission: string) => mission.split(" ").slice(3).filter((word) => word !== "object");

Deno.test("a blank teacher learns from what its student achieves which thing a mission means", async () => {
  const result = await runPipeline(base, context());
  await using trained = await openTrained(base, result, context(), { envs: 200 });
  const seen = heldOutStates(trained.env, context());
  const guidance = await trained.teacher.advise(seen, "evaluate");
  let [told, right] = [0, 0];
  for (let i = 0; i < seen.envs; i++) {
    const name = nameIn(seen.mission(i));
    const things = seen.text(i).filter((thing) => /^You see a (?!wall)/.test(thing));
    const fits = (thing: string) => name.every((word) => thing.includes(` ${word} `));
    assert.equal(guidance.choices[i]! < 0, things.length === 0, "silence where there is nothing");
    if (!things.some(fits) || things.every(fits)) continue;
    told++;
    const said = suggestionOf(guidance, i);
    if (things.some((thing) => fits(thing) && placeIn(thing) === said)) right++;
  }
  assert.ok(told > 50 && right / told > 0.9, `${right} of ${told}`);
});

Deno.test("hindsight-credit says where the thing lay that was achieved", async () => {
  let [verdicts, seen] = [0, 0];
  const listener = definePlugin({
    kind: "teacher",
    name: "listener",
    description: "Holds verdicts against what was seen.",
    options: {},
    fits: ["reference"],
    create: (_options, _context, { env: { guidance } }) => ({
      ...{ grain: "reference", candidates: guidance!.reference!, learnsBy: ["notes"] },
      advise: ({ envs }) => silence(envs, guidance!.reference!),
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
      receive({ rollout, verdicts: steps, past }: Feedback) {
        for (const [t, { signs, right, missions }] of steps.entries()) {
          for (const [i, sign] of signs.entries()) {
            if (sign === 0 || !right?.[i]) continue;
            const at = t * rollout.envs + i;
            const name = nameIn(missions?.[i] ?? rollout.missions[at]!);
            const place = guidance!.reference![right[i][0]!]!;
            const there = past!.texts![at]!.find((thing) => placeIn(thing) === place);
            verdicts++;
            if (!there) continue; // behind something, or not asked for by its place
            seen++;
            assert.ok(name.every((word) => there.includes(` ${word} `)), `${name}: ${there}`);
          }
        }
      },
    }),
  });
  await runPipeline(base.with({ teacher: listener() }), context());
  assert.ok(verdicts > 100 && seen > verdicts / 2, `${seen} of ${verdicts}`);
});

Deno.test("the bot names the thing that it goes to", async () => {
  const world = await env.create(context(), { envs: 8 });
  const { spec } = world;
  const teacher = await bot({ grain: "reference" }).create(context(), { env: spec });
  const seen = world.reset([1, 2, 3, 4, 5, 6, 7, 8]);
  const guidance = await teacher.advise(seen, "train", world.oracle);
  let named = 0;
  for (let i = 0; i < 8; i++) {
    const said = suggestionOf(guidance, i);
    if (said === "") continue;
    named++;
    const meant = seen.text(i).filter((thing) => placeIn(thing) === said);
    const name = nameIn(seen.mission(i));
    assert.ok(meant.some((thing) => name.every((word) => thing.includes(` ${word} `))), said);
  }
  assert.ok(named > 2);
});

Deno.test("every network reads which place is said, as a map and as a pointer, and V does not", async () => {
  const world = await env.create(context(), { envs: 4 });
  const seen = world.reset([1, 2, 3, 4]);
  const candidates = world.spec.guidance!.reference!;
  const [far, near] = [0, 24].map((choice) => {
    const said = silence(4, candidates);
    for (let i = 0; i < 4; i++) suggest(said, i, choice, 0.5);
    return said;
  });
  const wiring = { env: world.spec, grain: "reference", candidates } as const;
  for (const plugin of [ppo, match, recurrentPpo, actorCritic]) {
    for (const reference of ["map", "pointer"] as const) {
      const student: Student = await plugin({ hidden: 8, reference }).create(context(), wiring);
      const [one, other] = [
        await student.policy!(seen, far!, new Float32Array(4 * (student.memory ?? 0))),
        await student.policy!(seen, near!, new Float32Array(4 * (student.memory ?? 0))),
      ];
      assert.notDeepEqual(one.probabilities, other.probabilities, plugin.name);
      assert.deepEqual(one.values, other.values, plugin.name);
      student.dispose?.();
    }
  }
});

Deno.test("of several things that are meant the expert names all in sight, its own first", async () => {
  const world = await babyai({ level: "GoToLocal" }).create(context(), { envs: 200 });
  const seen = world.reset(Array.from({ length: 200 }, (_, i) => i));
  const teacher = await bot({ grain: "reference" }).create(context(), { env: world.spec });
  const own = await teacher.advise(seen, "train", world.oracle);
  let several = 0;
  for (let i = 0; i < 200; i++) {
    const places = world.oracle!.references!(i);
    assert.equal(suggestionOf(own, i), places[0] ?? "");
    const name = nameIn(seen.mission(i));
    const fitting = seen.text(i).filter((thing) =>
      placeIn(thing) && name.every((word) => thing.includes(` ${word} `))
    );
    assert.deepEqual([...places].sort(), fitting.map(placeIn).sort(), seen.mission(i));
    if (places.length > 1) several++;
  }
  assert.ok(several > 5, `${several}`);
});

Deno.test("what the channel has learned is saved and loaded, and goes on the same", async () => {
  const result = await runPipeline(base.with({ schedule: { iterations: 2 } }), context());
  const told = async (teacher: Teacher, seen: Observations) =>
    (await teacher.advise(seen, "evaluate")).distribution;
  await using one = await openTrained(base, result, context(), { envs: 50 });
  const seen = heldOutStates(one.env, context());
  const before = await told(one.teacher, seen);
  const fresh = await knowsNothing.create(context(), { env: one.env.spec });
  assert.notDeepEqual(await told(fresh, seen), before);
  await fresh.load!(parseExactJson(exactJson(await one.teacher.save!())) as StageState);
  assert.deepEqual(await told(fresh, seen), before);
});

Deno.test('the channel "reference" is refused at another grain', async () => {
  const teacher = languageModel({ model: "blank", learnsBy: ["reference"] });
  const world = await env.create(context(), { envs: 1 });
  const create = async () => await teacher.create(context(), { env: world.spec });
  await assert.rejects(create, { code: "E_OPTION", message: /teacher.grain is "action"/ });
});
