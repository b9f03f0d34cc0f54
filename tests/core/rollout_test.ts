import assert from "node:assert/strict";
import { silence } from "../../core/kit/guidance.ts";
import { RolloutBuffer, tally } from "../../core/kit/rollout_buffer.ts";
import type { Decision, EnvSpec, EnvStep } from "../../core/stages/mod.ts";
import { Ticks } from "./stubs.ts";
import { bytesIn } from "./tensors.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";

const spec: EnvSpec = {
  id: "x",
  envs: 2,
  observation: { hour: multiDiscrete([256]) },
  actions: ["left", "right"],
  missionWords: [],
  maxSteps: 9,
  autoreset: "same-step",
};

function decision(numbers: [number, number]): Decision {
  const values = Float32Array.from(numbers);
  const qValues = values.map((x) => x + 0.5);
  return { actions: Int32Array.of(0, 1), logProbs: values.map((x) => -x), qValues, values };
}

function answer(terminated: [number, number], truncated: [number, number]): EnvStep {
  return {
    observations: new Ticks(2),
    finals: new Ticks(2),
    rewards: Float32Array.from(terminated),
    terminated: Uint8Array.from(terminated),
    truncated: Uint8Array.from(truncated),
  };
}

/** Three steps: environment 0 terminates at step 1; environment 1 is truncated at step 0. */
function filled(): RolloutBuffer {
  const buffer = new RolloutBuffer(spec, 3, false);
  const ticks = new Ticks(2);
  const guidance = () => silence(2, spec.actions);
  ticks.data.set([1, 2]);
  buffer.decide(0, ticks, guidance(), decision([1, 2]));
  assert.equal(buffer.answer(0, answer([0, 0], [0, 1])), true);
  buffer.bootstrap(0, Float32Array.of(70, 80));
  ticks.data.set([3, 4]);
  buffer.decide(1, ticks, guidance(), decision([3, 4]));
  buffer.complete(0, Float32Array.of(3, 4));
  assert.equal(buffer.answer(1, answer([1, 0], [0, 0])), false);
  ticks.data.set([5, 6]);
  buffer.decide(2, ticks, guidance(), decision([5, 6]));
  buffer.complete(1, Float32Array.of(5, 6));
  assert.equal(buffer.answer(2, answer([0, 0], [0, 0])), false);
  buffer.complete(2, Float32Array.of(7, 8));
  return buffer;
}

Deno.test("RolloutBuffer keeps what was seen, decided and answered, time-major", () => {
  const buffer = filled();
  assert.deepEqual([...bytesIn(buffer.observations)], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([...buffer.keys], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(buffer.missions, Array(6).fill("wait"));
  assert.deepEqual([...buffer.actions], [0, 1, 0, 1, 0, 1]);
  assert.deepEqual([...buffer.logProbs], [-1, -2, -3, -4, -5, -6]);
  assert.deepEqual([...buffer.qValues], [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]);
  assert.deepEqual([...buffer.rewards], [0, 0, 1, 0, 0, 0]);
});

Deno.test("RolloutBuffer takes next values from the next step, the final observation or nowhere", () => {
  assert.deepEqual([...filled().nextValues], [3, 80, 0, 6, 7, 8]);
});

Deno.test("RolloutBuffer treats an end that is both as a termination", () => {
  const buffer = new RolloutBuffer(spec, 1, false);
  buffer.decide(0, new Ticks(2), silence(2, spec.actions), decision([1, 2]));
  assert.equal(buffer.answer(0, answer([1, 0], [1, 0])), false);
  buffer.complete(0, Float32Array.of(7, 8));
  assert.deepEqual([...buffer.nextValues], [0, 8]);
});

Deno.test("RolloutBuffer marks the first steps of episodes, over the end of a rollout too", () => {
  const buffer = filled();
  assert.deepEqual([...buffer.firsts], [1, 1, 0, 1, 1, 0]);
  buffer.answer(2, answer([0, 1], [0, 0]));
  buffer.decide(0, new Ticks(2), silence(2, spec.actions), decision([1, 2]));
  assert.deepEqual([...buffer.firsts.subarray(0, 2)], [0, 1]);
});

Deno.test("RolloutBuffer's window of the next rollout has that one's guidance and extra rewards", () => {
  const buffer = filled();
  const before = buffer.window(1, 2);
  assert.equal(before.envRewards, undefined);
  const guidance = silence(2, spec.actions);
  buffer.decide(1, new Ticks(2), guidance, decision([9, 8]));
  buffer.answer(1, answer([0, 0], [0, 0]), Float32Array.of(5, 6));
  const window = buffer.window(1, 2);
  assert.deepEqual(window.guidance, [guidance]);
  assert.deepEqual([...window.values], [9, 8]);
  assert.deepEqual([...window.envRewards!], [5, 6]);
});

Deno.test("RolloutBuffer's window is a rollout that shares its arrays", () => {
  const buffer = filled();
  assert.equal(buffer.window(0, 3), buffer);
  const window = buffer.window(1, 3);
  assert.equal(window.steps, 2);
  assert.equal(window.envs, 2);
  assert.deepEqual([...bytesIn(window.observations)], [3, 4, 5, 6]);
  assert.deepEqual([...window.values], [3, 4, 5, 6]);
  assert.deepEqual(window.guidance, buffer.guidance.slice(1));
  assert.equal(window.oracleRight, undefined);
  buffer.rewards[2] = 9;
  assert.equal(window.rewards[0], 9);
});

Deno.test("RolloutBuffer's kept step does not change with the buffer", () => {
  const buffer = filled();
  const step = buffer.keep(2, 3);
  const before = structuredClone({ ...step, guidance: [] });
  bytesIn(buffer.observations).fill(1);
  for (const field of ["keys", "values", "rewards", "terminated"] as const) {
    buffer[field].fill(1);
  }
  assert.deepEqual({ ...step, guidance: [] }, before);
  assert.deepEqual([...step.values], [5, 6]);
});

Deno.test("RolloutBuffer has room for the expert's view where it is asked for", () => {
  const buffer = new RolloutBuffer(spec, 3, true);
  buffer.oracleRight![3] = 1;
  assert.deepEqual([...buffer.window(1, 2).oracleRight!], [0, 1]);
});

Deno.test("RolloutBuffer keeps the log-probabilities of another policy where the student gives them", () => {
  const buffer = new RolloutBuffer(spec, 2, false);
  assert.equal(buffer.window(0, 1).targetLogProbs, undefined);
  for (const t of [0, 1]) {
    const targetLogProbs = Float32Array.of(-t, -Infinity);
    const guidance = silence(2, spec.actions);
    buffer.decide(t, new Ticks(2), guidance, { ...decision([1, 2]), targetLogProbs });
  }
  assert.deepEqual([...buffer.window(1, 2).targetLogProbs!], [-1, -Infinity]);
});

Deno.test("RolloutBuffer refuses values of the wrong length and names who gave them", () => {
  const buffer = new RolloutBuffer(spec, 1, false);
  const silent = silence(2, spec.actions);
  const decide = (guidance: object, change: object) => () =>
    buffer.decide(0, new Ticks(2), { ...silent, ...guidance }, {
      ...decision([1, 2]),
      ...change,
    });
  const one = new Float32Array(1);
  assert.throws(decide({ choices: one }, {}), { stage: "teacher", message: /^The choices that/ });
  assert.throws(decide({ distribution: one }, {}), {
    message: /have length "1"; right would be 4/,
  });
  assert.throws(decide({ logProbs: one }, {}), { code: "E_SHAPE", stage: "teacher" });
  assert.throws(decide({}, { qValues: one }), { code: "E_SHAPE", stage: "student" });
  assert.throws(decide({}, { values: undefined }), {
    message: 'The values that the stage student returned are "undefined"; right would be 2.',
  });
  const short = { ...answer([0, 0], [0, 0]), rewards: one };
  assert.throws(() => buffer.answer(0, short), { code: "E_SHAPE", stage: "env" });
  assert.throws(() => buffer.bootstrap(0, one), { code: "E_SHAPE", stage: "student" });
  assert.throws(() => buffer.complete(0, one), { code: "E_SHAPE", stage: "student" });
});

Deno.test("RolloutBuffer finds the keys of a step, and what was remembered before it", () => {
  const buffer = filled();
  assert.deepEqual([0, 1, 2].map((t) => [...buffer.keysAt(t)]), [[1, 2], [3, 4], [5, 6]]);
  assert.equal(buffer.memoryAt(1), undefined);
  // The student counts its steps, in environment 1 from 10; 1 is truncated at step 0, 0 ends at 1.
  const own = new RolloutBuffer(spec, 3, false);
  for (
    const [t, ends] of ([[[0, 0], [0, 1]], [[1, 0], [0, 0]], [[0, 0], [0, 0]]] as const).entries()
  ) {
    const memory = own.recall(t, 3)!;
    own.decide(t, new Ticks(2), silence(2, spec.actions), decision([1, 2]));
    memory.set(memory.map((x, k) => k < 3 ? x + 1 : x + 10));
    own.answer(t, answer([...ends[0]], [...ends[1]]));
  }
  const remembered = [0, 1, 2].map((t) => [own.memoryAt(t)![0], own.memoryAt(t)![5]]);
  assert.deepEqual(remembered, [[0, 0], [1, 0], [0, 10]]);
  assert.deepEqual(own.memoryAt(1)!.length, 6);
  assert.deepEqual([...own.window(1, 3).memory!], [1, 1, 1, 0, 0, 0, 0, 0, 0, 10, 10, 10]);
  assert.deepEqual([...own.keep(2, 3).memory!], [0, 0, 0, 10, 10, 10]);
  assert.deepEqual([...own.remembered!], [1, 1, 1, 20, 20, 20]);
  const next = new RolloutBuffer(spec, 3, false);
  next.load(own.save());
  assert.deepEqual([...next.recall(0, 3)!], [1, 1, 1, 20, 20, 20]);
  assert.equal(next.memory!.length, 18);
  own.restart();
  assert.deepEqual([...own.recall(0, 3)!], [0, 0, 0, 0, 0, 0]);
  assert.equal(own.recall(0, undefined), undefined);
  assert.equal(own.memory, undefined);
});

Deno.test("RolloutBuffer keeps the env's own rewards where others are recorded", () => {
  const buffer = filled();
  assert.equal(buffer.envRewards, undefined);
  const step = answer([1, 0], [0, 0]);
  buffer.answer(1, { ...step, rewards: Float32Array.of(5, 6) }, step.rewards);
  assert.deepEqual([...buffer.rewards], [0, 0, 5, 6, 0, 0]);
  assert.deepEqual([...buffer.envRewards!], [0, 0, 1, 0, 0, 0]);
  buffer.answer(2, answer([1, 1], [0, 0]));
  assert.deepEqual([...buffer.envRewards!], [0, 0, 1, 0, 1, 1]);
  const next = new RolloutBuffer(spec, 3, false);
  next.load(buffer.save());
  assert.equal(next.envRewards?.length, 6);
  assert.equal(next.targetLogProbs, undefined);
});

Deno.test("tally() counts ends, rewards and followed guidance", () => {
  const buffer = filled();
  assert.deepEqual(tally(buffer, Int32Array.of(0, 1)), {
    ended: 2,
    solved: 1,
    meanReward: 0.5,
    followed: null,
  });
  // Suggested: right, silent; left, left; right, right. Done: left, right each time.
  for (const [t, choices] of [[1, -1], [0, 0], [1, 1]].entries()) {
    buffer.guidance[t]!.choices.set(choices);
  }
  assert.equal(tally(buffer, Int32Array.of(0, 1)).followed, 2 / 5);
  assert.equal(tally(buffer, Int32Array.of(-1, -1)).followed, 0);
});

Deno.test("tally() has no mean reward without an ended episode", () => {
  assert.equal(tally(filled().window(2, 3), Int32Array.of(0, 1)).meanReward, null);
});

Deno.test("tally() counts an episode as solved by its return, over rollouts and a saved state", () => {
  const solvable = { ...spec, envs: 1, rewardThreshold: 3 };
  const play = (buffer: RolloutBuffer, ends: number[], rewards: number[]) => {
    for (const [t, end] of ends.entries()) {
      const seen = new Ticks(1);
      const zero = new Float32Array(1);
      const decision = { actions: new Int32Array(1), logProbs: zero, qValues: zero, values: zero };
      buffer.decide(t, seen, silence(1, []), decision);
      buffer.answer(t, {
        ...{ observations: seen, finals: seen, truncated: new Uint8Array(1) },
        ...{ rewards: Float32Array.of(rewards[t]!), terminated: Uint8Array.of(end) },
      });
    }
    const { ended, solved } = tally(buffer, new Int32Array(0), solvable.rewardThreshold);
    return [ended, solved];
  };
  const buffer = new RolloutBuffer(solvable, 3, false);
  // 1 + 1 ends below 3; then 1 is carried over to the next rollout, where 1 + 2 reaches it.
  assert.deepEqual(play(buffer, [0, 1, 0], [1, 1, 1]), [1, 0]);
  const next = new RolloutBuffer(solvable, 3, false);
  next.load(buffer.save());
  assert.deepEqual(play(buffer, [1, 0, 1], [2, 1, 1]), [2, 1]);
  assert.deepEqual(play(next, [1, 0, 1], [2, 1, 1]), [2, 1]);
});
