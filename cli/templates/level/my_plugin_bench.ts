import { createContext } from "@tandem/core";
import myPlugin from "./my_plugin.ts";

const env = await myPlugin().create(createContext({ seed: 0 }), { envs: 64 });
const seeds = Array.from({ length: 64 }, (_, i) => i);

Deno.bench("my-plugin: 64 new worlds", () => void env.reset(seeds));
