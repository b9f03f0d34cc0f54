/** Guidance that takes the mission's place (`student.guidance=mission`). */
import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { silence, suggest } from "../../../core/kit/guidance.ts";
import { frozen, startingFrom } from "../../../core/pipeline/beginning.ts";
import { definePipeline } from "../../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type { Guidance, Observations, Rollout, Student } from "../../../core/stages/mod.ts";
import { estimateOf, record } from "../../../core/testing/recording.ts";
import { babyai, bot, dqn, gae, match, noFeedback, noTeacher, ppo } from "../../../plugins/mod.ts";
import { bells } from "./bells.ts";

const ENVS = 4;
const candidates = ["explore", "go to the red ball", "pick up the grey key"];

const context = () => createContext({ seed: 3, device: "cpu" });
const worlds = () => babyai({ level: "GoToLocal" }).create(context(), { envs: ENVS });

/** Every candidate, and silence, in some environment. */
function everything(): Guidance {
  const guidance = silence(ENVS, candidates);
  for (let i = 0; i < candidates.length; i++) suggest(guidance, i, i, 0.5);
  return guidance;
}

/** What that comes to as missions: words that no mission has, and silence, leave the env's own. */
const spoken = (
  missions: readonly string[],
) => [missions[0]!, ...candidates.slice(1), missions[3]!];

const under = (seen: Observations, missions: readonly string[]): Observations => ({
  ...seen,
  text: (i) => seen.text(i),
  key: (i) => seen.key(i),
  mission: (i) => missions[i]!,
});

const students = {
  ppo: ppo({ hidden: 8, guidance: "mission" }),
  match: match({ hidden: 8, guidance: "mission" }),
  dqn: dqn({ hidden: 8, replay: 100, minibatch: 8, updates: 2, guidance: "mission" }),
};

for (const [name, stage] of Object.entries(students)) {
  Deno.test(`${name}: what is said is read as the mission, in acting, valuing and learning`, async () => {
    const env = await worlds();
    const wiring = { env: env.spec, grain: "subgoal", candidates } as const;
    const made = async (): Promise<Student> => await stage.create(context(), wiring);
    const [led, asked] = [await made(), await made()];
    const silent = silence(ENVS, candidates);
    const guidance = everything();

    const seen = env.reset([1, 2, 3, 4]);
    const own = Array.from({ length: ENVS }, (_, i) => seen.mission(i));
    const other = under(seen, spoken(own));
    assert.deepEqual(await led.policy!(seen, guidance), await asked.policy!(other, silent));
    assert.notDeepEqual(await led.policy!(seen, guidance), await led.policy!(seen, silent));
    const valued = (await led.values(seen, undefined, guidance)).slice();
    assert.deepEqual(valued, (await asked.values(other)).slice());
    assert.notDeepEqual(valued, (await led.values(seen)).slice());

    const rollout: Rollout = { ...await record(env, 4, 1) };
    const said = { ...rollout, guidance: rollout.guidance.map(() => guidance) };
    const missions = Array.from(
      { length: 4 },
      (_, t) => spoken(rollout.missions.slice(t * ENVS, (t + 1) * ENVS)),
    ).flat();
    const read = { ...rollout, missions, guidance: rollout.guidance.map(() => silent) };
    await led.learn(said, estimateOf(said));
    await asked.learn(read, estimateOf(read));
    assert.deepEqual((await led.save!()).arrays, (await asked.save!()).arrays);
    for (const student of [led, asked]) student.dispose?.();
  });
}

Deno.test("a student that does not hear is not led", async () => {
  const env = await worlds();
  const deaf = await ppo({ hidden: 8, guidance: "mission", hears: false })
    .create(context(), { env: env.spec, grain: "subgoal", candidates });
  const seen = env.reset([1, 2, 3, 4]);
  const untold = await deaf.policy!(seen, silence(ENVS, candidates));
  assert.deepEqual(await deaf.policy!(seen, everything()), untold);
  deaf.dispose?.();
});

const base = definePipeline({
  name: "bells",
  env: bells(),
  teacher: noTeacher(),
  student: ppo({ hidden: 16, learningRate: 0.01, minibatch: 64, guidance: "mission" }),
  advantage: gae({ gamma: 0.9 }),
  feedback: noFeedback(),
  schedule: { iterations: 20, envs: 16, steps: 8 },
  evaluation: { episodes: 200, states: 4 },
});

Deno.test("a student of single parts that is led solves what has two, and does not alone", async () => {
  const { states: { student: state }, end } = await runPipeline(base, context());
  assert.ok(end.success.rate > 0.95, `one bell: ${end.success.rate}`);

  const learned = () => ({ ...base.stages.student.toJSON(), state, candidates: ["left", "right"] });
  const student = frozen(startingFrom(base.stages.student, "runs/one"));
  const successUnder = async (teacher: Parameters<typeof base.with>[0]["teacher"]) => {
    const schedule = { ...base.schedule, iterations: 1 };
    const pipeline = base.with({ env: bells({ parts: 2 }), teacher, student, schedule });
    const { end, withoutTeacher } = await runPipeline(pipeline, { ...context(), learned });
    return [end.success.rate, withoutTeacher?.rate ?? end.success.rate] as const;
  };
  const [alone] = await successUnder(noTeacher());
  const [led, left] = await successUnder(bot({ grain: "subgoal" }));
  const [misled] = await successUnder(bot({ grain: "subgoal", accuracy: 0.5 }));
  assert.ok(alone < 0.6, `both bells alone: ${alone}`);
  assert.ok(led > 0.9, `both bells, led: ${led}`);
  assert.ok(misled < led - 0.1, `both bells, led half as well: ${misled}`);
  assert.equal(left, alone, "what it learned is its own");
});

Deno.test("guidance that cannot be a mission is refused in a sentence", async () => {
  const wiring = { env: (await worlds()).spec, grain: "subgoal" } as const;
  const stage = ppo({ guidance: "mission" });
  await assert.rejects(
    async () => await stage.create(context(), { ...wiring, candidates: ["explore", "hurry"] }),
    {
      code: "E_WIRING",
      message: "The student reads what is said in the place of its mission " +
        '(student.guidance=mission), and the teacher suggests "explore", "hurry" and the like, in ' +
        'words that no mission of "BabyAI-GoToLocal-v0" has.',
    },
  );
  const wordless = { ...wiring, env: { ...wiring.env, id: "Mute-v0", missionWords: [] } };
  await assert.rejects(async () => await stage.create(context(), { ...wordless, candidates }), {
    code: "E_WIRING",
    message: "The student reads what is said in the place of its mission " +
      '(student.guidance=mission), and "Mute-v0" has none; student.guidance=features takes any.',
  });
  assert.throws(() => base.with({ teacher: bot() }), {
    code: "E_WIRING",
    message: 'The student "ppo" takes guidance of the grain "subgoal" or "plan", and the teacher ' +
      '"bot" gives "action".',
  });
});
