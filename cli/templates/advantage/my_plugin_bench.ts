import { createContext, type Rollout } from "@tandem/core";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

const [steps, envs] = [64, 64];
const context = createContext({ seed: 0 });
const { spec } = await corridor().create(context, { envs });
const estimator = await myPlugin().create(context, { env: spec });
const random = context.random("bench");
const some = () => Float32Array.from({ length: steps * envs }, () => random.random());
const rollout = {
  ...{ steps, envs, rewards: some(), values: some(), nextValues: some() },
  terminated: new Uint8Array(steps * envs),
  truncated: new Uint8Array(steps * envs),
} as unknown as Rollout;

Deno.bench("my-plugin: 64 x 64 steps", () => void estimator.estimate(rollout));
