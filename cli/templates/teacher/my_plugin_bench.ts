import { createContext } from "@tandem/core";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

const context = createContext({ seed: 0 });
const world = await corridor().create(context, { envs: 64 });
const teacher = await myPlugin().create(context, { env: world.spec });
const observations = world.reset(Array.from({ length: 64 }, (_, i) => i));

Deno.bench("my-plugin: advice for 64 states", async () => {
  await teacher.advise(observations, "train");
});
