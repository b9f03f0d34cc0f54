import { createContext } from "@tandem/core";
import { silence } from "@tandem/core/kit";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

const context = createContext({ seed: 0 });
const world = await corridor().create(context, { envs: 64 });
const { spec } = world;
const wiring = { env: spec, grain: "action" as const, candidates: spec.actions };
const student = await myPlugin().create(context, wiring);
const observations = world.reset(Array.from({ length: 64 }, (_, i) => i));
const guidance = silence(64, spec.actions);

Deno.bench("my-plugin: 64 decisions", async () => {
  await student.act(observations, guidance, "train");
});
