import { createContext } from "@tandem/core";
import myPlugin from "./my_plugin.ts";

const env = await myPlugin().create(createContext({ seed: 0 }), { envs: 64 });
env.reset(Array.from({ length: 64 }, (_, i) => i));
const actions = new Int32Array(64);

Deno.bench("my-plugin: a step of 64 environments", () => void env.step(actions));
