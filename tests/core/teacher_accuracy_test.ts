import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { silence } from "../../core/kit/guidance.ts";
import { testSeeds } from "../../core/run/measure/world_seeds.ts";
import { AccuracyTally, measureOnErringExpert } from "../../core/run/measure/teacher_accuracy.ts";
import type { Observations, Oracle } from "../../core/stages/mod.ts";
import { babyai } from "../../plugins/env/babyai/mod.ts";
import { bot } from "../../plugins/teacher/bot.ts";
import { constant } from "../../plugins/teacher/constant.ts";

/** What is seen in each of six states, the expert's action there, and what the teacher says. */
const STATES = [
  { seen: ["a door"], wanted: 1, said: 0 },
  { seen: ["a door"], wanted: 1, said: 1 },
  { seen: ["a key"], wanted: 0, said: 0 },
  { seen: ["a key"], wanted: 0, said: 0 },
  { seen: ["a door", "a key"], wanted: 1, said: -1 },
  { seen: ["a wall"], wanted: 1, said: 2 },
] as const;

const seen = {
  mission: () => "open the door",
  text: (i: number) => STATES[i]!.seen,
} as unknown as Observations;
const oracle: Oracle = {
  action: (i) => STATES[i]!.wanted,
  isRight: (i, action) => action === STATES[i]!.wanted,
};

Deno.test("AccuracyTally tells the teacher from the best constant, and who wants and says what", () => {
  const candidates = ["go", "open", "sing"];
  const guidance = silence(STATES.length, candidates);
  guidance.choices.set(STATES.map(({ said }) => said));
  const actions = ["go", "open", "drop"];
  const tally = new AccuracyTally("walk", { actions, actionKinds: ["moves", "a", "b"] }, {
    candidates,
  });
  for (const i of STATES.keys()) tally.add(seen, guidance, oracle, i);
  const { perfectCredit, ...result } = tally.result!;
  assert.deepEqual(result, {
    states: "walk",
    judged: 5, // in one it says nothing
    rate: 3 / 5,
    constant: { action: "open", rate: 3 / 5 },
    byAction: [
      { action: "go", kind: "moves", wanted: 2, right: 2, constant: 0, perfectCredit: 2, said: 3 },
      // "sing" is no action
      { action: "open", kind: "a", wanted: 3, right: 1, constant: 3, perfectCredit: 2, said: 1 },
    ],
  });
  // Halves: states 0 and 2, and 1, 3 and 5. Each knows door -> open and key -> go. A wall is in one
  // alone: there what is right most often over the other half, go or open alike, is said: go.
  assert.equal(perfectCredit, 4 / 5);
});

Deno.test("perfect credit is measured on what the teacher's channels see", () => {
  const candidates = ["go", "open"];
  const guidance = silence(STATES.length, candidates);
  guidance.choices.fill(0);
  const blind = { candidates, features: () => ["a thing"] };
  const tally = new AccuracyTally("walk", { actions: candidates }, blind);
  for (const i of STATES.keys()) tally.add(seen, guidance, oracle, i);
  // To whom all is alike, the best there is in the other half: states 0, 2, 4 and 1, 3, 5 want to open.
  assert.equal(tally.result!.perfectCredit, 4 / 6);
});

Deno.test("AccuracyTally has no result where nothing could be judged", () => {
  const tally = new AccuracyTally("walk", { actions: ["go"] }, { candidates: ["go"] });
  tally.add(seen, silence(6, ["go"]), oracle, 0);
  assert.equal(tally.result, undefined);
});

Deno.test("an erring expert's way has states in which to pick up and to drop, and the bot is right in all", async () => {
  const context = createContext({ seed: 3 });
  const env = await babyai({ level: "PutNextLocal" }).create(context, { envs: 64 });
  const seeds = testSeeds("a plan", 3, 64);
  const right = await bot({ accuracy: 1 }).create(context, { env: env.spec });
  const found = await measureOnErringExpert(env, right, context, true, seeds);
  assert.equal(found?.rate, 1);
  const wanted = new Map(found.byAction.map((each) => [each.action, each.wanted]));
  assert.ok(wanted.get("pick up")! >= 5 && wanted.get("drop")! >= 5, JSON.stringify([...wanted]));
  assert.ok(found.constant.rate < 0.7 && found.perfectCredit < 1);

  const mute = await constant({}).create(context, { env: env.spec });
  const poor = await measureOnErringExpert(env, mute, context, false, seeds);
  assert.ok(poor!.rate <= poor!.constant.rate, "no constant answer beats the best");
  const said = poor!.byAction.filter(({ said }) => said > 0);
  assert.equal(said.length, 1, "it says one action, and that it never says others is seen");
});
