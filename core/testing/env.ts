/** Checks that an environment meets its contract. */
import type { StageSpec } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import { randomActions, rowBytes, traitsOf } from "../kit/tensors.ts";
import { expectReference } from "../kit/shapes.ts";
import {
  type Actions,
  type Env,
  type EnvSpec,
  type EnvStep,
  type Observations,
  sizeOf,
  type Space,
  type Tensor,
} from "../stages/mod.ts";
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
 * its environments, truncation kept apart from termination, legal actions, refusal of bad actions, the
 * expert's consistency, `save` and `load`.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkEnv(
  stage: StageSpec<"env">,
  setting: Omit<CheckSetting, "world"> = {},
): Promise<string[]> {
  const findings = new Findings();
  const create = (envs = ENVS) => make(stage, { envs }, setting);
  const env = await findings.attempt("create()", create);
  if (!env) return findings.list();
  checkSpec(findings, env.spec, ENVS);
  checkTraits(findings, env.spec, stage);
  await findings.attempt("The environment", async () => {
    checkEpisodes(findings, env);
    await checkActions(findings, env);
    checkAnew(findings, env);
    checkIndependence(findings, await create(), await create(1));
    await checkRepeatable(findings, create, player());
  });
  await findings.attempt("dispose()", () => env.dispose?.());
  return findings.list();
}

function checkSpec(findings: Findings, spec: EnvSpec, envs: number): void {
  const { actions, actionBox, observation, maxSteps } = spec;
  findings.expect(spec.envs === envs, `spec.envs is "${spec.envs}" where ${envs} were asked for.`);
  findings.expect(spec.id !== "", "spec.id is empty.");
  findings.expect(
    actions.length > 0 || actionBox !== undefined,
    "spec.actions is empty: there is nothing to do.",
  );
  findings.expect(
    actions.length === 0 || actionBox === undefined,
    "It has both spec.actions and spec.actionBox: actions have names, or they are floats.",
  );
  findings.expect(new Set(actions).size === actions.length, "spec.actions names an action twice.");
  const { actionKinds: kinds = actions } = spec;
  findings.expect(
    kinds.length === actions.length,
    `spec.actionKinds has "${kinds.length}" kinds; right would be one for each of the ${actions.length} ` +
      "actions.",
  );
  const spaces = Object.entries(observation);
  findings.expect(
    spaces.some(([, { shape }]) => sizeOf(shape) > 0),
    "spec.observation is empty: there is nothing to see.",
  );
  if (spec.reference) {
    try {
      expectReference(spec.reference);
    } catch (error) {
      findings.expect(false, error instanceof Error ? error.message : String(error));
    }
  }
  for (const [name, space] of spaces) checkSpace(findings, `spec.observation.${name}`, space);
  if (actionBox) checkSpace(findings, "spec.actionBox", actionBox);
  findings.expect(
    Number.isInteger(maxSteps) && maxSteps >= 1,
    `spec.maxSteps is "${maxSteps}"; right would be a number of steps, at least 1.`,
  );
  findings.expect(
    spec.autoreset === "same-step",
    `spec.autoreset is "${spec.autoreset}"; right would be "same-step".`,
  );
}

function checkSpace(findings: Findings, what: string, space: Space): void {
  if (space.kind === "box") {
    const { low, high, shape } = space;
    const size = sizeOf(shape);
    if (!expectShape(findings, `${what}.low`, low, size)) return;
    if (!expectShape(findings, `${what}.high`, high, size)) return;
    findings.expect(
      low.every((least, k) => least <= high[k]!),
      `${what} has a low above its high.`,
    );
    return;
  }
  if (space.kind === "text") return;
  const nvec = space.kind === "discrete" ? [space.n] : space.nvec;
  const fits = (n: number) => Number.isInteger(n) && n >= 1 && n <= 256;
  expectAll(findings, what, nvec, fits, "a number of categories, 1 to 256");
}

/** What a plugin says of how it fits is what its spec says. */
function checkTraits(findings: Findings, spec: EnvSpec, { fits }: StageSpec<"env">): void {
  if (fits.length === 0) return;
  const missing = traitsOf(spec).find((trait) => trait !== "discrete" && !fits.includes(trait));
  findings.expect(
    missing === undefined,
    `Its spec has "${missing}", which the plugin's fits do not name: a student that cannot take it ` +
      "would be found out late.",
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
  findings.expect(seen.envs === envs, `${what} are of "${seen.envs}" environments, not ${envs}.`);
  for (const [name, space] of Object.entries(observation)) {
    checkTensor(findings, `The tensor "${name}" of ${what}`, seen.tensors[name], space, rows, envs);
  }
  checkLegal(findings, what, seen, spec, rows);
  for (const i of rows) {
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

/** A tensor of the space's type, shape and bounds. */
function checkTensor(
  findings: Findings,
  what: string,
  tensor: Tensor | undefined,
  space: Space,
  rows: readonly number[],
  envs: number,
): void {
  const shape = [envs, ...space.shape].join(" x ");
  findings.expect(tensor !== undefined, `${what} is not there.`);
  if (!tensor || !expectShape(findings, what, tensor.data, envs * sizeOf(space.shape))) return;
  findings.expect(
    tensor.dtype === space.dtype && tensor.shape.join(" x ") === shape,
    `${what} is "${tensor.dtype}" of the shape "${tensor.shape.join(" x ")}"; right would be ` +
      `${space.dtype} of ${shape}.`,
  );
  const width = sizeOf(space.shape);
  const { isWithin, bounds } = boundsOf(space);
  for (const i of rows) {
    const row = tensor.data.subarray(i * width, (i + 1) * width);
    const out = row.findIndex((value, d) => !isWithin(value, d));
    findings.expect(
      out < 0,
      `${what} holds "${row[out]}" at ${out}, where spec.observation has ${bounds(out)}.`,
    );
  }
}

/** Whether a value may stand at an entry of a space, and what may. */
function boundsOf(space: Space) {
  if (space.kind === "box") {
    const { low, high } = space;
    return {
      // Bounds are doubles, and the nearest float may lie beyond.
      isWithin: (value: number, d: number) =>
        value >= Math.fround(low[d]!) && value <= Math.fround(high[d]!),
      bounds: (d: number) => `bounds of ${low[d]} to ${high[d]}`,
    };
  }
  const nvec = (d: number) =>
    space.kind === "text" ? space.vocabulary : space.kind === "discrete" ? space.n : space.nvec[d]!;
  return {
    isWithin: (value: number, d: number) => value >= 0 && value < nvec(d),
    bounds: (d: number) => `${nvec(d)} categories`,
  };
}

/** Legal actions are told where the spec says so, and one at least is. */
function checkLegal(
  findings: Findings,
  what: string,
  { legal }: Observations,
  { legalActions = false, actions, envs }: EnvSpec,
  rows: readonly number[],
): void {
  findings.expect(
    (legal !== undefined) === legalActions,
    `${what} ${legal ? "say" : "do not say"} which actions are legal, and spec.legalActions is ` +
      `"${legalActions}".`,
  );
  if (!legal || !expectShape(findings, `legal of ${what}`, legal, envs * actions.length)) return;
  for (const i of rows) {
    const row = legal.subarray(i * actions.length, (i + 1) * actions.length);
    findings.expect(row.every((flag) => flag <= 1), `legal of ${what} is not 0 or 1 throughout.`);
    findings.expect(row.includes(1), `No action is legal in environment ${i} of ${what}.`);
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
  let seen = env.reset(seedsFor(spec.envs));
  note("reset()'s observations", seen);
  for (let t = 0; t < Math.min(2 * spec.maxSteps + 2, 2000); t++) {
    checkOracle(findings, env);
    const step = env.step(randomActions(random, spec, seen));
    seen = step.observations;
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
  const state = `${seen.mission(i)}|${rowBytes(seen.tensors, seen.envs, i)}`;
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
    const places = oracle.references?.(i) ?? [];
    findings.expect(
      places.every((place) => spec.guidance?.reference?.includes(place)),
      `oracle.references() is "${
        places.join('", "')
      }", of which spec.guidance.reference lacks one.`,
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
  const { envs, actions, actionBox } = env.spec;
  env.reset(seedsFor(envs));
  if (actionBox) return;
  for (const action of [-1, actions.length]) {
    const sentence =
      `step() takes the action "${action}", which there is not: it should throw E_ACTION.`;
    await findings.expectRefusal(sentence, () => env.step(new Int32Array(envs).fill(action)));
  }
}

/** A reset leaves nothing of what was played before. */
function checkAnew(findings: Findings, env: Env): void {
  const [first, second] = [player()(env, 1), player()(env, 1)];
  findings.expect(
    same(first, second),
    "reset() with the same seeds does not give the same worlds after an episode was played.",
  );
}

/** What happens in an environment does not hang on how many there are. */
function checkIndependence(findings: Findings, many: Env, one: Env): void {
  const watch = (env: Env) => {
    const { spec } = env;
    const random = new Pcg64(3);
    const firstRow = ({ tensors, envs }: Observations) => rowBytes(tensors, envs, 0).slice();
    let seen = env.reset(seedsFor(spec.envs));
    const rows = [firstRow(seen)];
    for (let t = 0; t < STEPS; t++) {
      const one = randomActions(random, { ...spec, envs: 1 }, seen);
      seen = env.step(repeated(one, spec, seen)).observations;
      rows.push(firstRow(seen));
    }
    return rows;
  };
  findings.expect(
    same(watch(many), watch(one)),
    "Environment 0 behaves otherwise when there are others beside it.",
  );
}

/** One environment's action in all, or another legal one. */
function repeated(one: Actions, { envs, actions }: EnvSpec, { legal }: Observations): Actions {
  const all = one instanceof Float32Array
    ? new Float32Array(envs * one.length)
    : new Int32Array(envs);
  for (let i = 0; i < envs; i++) {
    const first = legal?.subarray(i * actions.length, (i + 1) * actions.length).indexOf(1) ?? 0;
    if (i === 0 || one instanceof Float32Array) all.set(one, i * one.length);
    else all[i] = first;
  }
  return all;
}

/** Plays a script: the first part resets; the second goes on from there. */
function player(): (env: Env, part: Part) => unknown {
  // What was legal at the end of the first part: an env that was loaded does not say it again.
  let legal: Uint8Array | undefined;
  return (env, part) => {
    const random = new Pcg64(10 + part);
    const answers: unknown[] = [];
    let seen: Pick<Observations, "legal"> = { legal };
    if (part === 1) {
      const first = env.reset(seedsFor(env.spec.envs));
      answers.push(copy(first));
      seen = first;
    }
    for (let t = 0; t < STEPS; t++) {
      const step = env.step(randomActions(random, env.spec, seen));
      answers.push(answer(step));
      seen = step.observations;
    }
    if (part === 1) legal = seen.legal?.slice();
    return answers;
  };
}

function answer({ observations, rewards, terminated, truncated }: EnvStep): unknown {
  return [copy(observations), rewards.slice(), terminated.slice(), truncated.slice()];
}

function copy(seen: Observations): unknown {
  const each = (ask: (i: number) => unknown) => Array.from({ length: seen.envs }, (_, i) => ask(i));
  return [
    structuredClone(seen.tensors),
    seen.legal?.slice(),
    each((i) => seen.mission(i)),
    each((i) => seen.text(i)),
    each((i) => seen.key(i)),
  ];
}
