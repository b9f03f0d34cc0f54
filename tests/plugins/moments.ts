/** Small rollouts and moments for the tests of plugins, and the wiring that they are made with. */
import { silence } from "../../core/kit/guidance.ts";
import type { EnvSpec, Guidance, JudgedStep, Rollout } from "../../core/stages/mod.ts";
import { bytes } from "../core/tensors.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";

/** A world of two actions. */
export const spec: EnvSpec = {
  id: "Tests-v0",
  envs: 2,
  observation: { cell: multiDiscrete([9]) },
  actions: ["left", "right"],
  missionWords: ["go"],
  maxSteps: 9,
  autoreset: "same-step",
};

/** A rollout of zeros over `envs` environments with some fields given; steps follow from rewards. */
export function rolloutOf(fields: Partial<Rollout> & { envs: number }): Rollout {
  const size = fields.rewards?.length ?? fields.values?.length ?? fields.envs;
  const steps = size / fields.envs;
  const floats = () => new Float32Array(size);
  return {
    steps,
    observations: bytes("cell", new Uint8Array(size), [steps, fields.envs]),
    missions: new Array(size).fill("go"),
    keys: new Float64Array(size),
    guidance: Array.from({ length: steps }, () => said(new Array(fields.envs).fill(1))),
    actions: new Int32Array(size).fill(1),
    logProbs: floats(),
    qValues: floats(),
    values: floats(),
    nextValues: floats(),
    rewards: floats(),
    terminated: new Uint8Array(size),
    truncated: new Uint8Array(size),
    firsts: new Uint8Array(size),
    ...fields,
  };
}

/** Guidance that suggests these candidates, -1 for silence. */
export function said(choices: readonly number[]): Guidance {
  const guidance = silence(choices.length, spec.actions);
  guidance.choices.set(choices);
  for (const [i, choice] of choices.entries()) {
    if (choice >= 0) guidance.distribution[2 * i + choice] = 1;
  }
  return guidance;
}

/** A moment of a rollout of one step, with these advantages. */
export function judgedStepOf(
  advantages: readonly number[],
  fields: Partial<Rollout> = {},
  firsts: readonly number[] = advantages.map(() => 0),
): JudgedStep {
  const envs = advantages.length;
  return {
    advantages: Float32Array.from(advantages),
    firsts: Uint8Array.from(firsts),
    rollout: rolloutOf({ rewards: new Float32Array(envs), ...fields, envs }),
    step: 0,
  };
}
