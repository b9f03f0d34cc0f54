/** Checks that an environment meets its contract. */
import type { Stage } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import { expectReference } from "../kit/shapes.ts";
import type { Env, EnvSpec, EnvStep, Observations } from "../stages/mod.ts";
import { expectAll, expectShape, Findings, same } from "./findings.ts";
import {
  checkRepeatable,
  type CheckSetting,
  ENVS,
  make,
  type Part,
  seedsFor,
  STEPS,
} from "./setting.ts";

/**
 * What an environment plugin gets wrong: shapes, ranges, determinism under a seed, independence of
 * its environments, truncation kept apart from termination, refusal of bad actions, the expert's
 * consistency, `save` and `load`.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkEnv(
  stage: Stage<"env">,
  setting: Omit<CheckSetting, "world"> = {},
): Promise<string[]> {
  const findings = new Findings();
  const create = (envs = ENVS) => make(stage, { envs }, setting);
  const env = await findings.attempt("create()", create);
  if (!env) return findings.list();
  checkSpec(findings, env.spec, ENVS);
  await findings.attempt("The environment", async () => {
    checkEpisodes(findings, env);
    await checkActions(findings, env);
    checkAnew(findings, env);
    checkIndependence(findings, await create(), await create(1));
    await checkRepeatable(findings, create, play);
  });
  await findings.attempt("dispose()", () => env.dispose?.());
  return findings.list();
}

function checkSpec(findings: Findings, spec: EnvSpec, envs: number): void {
  const { actions, observation, maxSteps } = spec;
  findings.expect(spec.envs === envs, `spec.envs is "${spec.envs}" where ${envs} were asked for.`);
  findings.expect(spec.id !== "", "spec.id is empty.");
  findings.expect(actions.length > 0, "spec.actions is empty: there is nothing to do.");
  findings.expect(new Set(actions).size === actions.length, "spec.actions names an action twice.");
  findings.expect(observation.length > 0, "spec.observation is empty: there is nothing to see.");
  if (spec.reference) {
    try {
      expectReference(spec.reference);
    } catch (error) {
      findings.expect(false, error instanceof Error ? error.message : String(error));
    }
  }
  const fits = (n: number) => Number.isInteger(n) && n >= 1 && n <= 256;
  expectAll(findings, "spec.observation", observation, fits, "a number of categories, 1 to 256");
  findings.expect(
    Number.isInteger(maxSteps) && maxSteps >= 1,
    `spec.maxSteps is "${maxSteps}"; right would be a number of steps, at least 1.`,
  );
  findings.expect(
    spec.autoreset === "same-step",
    `spec.autoreset is "${spec.autoreset}"; right would be "same-step".`,
  );
}

/** @param rows The environments whose rows mean something; all unless told. */
function checkObservations(
  findings: Findings,
  what: string,
  seen: Observations,
  spec: EnvSpec,
  rows: readonly number[] = Array.from({ length: spec.envs }, (_, i) => i),
): void {
  const { observation, envs, missionWords } = spec;
  if (!expectShape(findings, `The data of ${what}`, seen.data, envs * observation.length)) return;
  findings.expect(seen.envs === envs, `${what} are of "${seen.envs}" environments, not ${envs}.`);
  for (const i of rows) {
    const out = observation.findIndex((bound, d) =>
      seen.data[i * observation.length + d]! >= bound
    );
    findings.expect(
      out < 0,
      `The data of ${what} hold "${seen.data[i * observation.length + out]}" at ${out}, where ` +
        `spec.observation has ${observation[out]} categories.`,
    );
    const unknown = (seen.mission(i).toLowerCase().match(/[a-z]+/g) ?? [])
      .find((word) => missionWords.length > 0 && !missionWords.includes(word));
    findings.expect(
      unknown === undefined,
      `The mission "${
        seen.mission(i)
      }" holds the word "${unknown}", which spec.missionWords lacks.`,
    );
    const words = seen.text(i);
    findings.expect(
      Array.isArray(words) && words.every((line) => typeof line === "string"),
      `text(${i}) of ${what} is no list of sentences.`,
    );
    findings.expect(Number.isFinite(seen.key(i)), `key(${i}) of ${what} is "${seen.key(i)}".`);
  }
}

/** Plays at random until every environment has seen the end of an episode, and some more. */
function checkEpisodes(findings: Findings, env: Env): void {
  const { spec } = env;
  const random = new Pcg64(1);
  const ages = new Int32Array(spec.envs);
  const keys = new Map<string, number>();
  const note = (what: string, seen: Observations) => {
    checkObservations(findings, what, seen, spec);
    for (let i = 0; i < spec.envs; i++) checkKey(findings, keys, seen, i);
  };
  note("reset()'s observations", env.reset(seedsFor(spec.envs)));
  for (let t = 0; t < Math.min(2 * spec.maxSteps + 2, 2000); t++) {
    checkOracle(findings, env);
    const step = env.step(randomActions(random, spec));
    checkStep(findings, step, spec, ages);
    note("step()'s observations", step.observations);
  }
}

function checkStep(findings: Findings, step: EnvStep, spec: EnvSpec, ages: Int32Array): void {
  const { rewards, terminated, truncated } = step;
  for (const what of ["rewards", "terminated", "truncated"] as const) {
    if (!expectShape(findings, `step()'s ${what}`, step[what], spec.envs)) return;
  }
  expectAll(findings, "step()'s rewards", rewards, Number.isFinite, "finite");
  const flag = (value: number) => value === 0 || value === 1;
  expectAll(findings, "step()'s terminated", terminated, flag, "0 or 1");
  expectAll(findings, "step()'s truncated", truncated, flag, "0 or 1");
  for (let i = 0; i < spec.envs; i++) {
    const age = ages[i] = ages[i]! + 1;
    findings.expect(
      terminated[i] === 0 || truncated[i] === 0,
      "An episode is both terminated and truncated: one that the task ended is terminated alone.",
    );
    findings.expect(
      age <= spec.maxSteps,
      `An episode is longer than spec.maxSteps, which is "${spec.maxSteps}".`,
    );
    findings.expect(
      !(terminated[i] === 1 && age === spec.maxSteps && rewards[i]! <= 0),
      "An episode that reaches the step limit without a reward is terminated: a cut is a truncation.",
    );
    if (terminated[i] === 1 || truncated[i] === 1) {
      ages[i] = 0;
      checkObservations(findings, "step()'s finals", step.finals, spec, [i]);
    }
  }
}

/** Equal states have equal keys. */
function checkKey(findings: Findings, keys: Map<string, number>, seen: Observations, i: number) {
  const width = seen.data.length / seen.envs;
  const state = `${seen.mission(i)}|${seen.data.subarray(i * width, (i + 1) * width)}`;
  const key = seen.key(i);
  findings.expect(
    (keys.get(state) ?? key) === key,
    "key() gives two keys to equal states (observation and mission).",
  );
  keys.set(state, key);
}

function checkOracle(findings: Findings, { oracle, spec }: Env): void {
  if (!oracle) return;
  for (let i = 0; i < spec.envs; i++) {
    const action = oracle.action(i);
    findings.expect(
      Number.isInteger(action) && action >= -1 && action < spec.actions.length,
      `oracle.action() is "${action}"; right would be an action, or -1.`,
    );
    findings.expect(
      action < 0 || oracle.isRight(i, action),
      `oracle.isRight() does not find the expert's own action "${spec.actions[action]}" right.`,
    );
    for (const grain of ["subgoal", "plan"] as const) {
      const words = oracle[grain]?.(i) ?? "";
      findings.expect(
        words === "" || spec.guidance?.[grain]?.includes(words) === true,
        `oracle.${grain}() is "${words}", which spec.guidance.${grain} lacks.`,
      );
    }
  }
}

async function checkActions(findings: Findings, env: Env): Promise<void> {
  const { envs, actions } = env.spec;
  env.reset(seedsFor(envs));
  for (const action of [-1, actions.length]) {
    const sentence =
      `step() takes the action "${action}", which there is not: it should throw E_ACTION.`;
    await findings.expectRefusal(sentence, () => env.step(new Int32Array(envs).fill(action)));
  }
}

/** A reset leaves nothing of what was played before. */
function checkAnew(findings: Findings, env: Env): void {
  const [first, second] = [play(env, 1), play(env, 1)];
  findings.expect(
    same(first, second),
    "reset() with the same seeds does not give the same worlds after an episode was played.",
  );
}

/** What happens in an environment does not hang on how many there are. */
function checkIndependence(findings: Findings, many: Env, one: Env): void {
  const random = new Pcg64(3);
  const actions = Array.from({ length: STEPS }, () => random.integers(0, many.spec.actions.length));
  const width = many.spec.observation.length;
  const watch = (env: Env) => {
    const seen = [env.reset(seedsFor(env.spec.envs)).data.slice(0, width)];
    for (const action of actions) {
      const all = Int32Array.from({ length: env.spec.envs }, (_, i) => i === 0 ? action : 0);
      seen.push(env.step(all).observations.data.slice(0, width));
    }
    return seen;
  };
  findings.expect(
    same(watch(many), watch(one)),
    "Environment 0 behaves otherwise when there are others beside it.",
  );
}

/** The first part resets; the second goes on from there. */
function play(env: Env, part: Part): unknown {
  const random = new Pcg64(10 + part);
  const first = part === 1 ? copy(env.reset(seedsFor(env.spec.envs))) : undefined;
  const steps = Array.from(
    { length: STEPS },
    () => answer(env.step(randomActions(random, env.spec))),
  );
  return [first, steps];
}

function answer({ observations, rewards, terminated, truncated }: EnvStep): unknown {
  return [copy(observations), rewards.slice(), terminated.slice(), truncated.slice()];
}

function copy(seen: Observations): unknown {
  const each = (ask: (i: number) => unknown) => Array.from({ length: seen.envs }, (_, i) => ask(i));
  return [
    seen.data.slice(),
    each((i) => seen.mission(i)),
    each((i) => seen.text(i)),
    each((i) => seen.key(i)),
  ];
}

function randomActions(random: Pcg64, { envs, actions }: EnvSpec): Int32Array {
  return Int32Array.from({ length: envs }, () => random.integers(0, actions.length));
}
