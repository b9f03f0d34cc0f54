/** Makes an actor-critic student: its features, the engine that its options ask for, its passes. */
import type { Context, DeviceChoice } from "../../../core/kit/context.ts";
import { TandemError } from "../../../core/stages/errors.ts";
import { checkDistribution } from "../../../core/kit/guidance_mode.ts";
import type { Wirings } from "../../../core/pipeline/plugin.ts";
import type { RandomSource } from "../../../runtimes/weights/initialisers.ts";
import { openTensors } from "../../../runtimes/tfjs/tfjs.ts";
import { findAdapter } from "../../../runtimes/webgpu/webgpu.ts";
import { type Engine, type EngineOptions, metricNames } from "./engine.ts";
import { Features } from "./features.ts";
import { FusedEngine } from "./fused_engine.ts";
import type { LossOptions } from "./loss.ts";
import { type GuidanceOptions, type SharedOptions } from "./options.ts";
import { ActorCriticStudent, type Passes } from "./student.ts";
import { TfjsEngine } from "./tfjs_engine.ts";

/** What tells one actor-critic from another. */
export interface Recipe {
  readonly options: SharedOptions;
  /** Whether guidance is heard, and as what. */
  readonly guidance: Pick<GuidanceOptions, "hears" | "guidance" | "initialTrust">;
  readonly loss: Omit<LossOptions, "imitates">;
  readonly passes: Omit<Passes, "metrics" | "memory">;
  /** Numbers that the network remembers of an episode; none where absent. */
  readonly memory?: number;
}

/**
 * @throws TandemError E_OPTION where the fused runtime is asked for what it cannot do, E_WIRING where
 * the teacher's distribution is needed and not one over actions.
 */
export async function createActorCritic(
  { options, guidance: { hears, guidance, initialTrust }, loss, passes, memory }: Recipe,
  context: Context,
  { env, candidates }: Wirings["student"],
): Promise<ActorCriticStudent> {
  const actions = env.actions.length;
  checkDistribution({ guidance }, env, candidates);
  const features = new Features(env, candidates.length, hears);
  const engineOptions: EngineOptions = {
    ...options,
    film: options.instruction === "film" && env.missionWords.length > 0,
    entries: features.entries,
    words: features.words,
    guidance: features.guidanceWidth,
    trust: guidance === "trust" ? initialTrust : undefined,
    memory,
    actions,
    loss: { ...loss, imitates: guidance === "annealed" },
  };
  const random = context.random("student weights");
  const engine = await openEngine(options.runtime, context.device, engineOptions, random);
  const metrics = metricNames(engineOptions);
  return new ActorCriticStudent(engine, features, actions, { ...passes, metrics, memory }, context);
}

async function openEngine(
  runtime: SharedOptions["runtime"],
  device: DeviceChoice,
  options: EngineOptions,
  random: RandomSource,
): Promise<Engine> {
  if (runtime === "fused" && options.film) {
    throw new TandemError(
      "E_OPTION",
      'The runtime "fused" takes instructions as a bag of words; ' +
        'student.runtime "tfjs" or "auto" can do what is asked.',
    );
  }
  if (runtime === "fused" || runtime === "auto" && !options.film && !await isGpu(device)) {
    return await FusedEngine.open(options, random);
  }
  return new TfjsEngine(await openTensors(device), options, random);
}

async function isGpu(device: DeviceChoice): Promise<boolean> {
  return device === "webgpu" || device === "auto" && await findAdapter("hardware") !== undefined;
}
