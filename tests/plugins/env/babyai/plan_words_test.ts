import assert from "node:assert/strict";
import { BabyAIEnv } from "../../../../plugins/env/babyai/env.ts";
import { planCandidates, planPhrase } from "../../../../plugins/env/babyai/plan_words.ts";

Deno.test("planPhrase() names the end of a plan and the first means to it", () => {
  for (
    const [plan, phrase] of [
      [[], "done"],
      [["explore"], "explore"],
      [["go to the red ball"], "go to the red ball"],
      [["explore", "go to the red ball"], "explore, then go to the red ball"],
      [
        ["go to the red key", "pick up the red key", "go to the red door", "open the red door"],
        "fetch a key, then open the red door",
      ],
      [["go to the red box", "pick up the red box"], "pick up the red box"],
      [
        ["pick up the red box", "go next to the blue ball", "drop the red box"],
        "pick something up, then drop the red box",
      ],
      [["drop the red box", "open the red door"], "lay something down, then open the red door"],
      [["open the red door", "explore"], "open a door, then explore"],
    ] as const
  ) {
    assert.equal(planPhrase(plan), phrase);
    assert.ok(planCandidates().includes(phrase), phrase);
  }
});

Deno.test("planCandidates() holds no phrase twice, and explores once", () => {
  const phrases = planCandidates();
  assert.equal(new Set(phrases).size, phrases.length);
  assert.ok(!phrases.includes("explore, then explore"));
});

Deno.test("the expert's subgoals and plans stand in the environment's closed lists", () => {
  const said = { subgoal: new Set<string>(), plan: new Set<string>() };
  for (const level of ["GoToRedBallNoDists", "PutNextLocal", "UnlockPickup", "BossLevel"]) {
    const envs = 4;
    const env = new BabyAIEnv({ level: `BabyAI-${level}-v0`, envs });
    env.reset([11, 12, 13, 14]);
    const { guidance } = env.spec;
    for (let t = 0; t < 60; t++) {
      const { oracle } = env;
      for (let i = 0; i < envs; i++) {
        for (const grain of ["subgoal", "plan"] as const) {
          const words = oracle[grain]!(i);
          assert.equal(words === "", oracle.action(i) < 0);
          if (words === "") continue;
          assert.ok(guidance![grain]!.includes(words), `${level}: "${words}"`);
          said[grain].add(words);
        }
      }
      env.step(Int32Array.from({ length: envs }, (_, i) => Math.max(0, oracle.action(i))));
    }
  }
  for (const grain of ["subgoal", "plan"] as const) {
    assert.ok(said[grain].size > 20, [...said[grain]].join("; "));
  }
});
