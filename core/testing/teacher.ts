/** Checks that a teacher meets its contract. */
import type { StageSpec } from "../pipeline/plugin.ts";
import { encodeGuidance } from "../kit/codec.ts";
import { suggestionOf, tokensOf } from "../kit/guidance.ts";
import { exactJson, parseExactJson } from "../kit/packing.ts";
import { Pcg64 } from "../kit/random.ts";
import type { Env, Guidance, Mode, Observations, Teacher, TeacherUsage } from "../stages/mod.ts";
import { expectAll, expectShape, Findings, firstUnfit, same } from "./findings.ts";
import { type Asking, checkMeasuring } from "./measuring.ts";
import { someFeedback } from "./recording.ts";
import {
  checkLeaks,
  checkRepeatable,
  type CheckSetting,
  ENVS,
  make,
  OTHER_ENVS,
  script,
  STEPS,
} from "./setting.ts";

/**
 * What a teacher plugin gets wrong: shapes, probabilities that sum to one, candidates, determinism
 * under a seed, measurements that leave training alone, verdicts of any strength, usage, `save` and
 * `load`, what it leaves behind.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkTeacher(
  stage: StageSpec<"teacher">,
  setting: CheckSetting,
): Promise<string[]> {
  const findings = new Findings();
  const world = await make(setting.world, { envs: ENVS }, setting);
  const other = await make(setting.world, { envs: OTHER_ENVS }, setting);
  const create = () => make(stage, { env: world.spec }, setting);
  const ask = (teacher: Teacher, seen: Observations, mode: Mode, env = world) =>
    teacher.advise(seen, mode, stage.usesOracle ? env.oracle : undefined);
  await findings.attempt("The teacher", async () => {
    const teacher = await create();
    checkCandidates(findings, teacher, world);
    await checkGuidanceOf(findings, teacher, world, ask);
    await findings.attempt("advise() on another number of environments", async () => {
      const seen = script(other, 0).next().value;
      checkGuidance(findings, await ask(teacher, seen, "evaluate", other), teacher, OTHER_ENVS);
    });
    await findings.attempt("dispose()", () => teacher.dispose?.());
    await checkMeasuring(findings, create, world, asking(ask));
    await checkRepeatable(
      findings,
      create,
      (made, part) => play(made, world, part, ask),
    );
    await checkLeaks(findings, setting, create, (made) => play(made, world, 1, ask));
  });
  await world.dispose?.();
  await other.dispose?.();
  return findings.list();
}

type Ask = (
  teacher: Teacher,
  seen: Observations,
  mode: Mode,
  env?: Env,
) => ReturnType<Teacher["advise"]>;

function checkCandidates(findings: Findings, { candidates, grain }: Teacher, { spec }: Env): void {
  findings.expect(
    candidates.length > 0,
    "It has no candidates: there is nothing it could suggest.",
  );
  findings.expect(
    new Set(candidates).size === candidates.length,
    "It has the same candidate twice.",
  );
  const unknown = candidates.find((name) => !spec.actions.includes(name));
  findings.expect(
    grain !== "action" || unknown === undefined,
    `Its grain is "action", and its candidate "${unknown}" is none of the actions.`,
  );
}

/** Asks and praises, and looks at each answer and at what becomes of the one before. */
async function checkGuidanceOf(
  findings: Findings,
  teacher: Teacher,
  world: Env,
  ask: Ask,
): Promise<void> {
  const random = new Pcg64(1);
  const scene = script(world, 1);
  let last: { guidance: Guidance; copy: string } | undefined;
  let { calls, tokens } = teacher.usage();
  for (let t = 0; t < STEPS; t++) {
    const seen = scene.next().value;
    const guidance = await ask(teacher, seen, "train");
    checkGuidance(findings, guidance, teacher, ENVS);
    findings.expect(
      !last || copyOf(last.guidance) === last.copy,
      "advise() changes the guidance that it gave before: a rollout keeps it, so give a new one.",
    );
    last = { guidance, copy: copyOf(guidance) };
    // One verdict in three is of a strength that no rule should give and a bad one may.
    const strength = t % 3 === 2 ? NaN : 0.5;
    const feedback = someFeedback(random, world.spec, seen, guidance, strength);
    await findings.attempt("receive()", () => teacher.receive(feedback));
    const usage = teacher.usage();
    findings.expect(
      usage.calls >= calls && usage.tokens >= tokens,
      "usage() counts backwards.",
    );
    ({ calls, tokens } = usage);
  }
  expectAll(
    findings,
    "The counters of usage()",
    countersOf(teacher.usage()),
    (value) => Number.isInteger(value) && value >= 0,
    "whole numbers",
  );
}

/** What is counted, without sums of probabilities and of money. */
function countersOf(
  { answeredBy = {}, elsewhere: _, dollars: __, ...counters }: TeacherUsage,
): number[] {
  return [...Object.values(counters), ...Object.values(answeredBy)];
}

function checkGuidance(
  findings: Findings,
  guidance: Guidance,
  { candidates }: Teacher,
  envs: number,
): void {
  const { choices, distribution, logProbs } = guidance;
  const count = candidates.length;
  findings.expect(
    same([...guidance.candidates], [...candidates]),
    "The guidance's candidates are not the teacher's.",
  );
  const { texts, tokens, authors, note } = guidance;
  findings.expect(
    note === undefined || same(parseExactJson(exactJson(note)), note),
    "The guidance's note is no JSON: a checkpoint would lose some of it.",
  );
  const shaped = [
    expectShape(findings, "advise()'s choices", choices, envs),
    expectShape(findings, "advise()'s logProbs", logProbs, envs),
    expectShape(findings, "advise()'s distribution", distribution, envs * count),
    ...Object.entries({ texts, tokens, authors }).map(([name, column]) =>
      column === undefined || expectShape(findings, `advise()'s ${name}`, column, envs)
    ),
  ];
  if (shaped.includes(false)) return;
  const known = (choice: number) => choice >= -1 && choice < count;
  expectAll(findings, "advise()'s choices", choices, known, `a candidate below ${count}, or -1`);
  expectAll(findings, "advise()'s logProbs", logProbs, (p) => p <= 1e-6, "at most 0");
  expectAll(findings, "advise()'s distribution", distribution, (p) => p >= 0, "probabilities");
  for (let i = 0; i < envs; i++) checkRow(findings, guidance, i, count);
}

function checkRow(findings: Findings, guidance: Guidance, i: number, count: number): void {
  const choice = guidance.choices[i]!;
  const row = guidance.distribution.subarray(i * count, (i + 1) * count);
  const sum = row.reduce((sum, p) => sum + p, 0);
  const right = choice < 0 ? 0 : 1;
  const whose = choice < 0 ? "where it is silent" : "where it suggests something";
  findings.expect(
    Math.abs(sum - right) < 1e-4,
    `The probabilities sum to "${sum.toFixed(4)}" ${whose}; right would be ${right}.`,
  );
  const words: unknown = guidance.texts?.[i] ?? suggestionOf(guidance, i);
  findings.expect(typeof words === "string", "texts holds something that is no text.");
  findings.expect(
    (choice < 0) === (words === ""),
    choice < 0
      ? "texts is not empty where it is silent."
      : "texts is empty where it suggests something.",
  );
  const bad = firstUnfit(tokensOf(guidance, i), (id) => Number.isInteger(id) && id >= 0);
  findings.expect(bad < 0, "tokens holds something that is no token id.");
}

/** How a teacher is asked for guidance, and measured before. */
function asking(ask: Ask): Asking<Teacher> {
  return {
    seed: 2,
    async answer(teacher, seen, _random, measured) {
      if (measured) await ask(teacher, seen, "evaluate");
      return copyOf(await ask(teacher, seen, "train"));
    },
    fault: 'Asked in the mode "evaluate", it answers otherwise in training afterwards: measuring ' +
      "must neither draw from training's randomness nor be remembered.",
  };
}

async function play(teacher: Teacher, world: Env, part: number, ask: Ask): Promise<unknown> {
  const random = new Pcg64(part);
  const scene = script(world, 20 + part);
  const answers: unknown[] = [];
  for (let t = 0; t < STEPS; t++) {
    const seen = scene.next().value;
    const guidance = await ask(teacher, seen, "train");
    answers.push(copyOf(guidance));
    await teacher.receive(someFeedback(random, world.spec, seen, guidance));
  }
  return answers;
}

function copyOf(guidance: Guidance): string {
  return exactJson(encodeGuidance(guidance));
}
