import assert from "node:assert/strict";
import { type Channel, createContext, type Example, type Wirings } from "@tandem/core";
import { checkStage } from "@tandem/core/testing";
import { corridor } from "@tandem/env";
import myPlugin from "./my_plugin.ts";

/** The channel of a teacher that suggests the corridor's actions. */
async function channelOf(gain: number): Promise<Channel> {
  const context = createContext({ seed: 0 });
  const { spec } = await corridor().create(context, { envs: 1 });
  const wiring = { env: spec, grain: "action", candidates: spec.actions, answer: "score" } as const;
  return await myPlugin({ gain }).create(context, wiring as unknown as Wirings["channel"]);
}

const seen = ["a flag ahead"];
const state = { whole: "a flag ahead", parts: seen, mission: "walk", seen };

Deno.test("my-plugin adds the mean worth of a suggestion to its score", async () => {
  const channel = await channelOf(2);
  for (const worth of [1, 0.5]) {
    channel.learn!({ features: state, candidate: 1, worth } as unknown as Example);
  }
  const scores = Float32Array.of(0, 0, 0);
  channel.correct!(scores, state, "train");
  assert.deepEqual([...scores], [0, 1.5, 0]);
});

Deno.test("my-plugin keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(myPlugin(), { world: corridor() }), []);
});
