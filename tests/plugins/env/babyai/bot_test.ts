import assert from "node:assert/strict";
import { Bot } from "../../../../plugins/env/babyai/bot.ts";
import { describePlan, subgoalCandidates } from "../../../../plugins/env/babyai/bot_words.ts";
import { FORWARD, LEFT, TOGGLE } from "../../../../plugins/env/babyai/cells.ts";
import { BabyAIVector } from "../../../../plugins/env/babyai/vector.ts";

/** What Minigrid's BabyAIBot advised at each step while others' actions were taken. */
interface Advice {
  readonly level: string;
  readonly seed: number;
  readonly suggested: string;
  readonly taken: string;
  /** Why the reference failed after that. */
  readonly error: string | null;
}

async function readAdvice(): Promise<Advice[]> {
  const bytes = await Deno.readFile("tests/fixtures/babyai/advice.jsonl.gz");
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

function world(level: string, seed: number) {
  const vector = new BabyAIVector({ level, autoreset: false });
  vector.resetOne(0, seed);
  return { vector, bot: new Bot(vector.world(0)) };
}

Deno.test("Bot.plan() advises what the reference does while others act otherwise", async () => {
  for (const { level, seed, suggested, taken, error } of await readAdvice()) {
    const { vector, bot } = world(level, seed);
    const advised: string[] = [];
    let last: number | undefined;
    for (const action of [...taken].map(Number)) {
      const advice = bot.plan(last);
      assert.equal(typeof advice, "number", `${level} seed ${seed}: stuck`);
      advised.push(String(advice));
      vector.step([last = action]);
    }
    assert.equal(advised.join(""), suggested, `${level} seed ${seed}`);
    if (error !== null) assert.equal(typeof bot.plan(last), "object", `${level} seed ${seed}`);
  }
});

Deno.test("Bot.plan() ends with a reason, and keeps to it, where the reference fails", () => {
  const reason = (level: string, seed: number) => {
    const { vector, bot } = world(level, seed);
    let advice = bot.plan();
    for (; typeof advice === "number"; advice = bot.plan(advice)) vector.step([advice]);
    assert.equal(bot.plan(FORWARD), advice);
    return advice.reason;
  };
  assert.equal(reason("BabyAI-KeyInBox-v0", 0), "nothing matches what it is looking for");
  assert.equal(reason("BabyAI-UnlockToUnlock-v0", 4), "its plan goes in circles");
  assert.equal(reason("BabyAI-PutNextS5N2Carrying-v0", 0), "there is nothing left to explore");
});

Deno.test("Bot.plan() gives up once a box was opened", () => {
  const { vector, bot } = world("BabyAI-GoToLocal-v0", 3);
  const { world: state } = bot;
  for (let step = 0, last: number | undefined; step < 200; step++) {
    const advice = bot.plan(last);
    if (typeof advice !== "number") return assert.equal(advice.reason, "a box was opened");
    // Wander until a box is ahead, then open it.
    const type = state.typeAt(state.frontX, state.frontY);
    last = type === 7 ? TOGGLE : type === 1 && step % 7 !== 6 ? FORWARD : LEFT;
    vector.step([last]);
    if (vector.terminated[0] === 1) break;
  }
  assert.fail("the wanderer met no box: choose another seed");
});

Deno.test("describePlan() tells the expert's way to the end of a mission", () => {
  const told = (level: string, seed: number) => {
    const { vector, bot } = world(level, seed);
    const words: string[] = [];
    let advice = bot.plan();
    while (typeof advice === "number") {
      const now = describePlan(bot)[0] ?? "done";
      if (words.at(-1) !== now) words.push(now);
      vector.step([advice]);
      if (vector.terminated[0] === 1) break;
      advice = bot.plan(advice);
    }
    return [vector.mission(0), ...words];
  };
  assert.deepEqual(told("BabyAI-PutNextLocal-v0", 0), [
    "put the green ball next to the green key",
    "go to the green ball",
    "pick up the green ball",
    "go next to the green key",
    "drop the green ball",
  ]);
  assert.deepEqual(told("BabyAI-UnlockPickup-v0", 0), [
    "pick up the purple box",
    "explore",
    "go to the green key",
    "pick up the green key",
    "go to the green door",
    "open the green door",
    "go to a free place",
    "drop the green key",
    "go to the purple box",
    "pick up the purple box",
  ]);
});

Deno.test("describePlan() knows what will lie where something is dropped on the way", () => {
  const { vector, bot } = world("BabyAI-BlockedUnlockPickup-v0", 1);
  let advice = bot.plan();
  while (typeof advice === "number" && describePlan(bot).length < 13) {
    vector.step([advice]);
    advice = bot.plan(advice);
  }
  assert.deepEqual(describePlan(bot), [
    "go to a free place",
    "drop the yellow key",
    "go to the grey ball",
    "pick up the grey ball",
    "go to a free place",
    "drop the grey ball",
    "go to the yellow key",
    "pick up the yellow key",
    "go to the yellow door",
    "open the yellow door",
    "go to the box",
    "pick up the box",
    "drop the box",
  ]);
});

Deno.test("subgoalCandidates() holds every subgoal that the expert meets", () => {
  const candidates = new Set(subgoalCandidates());
  assert.equal(candidates.size, subgoalCandidates().length);
  const levels = ["PutNextLocal", "UnlockPickupDist", "BlockedUnlockPickup", "KeyCorridorS3R2"];
  for (const level of levels.map((name) => `BabyAI-${name}-v0`)) {
    for (let seed = 0; seed < 10; seed++) {
      const { vector, bot } = world(level, seed);
      for (let advice = bot.plan(); typeof advice === "number"; advice = bot.plan(advice)) {
        const words = describePlan(bot)[0] ?? "done";
        assert.ok(candidates.has(words), `${level} seed ${seed}: "${words}"`);
        vector.step([advice]);
        if (vector.terminated[0] === 1) break;
      }
    }
  }
});
