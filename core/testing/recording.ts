/** Rollouts and feedback made without a run, for stages to be checked on. */
import { silence, suggest } from "../kit/guidance.ts";
import { Pcg64 } from "../kit/random.ts";
import { lambdaReturns } from "../kit/returns.ts";
import { randomActions, withinBox } from "../kit/tensors.ts";
import { RolloutBuffer } from "../kit/rollout_buffer.ts";
import type {
  Decision,
  Env,
  EnvSpec,
  Estimate,
  Feedback,
  Guidance,
  Observations,
  Rollout,
  Student,
  Verdicts,
} from "../stages/mod.ts";
import { seedsFor } from "./setting.ts";

/** Guidance as a teacher might give it: mostly a suggestion, now and then silence. */
export function someGuidance(random: Pcg64, envs: number, candidates: readonly string[]): Guidance {
  const guidance = silence(envs, candidates);
  if (candidates.length === 0) return guidance; // actions without names
  for (let i = 0; i < envs; i++) {
    if (random.random() < 0.2) continue;
    suggest(guidance, i, random.integers(0, candidates.length), random.uniform(0.3, 0.9));
  }
  return guidance;
}

/** What a student might decide. */
function someDecision(
  random: Pcg64,
  spec: EnvSpec,
  observations?: Observations,
): Decision {
  const { envs } = spec;
  const floats = (low: number, high: number) =>
    Float32Array.from({ length: envs }, () => random.uniform(low, high));
  return {
    actions: randomActions(random, spec, observations),
    logProbs: floats(-3, -0.1),
    qValues: floats(-1, 1),
    values: floats(-1, 1),
  };
}

/**
 * A rollout of a world in which the student decides; without a student, decisions and values are
 * random.
 *
 * @param answered Called when the world has answered to a step.
 */
export async function record(
  world: Env,
  steps: number,
  seed: number,
  student?: Student,
  answered?: (t: number) => void,
): Promise<Rollout> {
  const { spec } = world;
  const random = new Pcg64(seed);
  const buffer = new RolloutBuffer(spec, steps, false);
  const valuesOf = async (seen: Observations) =>
    await student?.values(seen, buffer.remembered) ?? someDecision(random, spec).values;
  let observations = world.reset(seedsFor(spec.envs));
  for (let t = 0; t < steps; t++) {
    const guidance = someGuidance(random, spec.envs, spec.actions);
    const memory = buffer.recall(t, student?.memory);
    const decision = await student?.act(observations, guidance, "train", memory) ??
      someDecision(random, spec, observations);
    buffer.decide(t, observations, guidance, decision);
    if (t > 0) buffer.complete(t - 1, decision.values);
    const step = world.step(withinBox(decision.actions, spec));
    answered?.(t);
    if (buffer.answer(t, step)) buffer.bootstrap(t, await valuesOf(step.finals));
    observations = step.observations;
  }
  buffer.complete(steps - 1, await valuesOf(observations));
  return buffer;
}

/** The estimate that a student may learn from. */
export function estimateOf(rollout: Rollout): Estimate {
  const targets = lambdaReturns(rollout, 0.99, 0.95);
  return { advantages: targets.map((target, k) => target - rollout.values[k]!), targets };
}

/** Feedback on one step, with praise, blame and abstentions. */
export function someFeedback(
  random: Pcg64,
  spec: EnvSpec,
  observations: Observations,
  guidance: Guidance,
  strength = 0.5,
): Feedback {
  const rollout = new RolloutBuffer(spec, 1, false);
  rollout.decide(0, observations, guidance, someDecision(random, spec, observations));
  rollout.complete(0, new Float32Array(spec.envs));
  const verdict: Verdicts = {
    signs: Int8Array.from({ length: spec.envs }, () => random.integers(0, 3) - 1),
    strengths: new Float32Array(spec.envs).fill(strength),
    words: (i) => ["This was worse.", "", "This was better."][verdict.signs[i]! + 1]!,
  };
  return { rollout, verdicts: [verdict] };
}
