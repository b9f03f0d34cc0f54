import { createContext, type JudgedStep } from "@tandem/core";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

const context = createContext({ seed: 0 });
const world = await corridor().create(context, { envs: 64 });
const rule = await myPlugin().create(context, {
  env: world.spec,
  candidates: world.spec.actions,
});
const random = context.random("bench");
const [now, before] = [0, 1].map(() => {
  const advantages = Float32Array.from({ length: 64 }, () => random.random());
  return { advantages, firsts: new Uint8Array(64) };
}) as unknown as [JudgedStep, JudgedStep];

Deno.bench("my-plugin: 64 suggestions", () => void rule.judge(now, before));
