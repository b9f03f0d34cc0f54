/** The engine that a student's options and its run's device ask for. */
import { type DeviceChoice, TandemError } from "@tandem/core";
import { openTensors } from "@tandem/runtimes/tfjs";
import { findAdapter } from "@tandem/runtimes/webgpu";
import type { RandomSource } from "@tandem/runtimes/weights";
import { relaxedOn } from "@tandem/runtimes/fused";
import type { Engine, EngineOptions } from "./engine.ts";
import { FusedEngine } from "./fused_engine.ts";
import { TfjsEngine } from "./tfjs_engine.ts";

/** @throws TandemError E_OPTION where the fused runtime is asked for what it cannot do. */
export async function openEngine(
  runtime: "auto" | "fused" | "tfjs",
  device: DeviceChoice,
  options: EngineOptions,
  random: RandomSource,
): Promise<Engine> {
  const { gaussian } = options;
  if (runtime === "fused" && gaussian) {
    throw new TandemError(
      "E_OPTION",
      `The runtime "fused" takes actions that have names; student.runtime "tfjs" or "auto" can do ` +
        "what is asked.",
    );
  }
  if (runtime === "fused" || runtime === "auto" && !gaussian && !await isGpu(device)) {
    return await FusedEngine.open(options, random, relaxedOn(device));
  }
  return new TfjsEngine(await openTensors(device), options, random);
}

async function isGpu(device: DeviceChoice): Promise<boolean> {
  return device === "webgpu" || device === "auto" && await findAdapter("hardware") !== undefined;
}
