import { drawFrom } from "../../../core/kit/guidance.ts";
import type { Pcg64State } from "../../../core/kit/random.ts";
import type { Guidance, Observations, Student } from "../../../core/stages/mod.ts";
import { stageOf } from "../stubs.ts";
import { assertFound, assertSound, broken } from "./broken.ts";

/** A student that remembers how many states it has seen, up to 3, and goes left ever more surely. */
const good = stageOf("student", (context) => {
  const random = { train: context.random("a"), evaluate: context.random("b") };
  const rows = (envs: number, memory?: Float32Array) => memory ?? new Float32Array(envs);
  const left = (before: number) => 0.2 * (1 + before);
  const student: Student = {
    memory: 1,
    act(seen, guidance, mode, memory) {
      const { probabilities, values } = student.policy!(seen, guidance, memory) as never;
      const actions = Int32Array.from(
        { length: seen.envs },
        (_, i) => drawFrom(probabilities, 3 * i, 3, random[mode].random()),
      );
      const logProbs = Float32Array.from(actions, (a, i) => Math.log(probabilities[3 * i + a]!));
      return { actions, logProbs, qValues: new Float32Array(seen.envs), values };
    },
    values: ({ envs }, memory) => rows(envs, memory).slice(),
    policy({ envs }, _guidance, memory) {
      const values = rows(envs, memory).slice();
      const probabilities = Float32Array.from({ length: 3 * envs }, (_, k) => {
        const p = left(values[Math.floor(k / 3)]!);
        return k % 3 === 0 ? p : (1 - p) / 2;
      });
      memory?.forEach((count, i) => memory[i] = Math.min(3, count + 1));
      return { probabilities, qValues: new Float32Array(3 * envs), values };
    },
    learn: () => ({}),
    save: () => ({ json: [random.train.save(), random.evaluate.save()] }),
    load({ json }) {
      const [train, evaluate] = json as [Pcg64State, Pcg64State];
      random.train.load(train);
      random.evaluate.load(evaluate);
    },
  };
  return student;
});

Deno.test("checkStudent() finds nothing wrong with a good memory", () => assertSound(good));

Deno.test("checkStudent() takes a student with memory that shows no policy", () =>
  assertSound(broken(good, () => ({ policy: undefined }))));

Deno.test("checkStudent() wants values() to leave the memory alone", async () => {
  const writing = broken(good, (student) => ({
    values(seen: Observations, memory?: Float32Array) {
      const values = student.values(seen, memory);
      memory?.fill(1);
      return values;
    },
  }));
  await assertFound(writing, /^values\(\) writes to the memory, which it may only read/);
});

Deno.test("checkStudent() wants policy() and act() to remember alike", async () => {
  const aloof = broken(good, (student) => ({
    policy: (seen: Observations, guidance: Guidance, memory?: Float32Array) =>
      student.policy!(seen, guidance, memory?.slice()),
  }));
  await assertFound(aloof, /^policy\(\) leaves another memory than act\(\)/);
  const forgetful = broken(good, (student) => ({
    policy(seen: Observations, guidance: Guidance, memory?: Float32Array) {
      const view = student.policy!(seen, guidance);
      student.policy!(seen, guidance, memory);
      return view;
    },
  }));
  await assertFound(forgetful, /^The ratio is "\S+", not 1, when a state is looked at again/);
});

Deno.test("checkStudent() wants nothing remembered elsewhere", async () => {
  const secret = broken(good, (student) => {
    const state = secrets.get(student) ?? { acted: 0 };
    secrets.set(student, state);
    return {
      act: (...asked: Parameters<Student["act"]>) => (state.acted++, student.act(...asked)),
      values: ({ envs }: Observations) => new Float32Array(envs).fill(state.acted),
    };
  });
  const secrets = new WeakMap<Student, { acted: number }>();
  await assertFound(secret, /outside the memory that it is handed/);
});

Deno.test("checkStudent() wants a memory of a whole width, and of numbers", async () => {
  await assertFound(broken(good, () => ({ memory: 1.5 })), /^Its memory is "1\.5"/);
  await assertFound(broken(good, () => ({ memory: -1 })), /^Its memory is "-1"/);
  const broke = broken(good, (student) => ({
    act(...asked: Parameters<Student["act"]>) {
      const decision = student.act(...asked);
      asked[3]?.fill(NaN);
      return decision;
    },
  }));
  await assertFound(broke, /^act\(\)'s memory hold "NaN"/);
});

Deno.test("checkStudent() wants no memory to be one of zeros", async () => {
  const odd = broken(good, (student) => ({
    values: (seen: Observations, memory?: Float32Array) =>
      memory ? student.values(seen, memory) : new Float32Array(seen.envs).fill(9),
  }));
  await assertFound(odd, /^Asked without a memory, it answers otherwise/);
});
