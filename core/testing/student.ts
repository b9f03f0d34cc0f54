/** Checks that a student meets its contract. */
import { TandemError } from "../base/errors.ts";
import { silence } from "../kit/guidance.ts";
import type { StageSpec } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import { mapTensors } from "../kit/tensors.ts";
import type {
  Decision,
  Env,
  Guidance,
  Observations,
  Rollout,
  Student,
  Tensor,
} from "../stages/mod.ts";
import { expectAll, expectShape, Findings, same } from "./findings.ts";
import { type Asking, checkMeasuring } from "./measuring.ts";
import { checkMemory } from "./memory.ts";
import { estimateOf, record, replayOf, someGuidance } from "./recording.ts";
import {
  checkLeaks,
  checkRepeatable,
  type CheckSetting,
  ENVS,
  make,
  OTHER_ENVS,
  script,
  seedsFor,
  STEPS,
} from "./setting.ts";

/** Transitions of a rollout, of which nothing but the metrics can be seen. */
async function checkPractising(findings: Findings, student: Student, world: Env): Promise<void> {
  if (!student.practise) return;
  const rollout = await record(world, STEPS, 1);
  const size = (STEPS - 1) * ENVS;
  const rowsFrom = (first: number) =>
    mapTensors(rollout.observations, (tensor) => {
      const width = tensor.data.length / (STEPS * ENVS);
      const data = tensor.data.slice(first * width, (first + size) * width);
      return { ...tensor, shape: [size, ...tensor.shape.slice(2)], data } as Tensor;
    });
  const metrics = await student.practise({
    size,
    observations: rowsFrom(0),
    nextObservations: rowsFrom(ENVS),
    keys: rollout.keys.slice(0, size),
    nextKeys: rollout.keys.slice(ENVS),
    missions: rollout.missions.slice(0, size),
    actions: rollout.actions.slice(0, size * rollout.actions.length / (STEPS * ENVS)),
    rewards: rollout.rewards.slice(0, size),
    terminated: rollout.terminated.slice(0, size),
  });
  for (const [name, value] of Object.entries(metrics)) {
    findings.expect(
      Number.isFinite(value),
      `practise() gives "${value}" for "${name}", no number.`,
    );
  }
}

/** Past steps beside a rollout: they are asked for, and what they do to the weights is finite. */
async function checkReplaying(findings: Findings, student: Student, world: Env): Promise<void> {
  if (!student.learnsFromReplay) return;
  const rollout = await record(world, STEPS, 10, student);
  const past = replayOf(rollout, world.spec);
  const before = structuredClone(arraysOf(rollout));
  let asked = false;
  const draw = (count: number) => (asked = true, past.draw(count));
  const metrics = await student.learn(rollout, estimateOf(rollout), { size: past.size, draw });
  for (const [name, value] of Object.entries(metrics)) {
    findings.expect(
      Number.isFinite(value),
      `learn() from past steps reports "${value}" as ${name}.`,
    );
  }
  findings.expect(
    asked,
    "It declares learnsFromReplay, and learn() draws none of the past steps that it is given.",
  );
  findings.expect(
    same(arraysOf(rollout), before),
    "learn() from past steps changes the rollout, which others read after it.",
  );
  const values = await student.values(world.reset(seedsFor(ENVS)));
  expectAll(findings, "values() after past steps", values, Number.isFinite, "finite");
  await student.learn(rollout, estimateOf(rollout), {
    size: 0,
    draw: () => {
      findings.expect(false, "learn() draws past steps where none are held.");
      return past.draw(1);
    },
  });
}

/**
 * What a student plugin gets wrong: shapes, log-probabilities that belong to the policy it acts by
 * (so that the ratio is 1 before it has learned), a memory that is where it should be, determinism under
 * a seed, measurements that leave training alone, learning that leaves the rollout alone, past steps that
 * it says it takes, NaN, `save` and `load`, what it leaves behind.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkStudent(
  stage: StageSpec<"student">,
  setting: CheckSetting,
): Promise<string[]> {
  const findings = new Findings();
  const world = await make(setting.world, { envs: ENVS }, setting);
  const other = await make(setting.world, { envs: OTHER_ENVS }, setting);
  const { spec } = world;
  const create = () =>
    make(stage, { env: spec, grain: "action", candidates: spec.actions }, setting);
  const withOne = async (what: string, check: (student: Student) => Promise<void>) => {
    await findings.attempt(what, async () => {
      const student = await create();
      await check(student);
      await findings.attempt("dispose()", () => student.dispose?.());
    });
  };
  await withOne("The student", async (student) => {
    for (const env of [world, other]) await checkActing(findings, student, env);
  });
  await withOne("act()", (student) => checkRatio(findings, student, world));
  await withOne("Its memory", (student) => checkMemory(findings, student, world));
  await withOne("learn()", (student) => checkLearning(findings, student, world));
  await withOne("practise()", (student) => checkPractising(findings, student, world));
  await withOne("learn() from past steps", (student) => checkReplaying(findings, student, world));
  await withOne("learn() from NaN", (student) => checkNaN(findings, student, world));
  await findings.attempt("The student", async () => {
    await checkMeasuring(findings, create, world, asking(world));
    const work = (made: Student, part = 1) => play(made, world, part);
    await checkRepeatable(findings, create, work);
    await checkLeaks(findings, setting, create, (made) => work(made));
  });
  await world.dispose?.();
  await other.dispose?.();
  return findings.list();
}

async function checkActing(findings: Findings, student: Student, env: Env): Promise<void> {
  const { envs, actions } = env.spec;
  const random = new Pcg64(4);
  const scene = script(env, 4);
  for (let t = 0; t < STEPS; t++) {
    const seen = scene.next().value;
    const guidance = t === 0 ? silence(envs, actions) : someGuidance(random, envs, actions);
    const decision = await student.act(seen, guidance, t % 2 ? "train" : "evaluate");
    checkDecision(findings, decision, env, seen);
    const values = await student.values(seen);
    if (expectShape(findings, "values()", values, envs)) {
      expectAll(findings, "values()", values, Number.isFinite, "finite");
    }
    if (student.policy && actions.length > 0) {
      await checkPolicy(findings, student, seen, guidance, actions.length);
    }
  }
}

function checkDecision(
  findings: Findings,
  decision: Decision,
  { spec }: Env,
  { legal }: Observations,
): void {
  const { envs, actions, actionBox } = spec;
  const taken = envs * (actionBox?.low.length ?? 1);
  if (!expectShape(findings, "act()'s actions", decision.actions, taken)) return;
  expectAll(findings, "act()'s actions", decision.actions, Number.isFinite, "finite");
  for (const what of ["logProbs", "qValues", "values"] as const) {
    if (!expectShape(findings, `act()'s ${what}`, decision[what], envs)) return;
    expectAll(findings, `act()'s ${what}`, decision[what], Number.isFinite, "finite");
  }
  if (actionBox) return;
  const known = (action: number) => action >= 0 && action < actions.length;
  expectAll(
    findings,
    "act()'s actions",
    decision.actions,
    known,
    `an action below ${actions.length}`,
  );
  const illegal = decision.actions.findIndex((action, i) =>
    legal?.[i * actions.length + action] === 0
  );
  findings.expect(
    illegal < 0,
    `act() takes the action "${decision.actions[illegal]}", which is not legal there.`,
  );
  expectAll(findings, "act()'s logProbs", decision.logProbs, (p) => p <= 1e-6, "at most 0");
}

async function checkPolicy(
  findings: Findings,
  student: Student,
  seen: Observations,
  guidance: Guidance,
  count: number,
): Promise<void> {
  const { envs } = seen;
  const { probabilities, qValues, values } = await student.policy!(seen, guidance);
  const shaped = [
    expectShape(findings, "policy()'s probabilities", probabilities, envs * count),
    expectShape(findings, "policy()'s qValues", qValues, envs * count),
    expectShape(findings, "policy()'s values", values, envs),
  ];
  if (shaped.includes(false)) return;
  for (let i = 0; i < envs; i++) {
    const row = probabilities.subarray(i * count, (i + 1) * count);
    const sum = row.reduce((sum, p) => sum + p, 0);
    findings.expect(
      Math.abs(sum - 1) < 1e-4,
      `policy()'s probabilities sum to "${sum.toFixed(4)}"; right would be 1.`,
    );
  }
}

/** Times that a student is asked in one state. */
const DRAWS = 64;

/**
 * In one state under one guidance, an action always has the same log-probability, the probabilities
 * of different ones do not exceed 1, and they are those of `policy` if there is one.
 */
async function checkRatio(findings: Findings, student: Student, world: Env): Promise<void> {
  const { envs, actions, actionBox } = world.spec;
  if (actionBox) return;
  const seen = world.reset(seedsFor(envs));
  const guidance = someGuidance(new Pcg64(5), envs, actions);
  const view = await student.policy?.(seen, guidance);
  const found = Array.from({ length: envs }, () => new Map<number, number>());
  for (let draw = 0; draw < DRAWS; draw++) {
    const { actions: taken, logProbs } = await student.act(seen, guidance, "train");
    for (let i = 0; i < envs; i++) {
      const p = Math.exp(logProbs[i]!);
      const action = taken[i]!;
      const known = found[i]!.get(action) ?? view?.probabilities[i * actions.length + action] ?? p;
      findings.expect(
        Math.abs(p / known - 1) < 1e-3,
        `The ratio is "${
          (p / known).toFixed(3)
        }", not 1, before it has learned: logProbs are not ` +
          "those of the policy that acts.",
      );
      found[i]!.set(action, p);
    }
  }
  for (const probabilities of found) {
    const sum = [...probabilities.values()].reduce((sum, p) => sum + p, 0);
    findings.expect(
      sum < 1 + 1e-3,
      `The probabilities of the actions it takes in one state sum to "${sum.toFixed(3)}", above 1.`,
    );
  }
}

async function checkLearning(findings: Findings, student: Student, world: Env): Promise<void> {
  const rollout = await record(world, STEPS, 6, student);
  const estimate = estimateOf(rollout);
  const before = structuredClone([arraysOf(rollout), estimate]);
  const metrics = await student.learn(rollout, estimate);
  for (const [name, value] of Object.entries(metrics)) {
    findings.expect(Number.isFinite(value), `learn() reports "${value}" as ${name}.`);
  }
  findings.expect(
    same([arraysOf(rollout), estimate], before),
    "learn() changes the rollout or the estimate, which others read after it.",
  );
  const values = await student.values(world.reset(seedsFor(ENVS)));
  expectAll(findings, "values() after learn()", values, Number.isFinite, "finite");
}

/** A target that is NaN must not get into the weights unnoticed. */
async function checkNaN(findings: Findings, student: Student, world: Env): Promise<void> {
  const rollout = await record(world, STEPS, 7, student);
  const estimate = estimateOf(rollout);
  estimate.targets[3] = NaN;
  try {
    await student.learn(rollout, estimate);
  } catch (error) {
    findings.expect(
      error instanceof TandemError && error.code === "E_NUMERIC",
      "learn() from a target that is NaN fails without the code E_NUMERIC.",
    );
    return;
  }
  const values = await student.values(world.reset(seedsFor(ENVS)));
  findings.expect(
    values.every(Number.isFinite),
    "learn() takes a target that is NaN, and its values are NaN from then on: it should throw E_NUMERIC.",
  );
}

/** How a student is asked for an action, and measured before. */
function asking(world: Env): Asking<Student> {
  return {
    seed: 8,
    async answer(student, seen, random, measured) {
      const guidance = someGuidance(random, ENVS, world.spec.actions);
      if (measured) {
        await student.act(seen, guidance, "evaluate");
        await student.policy?.(seen, guidance);
      }
      return (await student.act(seen, guidance, "train")).actions.slice();
    },
    fault: 'Asked for its policy or in the mode "evaluate", it acts otherwise in training ' +
      "afterwards: measuring must not draw from training's randomness.",
  };
}

/** Acts and learns twice. */
async function play(student: Student, world: Env, part: number): Promise<unknown> {
  const answers: unknown[] = [];
  for (const seed of [2 * part, 2 * part + 1]) {
    const rollout = await record(world, STEPS, seed, student);
    answers.push(arraysOf(rollout), await student.learn(rollout, estimateOf(rollout)));
  }
  answers.push((await student.values(world.reset(seedsFor(ENVS)))).slice());
  return structuredClone(answers);
}

function arraysOf(rollout: Rollout): unknown {
  const { actions, logProbs, qValues, values, nextValues, rewards, observations, guidance } =
    rollout;
  const said = guidance.map(({ choices, distribution }) => [choices, distribution]);
  return [actions, logProbs, qValues, values, nextValues, rewards, observations, said];
}
