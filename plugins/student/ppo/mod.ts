import * as v from "valibot";
import { definePlugin, type Plugin } from "../../../core/plugin.ts";
import type { DeviceChoice } from "../../../core/context.ts";
import type { RandomSource } from "../../../runtimes/initialisers.ts";
import { openTensors } from "../../../runtimes/tfjs.ts";
import { findAdapter } from "../../../runtimes/webgpu.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import { Features } from "./features.ts";
import { FusedEngine } from "./fused_engine.ts";
import { PpoStudent } from "./student.ts";
import { TfjsEngine } from "./tfjs_engine.ts";

const positive = v.pipe(v.number(), v.gtValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const weight = v.pipe(v.number(), v.minValue(0));

/** Options of {@linkcode ppo}. */
export const ppoOptions = {
  /** Adam's step size. */
  learningRate: v.optional(positive, 1e-3),
  /** Width of the hidden layers. */
  hidden: v.optional(count, 64),
  /** Passes over a rollout. */
  epochs: v.optional(count, 4),
  /** Samples of one gradient step. */
  minibatch: v.optional(count, 512),
  /** Clipping range of the probability ratio, epsilon. */
  clip: v.optional(positive, 0.2),
  /** Weight of the entropy bonus. */
  entropy: v.optional(weight, 0.01),
  /** Weight of V's squared error. */
  valueLoss: v.optional(weight, 0.5),
  /** Weight of Q's squared error. */
  qLoss: v.optional(weight, 0.5),
  /** Largest norm of the gradient. */
  maxGradNorm: v.optional(positive, 0.5),
  /** Whether guidance reaches the network; a student that does not hear any is a control. */
  hears: v.optional(v.boolean(), true),
  /**
   * What computes: "fused" on the processor, "tfjs" on the run's device; "auto" takes the former
   * unless the device is a GPU.
   */
  runtime: v.optional(v.picklist(["auto", "fused", "tfjs"]), "auto"),
} as const;

/**
 * Proximal policy optimisation (Schulman et al., arXiv 1707.06347, equation 7) with a head for Q
 * beside those for the policy and V, so that A = Q - V can be asked of any step.
 *
 * The guidance is an input (which candidate, and the teacher's distribution) and nothing more: the
 * student is told, never overridden, and its probability ratio stays on-policy.
 */
export const ppo: Plugin<"student", typeof ppoOptions> = definePlugin({
  kind: "student",
  name: "ppo",
  description: "PPO with Q and V heads over the observation and the guidance.",
  options: ppoOptions,
  async create(options, context, { env, candidates }) {
    const features = new Features(env, candidates.length, options.hears);
    const engineOptions = {
      ...options,
      entries: features.entries,
      words: features.words,
      guidance: features.guidanceWidth,
      actions: env.actions.length,
      loss: options,
    };
    const random = context.random("student weights");
    const engine = await openEngine(options.runtime, context.device, engineOptions, random);
    return new PpoStudent(engine, features, env.actions.length, options, context);
  },
});

async function openEngine(
  runtime: "auto" | "fused" | "tfjs",
  device: DeviceChoice,
  options: EngineOptions,
  random: RandomSource,
): Promise<Engine> {
  if (runtime === "fused" || runtime === "auto" && !await isGpu(device)) {
    return await FusedEngine.open(options, random);
  }
  return new TfjsEngine(await openTensors(device), options, random);
}

async function isGpu(device: DeviceChoice): Promise<boolean> {
  return device === "webgpu" || device === "auto" && await findAdapter("hardware") !== undefined;
}
