/** Holds a student with memory to what it may remember, and where. */
import { forget } from "../kit/memory.ts";
import { Pcg64 } from "../kit/random.ts";
import type { Actions, Env, Guidance, Observations, Student } from "../stages/mod.ts";
import { expectAll, type Findings, same } from "./findings.ts";
import { someGuidance } from "./recording.ts";
import { seedsFor, STEPS } from "./setting.ts";

/**
 * What a student gets wrong about its memory: it is written by `act` and `policy` alike (with `remember`
 * for what was done) and by nothing else, so that the ratio is 1 when a rollout is gone through again; a memory of zeros is none at all;
 * and nothing of an episode is remembered elsewhere.
 */
export async function checkMemory(findings: Findings, student: Student, world: Env): Promise<void> {
  const { memory: width } = student;
  if (width === undefined) return;
  if (!Number.isInteger(width) || width < 1) {
    findings.expect(false, `Its memory is "${width}"; right would be a whole number from 1.`);
    return;
  }
  const { envs, actions } = world.spec;
  const random = new Pcg64(11);
  const guidance = someGuidance(random, envs, actions);
  const first = () => world.reset(seedsFor(envs));
  const blank = () => new Float32Array(envs * width);
  const fresh = await answers(student, first(), guidance, blank());
  findings.expect(
    same(fresh, await answers(student, first(), guidance)),
    "Asked without a memory, it answers otherwise than with one of zeros.",
  );
  const memory = blank();
  let seen = first();
  for (let t = 0; t < STEPS; t++) {
    const told = someGuidance(random, envs, actions);
    const taken = await checkStep(findings, student, seen, told, memory);
    const step = world.step(taken);
    forget(memory, step);
    seen = step.observations;
  }
  findings.expect(
    same(fresh, await answers(student, first(), guidance, blank())),
    "It remembers something of an episode outside the memory that it is handed: states could not be " +
      "branched.",
  );
}

/** All that a student says of states, without a draw. */
async function answers(
  student: Student,
  seen: Observations,
  guidance: Guidance,
  memory?: Float32Array,
): Promise<unknown> {
  const values = (await student.values(seen, memory?.slice())).slice();
  return structuredClone([values, await student.policy?.(seen, guidance, memory?.slice())]);
}

/** Acts once, on and into a memory. */
async function checkStep(
  findings: Findings,
  student: Student,
  seen: Observations,
  guidance: Guidance,
  memory: Float32Array,
): Promise<Actions> {
  const before = memory.slice();
  await student.values(seen, memory);
  findings.expect(same(memory, before), "values() writes to the memory, which it may only read.");
  const view = structuredClone(await student.policy?.(seen, guidance, before));
  const { actions, logProbs } = await student.act(seen, guidance, "train", memory);
  expectAll(findings, "act()'s memory", memory, Number.isFinite, "finite");
  if (!view) return actions.slice();
  student.remember?.(seen, actions, before);
  findings.expect(same(before, memory), "policy() leaves another memory than act().");
  const count = view.probabilities.length / actions.length;
  actions.forEach((action, i) => {
    const ratio = view.probabilities[i * count + action]! / Math.exp(logProbs[i]!);
    findings.expect(
      Math.abs(ratio - 1) < 1e-3,
      `The ratio is "${ratio.toFixed(3)}", not 1, when a state is looked at again with its memory.`,
    );
  });
  return actions.slice();
}
