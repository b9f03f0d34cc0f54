import { type AnsweredStep, createContext } from "@tandem/core";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

const context = createContext({ seed: 0 });
const world = await corridor().create(context, { envs: 64 });
const wiring = { env: world.spec, candidates: world.spec.actions };
const extra = await myPlugin().create(context, wiring);
world.reset(Array.from({ length: 64 }, (_, i) => i));
const answered = { step: world.step(new Int32Array(64)) } as AnsweredStep;

Deno.bench("my-plugin: 64 steps", () => void extra.answer!(answered));
