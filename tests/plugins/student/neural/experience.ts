/** Rollouts, guidance and engines for the tests of PPO. */

import { createContext } from "../../../../core/kit/context.ts";
import { silence } from "../../../../core/kit/guidance.ts";
import { Pcg64 } from "../../../../core/kit/random.ts";
import { RolloutBuffer } from "../../../../core/kit/rollout_buffer.ts";
import type { Env, Estimate, Guidance, Rollout, Student } from "../../../../core/stages/mod.ts";
import { corridor, ppo } from "../../../../plugins/mod.ts";
import type { EngineOptions, Samples } from "../../../../plugins/student/neural/engine.ts";
import { mapsOf } from "../../../../plugins/student/neural/match.ts";
import { networkLayers, ppoLoss } from "../../../../plugins/student/neural/ppo.ts";

/** What tests change of {@linkcode engineOptions}. */
export type Changes =
  & Partial<
    Pick<
      EngineOptions,
      | ("trust" | "memory" | "floats" | "legal" | "gaussian" | "entries" | "words")
      | ("maps" | "activation")
    >
  >
  & { imitates?: boolean; distils?: boolean };

/** A small network over 70 observation entries and 9 words. */
export function engineOptions({ imitates, distils, ...changes }: Changes = {}): EngineOptions {
  const network = { ...NETWORK, ...changes };
  return {
    ...network,
    layers: networkLayers({ ...network, hidden: 20, imitates }),
    loss: {
      ...{ clip: 0.2, entropy: 0.01, valueLoss: 0.5, qLoss: 0.5, standardise: true },
      ...{ imitates, distils },
    },
    lossOf: ppoLoss,
  };
}

/** Maps of nine cells of three channels, and what stands beside them. */
export function withMaps(matched = 4, plain = 4): Pick<EngineOptions, MapNames> {
  const channels = [4, 3, 2], cells = 9;
  const categories = [...Array.from({ length: cells }, () => channels).flat(), 4, 2];
  return {
    entries: categories.map((categories) => ({ categories, optional: false })),
    maps: { cells, channels, matched, plain, width: 8, slots: 12, mapsOf },
    activation: "relu",
  };
}

type MapNames = "entries" | "maps" | "activation";

/** How far the tests' steps go. */
export const STEP = { learningRate: 1e-3, maxGradNorm: 0.5 } as const;

const NETWORK = {
  entries: Array.from({ length: 70 }, (_, d) => ({ categories: 2 + d % 5, optional: false })),
  words: Array.from({ length: 9 }, () => ({ categories: 2, optional: true })),
  guidance: 6,
  actions: 3,
  floats: 0,
  legal: 0,
} as const;

/** Fills samples of an engine of these options with the same random experience. */
export function fill(samples: Samples, seed: number, options: EngineOptions): void {
  const random = new Pcg64(seed);
  const { entries, words, actions, floats, legal, gaussian, maps } = options;
  const slots = maps?.slots ?? 0;
  for (let k = 0; k < samples.size; k++) {
    const rare = (categories: number) => random.random() < 0.7 ? 0 : random.integers(0, categories);
    entries.forEach((column, d) =>
      samples.entries[k * entries.length + d] = rare(column.categories)
    );
    words.forEach((_, w) => samples.words[k * words.length + w] = rare(2));
    for (let p = 0; p < slots; p++) samples.slots[k * slots + p] = rare(1 + words.length);
    const { guidance, guidanceStride } = samples;
    for (let j = 0; j < NETWORK.guidance; j++) {
      guidance[k * guidanceStride + j] = k % 5 === 0 ? 0 : random.random(); // some are silent
    }
    for (let d = 0; d < floats; d++) {
      samples.floats[k * samples.floatStride + d] = random.uniform(-1, 1);
    }
    samples.actions[k] = random.integers(0, actions);
    for (let a = 0; a < legal; a++) {
      // What was done was legal; and nothing was said of what is not.
      const isLegal = a === samples.actions[k] || random.random() < 0.6;
      samples.legal[k * actions + a] = +isLegal;
      if (!isLegal) guidance[k * guidanceStride + actions + a] = 0;
    }
    if (gaussian) {
      for (let a = 0; a < actions; a++) samples.actions[k * actions + a] = random.gaussian();
    }
    if (samples.taughtStride > 0) {
      const gate = 1 - 0.5 * k / samples.size;
      for (let a = 0; a < actions; a++) {
        samples.taught[k * samples.taughtStride + a] = gate *
          guidance[k * guidanceStride + actions + a]!;
      }
    }
    samples.logProbs[k] = Math.log(1 / actions) + 0.1 * (random.random() - 0.5);
    samples.values[k] = random.random() - 0.5;
    samples.targets[k] = random.random();
    samples.order[k] = k;
  }
}

/** A corridor, a student in it, and a rollout of theirs. */
export interface Scene {
  readonly env: Env;
  readonly student: Student;
  /** Plays a rollout of 8 steps on from where the last one ended. */
  play(): Promise<{ rollout: Rollout; estimate: Estimate }>;
}

/** Sets a scene up; equal options and seeds give equal scenes. */
export async function scene(
  options: Parameters<typeof ppo>[0] = {},
  device: "webgpu" | "wasm" | "cpu" = "cpu",
): Promise<Scene> {
  const context = createContext({ seed: 3, device });
  const env = await corridor().create(context, { envs: 4 });
  const { spec } = env;
  const student = await ppo({ minibatch: 12, epochs: 2, hidden: 8, ...options })
    .create(context, { env: spec, grain: "action", candidates: spec.actions });
  let seen = env.reset([0, 1, 2, 3]);
  const random = new Pcg64(9);
  const play = async () => {
    const rollout = new RolloutBuffer(spec, 8, false);
    for (let t = 0; t < 8; t++) {
      const guidance = advice(random, spec.actions);
      const decision = await student.act(seen, guidance, "train");
      rollout.decide(t, seen, guidance, decision);
      const step = env.step(decision.actions);
      rollout.answer(t, step);
      seen = step.observations;
    }
    const targets = rollout.rewards.map((reward, k) => reward + 0.1 * (k % 3));
    return { rollout, estimate: { advantages: targets, targets } };
  };
  return { env, student, play };
}

/** Guidance for four environments: silence in one, a choice and a distribution in the others. */
export function advice(random: Pcg64, candidates: readonly string[]): Guidance {
  const guidance = silence(4, candidates);
  for (let i = 1; i < 4; i++) {
    const choice = random.integers(0, candidates.length);
    guidance.choices[i] = choice;
    guidance.distribution[i * candidates.length + choice] = 1;
  }
  return guidance;
}
