/** Suggestions that stand for a student that follows them as missions. */
import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { silence, suggest, suggestionOf, withRows } from "../../core/kit/guidance.ts";
import { AdviceEdge } from "../../core/run/parts/advice_edge.ts";
import { measureSuccess } from "../../core/run/measure/evaluation.ts";
import type { AnsweredStep, Env, Guidance, Student, Teacher } from "../../core/stages/mod.ts";
import { fixedTeacher } from "../../core/kit/fixed_teacher.ts";
import { stubEnv, stubStudent, Ticks } from "./stubs.ts";

const words = ["a", "b", "c", "d", "e", "f"];

/** Says another thing at each step, in every environment. */
function chatter(): Teacher {
  let [asked, step] = [0, -1];
  return fixedTeacher(words, (i) => {
    if (i === 0) step = asked++;
    return { choice: step % words.length, confidence: 0.5 };
  }, "subgoal");
}

const SCHEDULE = { iterations: 10, steps: 8, adviceEvery: 1, adviceDelay: 0, teacherOff: 1 };

function edgeFor(missionSteps: number | undefined, teacher = chatter()): AdviceEdge {
  const stages = { teacher, student: { missionSteps } as Student };
  return new AdviceEdge(stages, SCHEDULE, 2, createContext({ seed: 0 }));
}

/** A step of two environments; in each what it heard. */
function stepOf(edge: AdviceEdge, achieved: string[][] = [[], []], ended = [0, 0]): string {
  const heard = edge.advise(new Ticks(2), undefined) as Guidance;
  const step = { terminated: Uint8Array.from(ended), truncated: Uint8Array.of(0, 0) };
  edge.answer({ step, achieved: (i: number) => achieved[i] } as unknown as AnsweredStep);
  return [0, 1].map((i) => suggestionOf(heard, i)).join("");
}

Deno.test("a suggestion stands for so many steps, until it is achieved, or the episode is over", () => {
  const edge = edgeFor(3);
  assert.equal(stepOf(edge), "aa");
  assert.equal(stepOf(edge, [["x", "a"], ["b"]]), "aa"); // achieved in the first alone
  assert.equal(stepOf(edge), "ca");
  assert.equal(stepOf(edge, [[], []], [1, 0]), "cd"); // three steps are over, then an episode
  assert.equal(stepOf(edge), "ed");
});

Deno.test("a student that declares nothing is told anew at each step", () => {
  const edge = edgeFor(undefined);
  assert.deepEqual([stepOf(edge), stepOf(edge), stepOf(edge)], ["aa", "bb", "cc"]);
  assert.equal((edge.save().json as { standing?: unknown }).standing, undefined);
});

Deno.test("what stands is saved with the run", () => {
  const teacher = chatter();
  const edge = edgeFor(4, teacher);
  stepOf(edge, [["a"], []]);
  stepOf(edge);
  const { json } = structuredClone(edge.save());
  const resumed = edgeFor(4, teacher);
  resumed.load({ json });
  assert.deepEqual([stepOf(resumed), stepOf(resumed), stepOf(resumed)], ["ba", "ba", "be"]);
});

Deno.test("nothing stands where the teacher has left", () => {
  const edge = edgeFor(9);
  stepOf(edge);
  edge.begin({ iteration: 10, iterations: 10, ended: 0, solved: 0 });
  assert.equal(stepOf(edge), "");
});

Deno.test("measureSuccess() lets suggestions stand, too", async () => {
  const context = createContext({ seed: 0 });
  const env: Env = await stubEnv({ length: 3 }).create(context, { envs: 2 });
  const wiring = { env: env.spec, grain: "subgoal", candidates: words } as const;
  const heard: string[] = [];
  const student: Student = {
    ...await stubStudent().create(context, wiring),
    missionSteps: 2,
    act: ({ envs }, guidance) => {
      heard.push(suggestionOf(guidance, 0));
      const zeros = new Float32Array(envs);
      return { actions: new Int32Array(envs), logProbs: zeros, qValues: zeros, values: zeros };
    },
  };
  await measureSuccess(env, chatter(), student, false);
  assert.deepEqual(heard, ["a", "a", "c"]);
});

Deno.test("withRows() takes all that is said in an environment, and leaves both as they were", () => {
  const [one, other] = [silence(2, ["x", "y"]), silence(2, ["x", "y"])];
  for (const i of [0, 1]) {
    suggest(one, i, 0, 0.75);
    suggest(other, i, 1, 0.5);
  }
  const joined = withRows(
    { ...one, note: "one" },
    { ...other, texts: ["Y", "Y"], tokens: [[7], [8]], authors: ["her", "him"] },
    (i) => i === 1,
  );
  assert.deepEqual([...joined.choices], [0, 1]);
  assert.deepEqual([...joined.distribution], [0.75, 0.25, 0.5, 0.5]);
  assert.deepEqual([...joined.logProbs].map((p) => p.toFixed(2)), ["-0.29", "-0.69"]);
  assert.deepEqual([joined.texts, joined.tokens, joined.authors], [["x", "Y"], [[], [8]], [
    "",
    "him",
  ]]);
  assert.equal(joined.note, "one");
  assert.deepEqual([...one.choices, ...other.choices], [0, 0, 1, 1]);
});
