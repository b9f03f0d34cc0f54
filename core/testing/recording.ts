/** Rollouts and feedback made without a run, for stages to be checked on. */
import { silence, suggest } from "../kit/guidance.ts";
import { Pcg64 } from "../kit/random.ts";
import { lambdaReturns } from "../kit/returns.ts";
import { mapTensors, randomActions, withinBox } from "../kit/tensors.ts";
import { RolloutBuffer } from "../kit/rollout_buffer.ts";
import type {
  Decision,
  Dtype,
  Env,
  EnvSpec,
  Estimate,
  Feedback,
  Guidance,
  Observations,
  Replay,
  Rollout,
  Student,
  Tensor,
  TensorArrays,
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

/** The steps of a rollout to be learned from again, with returns from -1 to 1. */
export function replayOf(rollout: Rollout, { legalActions }: EnvSpec): Replay {
  const random = new Pcg64(9);
  const { rewards: { length: size }, missions, keys, memory, legal } = rollout;
  return {
    size,
    draw(count) {
      const rows = Int32Array.from({ length: count }, () => random.integers(0, size));
      const pick = <T extends TensorArrays[Dtype] | Float64Array>(data: T): T =>
        pickRows(data, size, rows);
      return {
        size: count,
        observations: mapTensors(rollout.observations, (tensor) => ({
          ...tensor,
          shape: [count, ...tensor.shape.slice(2)],
          data: pick(tensor.data),
        } as Tensor)),
        missions: Array.from(rows, (row) => missions[row]!),
        keys: pick(keys),
        actions: pick(rollout.actions),
        returns: Float32Array.from(rows, () => random.uniform(-1, 1)),
        ...(legalActions && legal && { legal: pick(legal) }),
        ...(memory && { memory: pick(memory) }),
      };
    },
  };
}

/** Some rows of a table of `size` rows. */
function pickRows<T extends TensorArrays[Dtype] | Float64Array>(
  data: T,
  size: number,
  rows: Int32Array,
): T {
  const width = data.length / size;
  const picked = data.slice(0, rows.length * width) as T;
  rows.forEach((row, k) => {
    for (let d = 0; d < width; d++) picked[k * width + d] = data[row * width + d]!;
  });
  return picked;
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
