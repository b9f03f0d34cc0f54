/** Checks that an extra stage meets its contract. */
import type { Stage } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import type { PassingStep, Progress, RunPart } from "../stages/mod.ts";
import { expectAll, expectShape, Findings, same } from "./findings.ts";
import { record, someGuidance } from "./recording.ts";
import { checkLeaks, checkRepeatable, type CheckSetting, ENVS, make, STEPS } from "./setting.ts";

/**
 * What an extra stage gets wrong: rewards of the wrong shape or not finite, reports that are no
 * numbers, determinism under a seed, leaving the steps it sees alone, `save` and `load`, what it
 * leaves behind.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkExtra(stage: Stage<"extra">, setting: CheckSetting): Promise<string[]> {
  const findings = new Findings();
  const world = await make(setting.world, { envs: ENVS }, setting);
  const { spec } = world;
  const create = () => make(stage, { env: spec, candidates: spec.actions }, setting);
  await findings.attempt("The extra stage", async () => {
    const rollout = await record(world, STEPS, 1);
    const play = (made: RunPart, part: 1 | 2) => {
      const random = new Pcg64(part);
      const observations = world.reset(Array.from({ length: ENVS }, (_, i) => 10 * part + i));
      const keys = Float64Array.from({ length: ENVS }, (_, i) => observations.key(i));
      const guidance = someGuidance(random, ENVS, spec.actions);
      const actions = Int32Array.from(guidance.choices, (choice) => Math.max(0, choice));
      const achieved = (i: number) => world.achieved?.(i) ?? [];
      const passing: PassingStep = { guidance, actions, keys, achieved, step: world.step(actions) };
      const progress = { iteration: part, iterations: 4, ended: 3, solved: 2 };
      return answers(findings, made, passing, progress, () => made.report?.(rollout, progress));
    };
    const extra = await create();
    findings.expect(
      (["world", "reward", "report"] as const).some((method) => extra[method]),
      "It stands on no edge: it has none of the methods world, reward and report.",
    );
    await findings.attempt("dispose()", () => extra.dispose?.());
    await checkRepeatable(findings, create, play);
    await checkLeaks(findings, setting, create, (made) => play(made, 1));
  });
  await world.dispose?.();
  return findings.list();
}

/** What an extra stage says of a step and a rollout. */
function answers(
  findings: Findings,
  extra: RunPart,
  passing: PassingStep,
  progress: Progress,
  report: () => ReturnType<NonNullable<RunPart["report"]>> | undefined,
): unknown {
  const before = structuredClone(readable(passing));
  const added = extra.reward?.(passing);
  if (added && expectShape(findings, "reward()'s values", added, ENVS)) {
    expectAll(findings, "reward()'s values", added, Number.isFinite, "finite");
  }
  findings.expect(
    same(readable(passing), before),
    "reward() changes the step that it sees, which others read after it.",
  );
  const metrics = report() ?? {};
  for (const [name, value] of Object.entries(metrics)) {
    findings.expect(Number.isFinite(value), `report() gives "${value}" for "${name}", no number.`);
  }
  return [added?.slice(), metrics, extra.world?.(progress)];
}

function readable({ guidance, actions, keys, step }: PassingStep): unknown {
  return [guidance.choices, actions, keys, step.rewards, step.terminated, step.truncated];
}
