/** What advice is worth to a student: what is left without it, and what single words change. */
import type { Context } from "../../kit/context.ts";
import { Counterfactual } from "../parts/counterfactual.ts";
import { heldOutWalk, measureWithoutTeacher } from "./evaluation.ts";
import type { AdviceWorth, EffectSummary } from "../../stages/events.ts";
import { silence } from "../../kit/guidance.ts";
import { blankMemory, forget } from "../../kit/memory.ts";
import type { OpenStages } from "../open_stages.ts";
import type { Env, Guidance, Observations, Oracle, Student } from "../../stages/mod.ts";

/** Steps that a branch is followed, and the discount of what comes later. */
const BRANCH = { horizon: 16, discount: 0.99 } as const;

/**
 * Measures what advice is worth on held-out worlds; undefined where the teacher says nothing.
 *
 * @param stages Opened with `evaluation.advice`.
 * @param candidateActions The action that each candidate names, or -1.
 */
export async function measureAdvice(
  stages: OpenStages,
  context: Context,
  withOracle: boolean,
  candidateActions: Int32Array,
): Promise<AdviceWorth | undefined> {
  const { teacher, student, heldOutStates: env, branches: twin } = stages;
  const { observations, memory } = await walk(env, context, student, teacher.candidates);
  const oracle = withOracle ? env.oracle : undefined;
  const guidance = await teacher.advise(observations, "evaluate", oracle);
  if (guidance.choices.every((choice) => choice < 0)) return undefined;
  const right = judged(guidance, env.oracle, candidateActions);
  const effects = canBranch(student, env, twin)
    ? await new Counterfactual(
      { now: twin!, load: (state) => twin!.load!(state) },
      student as Asked,
      context.random("advice"),
      BRANCH,
      context.breathe,
    )
      .effects(await env.save!(), observations, guidance, memory)
    : undefined;
  const withoutTeacher = await measureWithoutTeacher(
    stages.heldOutWorlds,
    teacher.candidates,
    student,
    { breathe: context.breathe },
  );
  const of = (group: (i: number) => boolean) =>
    effects ? summarise(effects.filter((_, i) => group(i))) : null;
  return {
    withoutTeacher,
    effects: of((i) => guidance.choices[i]! >= 0),
    rightEffects: of((i) => right[i] === true),
    wrongEffects: of((i) => right[i] === false),
  };
}

/** Goes to the held-out states with a student that looks on, and gives what it remembers there. */
async function walk(
  env: Env,
  context: Context,
  student: Student,
  candidates: readonly string[],
): Promise<{ observations: Observations; memory?: Float32Array }> {
  const { envs } = env.spec;
  const memory = blankMemory(student, envs);
  const silent = silence(envs, candidates);
  let seen: Observations | undefined;
  for (const { observations, step, actions } of heldOutWalk(env, context)) {
    if (step) forget(memory, step);
    if (memory && actions) {
      await student.policy?.(observations, silent, memory);
      student.remember?.(observations, actions, memory);
    }
    seen = observations;
  }
  return { observations: seen!, memory };
}

type Asked = Student & Required<Pick<Student, "policy">>;

function canBranch(student: Student, env: Env, twin: Env | undefined): boolean {
  return "policy" in student && "save" in env && twin !== undefined && "load" in twin;
}

/** [N] whether each suggestion is right; null where there is none, or nobody to tell. */
function judged(
  { choices }: Guidance,
  oracle: Oracle | undefined,
  candidateActions: Int32Array,
): (boolean | null)[] {
  return Array.from(choices, (choice, i) => {
    const action = candidateActions[choice] ?? -1;
    if (!oracle || action < 0 || oracle.action(i) < 0) return null;
    return oracle.isRight(i, action);
  });
}

/** null for no effects at all. */
function summarise(effects: Float32Array): EffectSummary | null {
  const states = effects.length;
  if (states === 0) return null;
  const mean = effects.reduce((sum, effect) => sum + effect, 0) / states;
  const squares = effects.reduce((sum, effect) => sum + (effect - mean) ** 2, 0);
  return {
    states,
    mean,
    deviation: states > 1 ? Math.sqrt(squares / (states - 1)) : 0,
    helped: effects.filter((effect) => effect > 0).length,
    hurt: effects.filter((effect) => effect < 0).length,
  };
}
