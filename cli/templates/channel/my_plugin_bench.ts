import { createContext, type Wirings } from "@tandem/core";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

const context = createContext({ seed: 0 });
const { spec } = await corridor().create(context, { envs: 64 });
const wiring = { env: spec, candidates: spec.actions } as Wirings["channel"];
const channel = await myPlugin().create(context, wiring);
const scores = new Float32Array(spec.actions.length);
const seen = ["a flag ahead"];
const state = { whole: "a flag ahead", parts: seen, mission: "walk", seen };

Deno.bench("my-plugin: scores of 64 states", () => {
  for (let i = 0; i < 64; i++) channel.correct!(scores, state, "train");
});
