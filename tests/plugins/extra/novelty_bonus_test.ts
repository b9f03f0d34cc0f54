import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { Rollout, RunPart, StageState } from "../../../core/stages/mod.ts";
import { noveltyBonus } from "../../../plugins/extra/achieved/novelty_bonus.ts";
import { Achiever, achieverSpec } from "./achievers.ts";

async function make(options: Parameters<typeof noveltyBonus>[0] = {}, envs = 1): Promise<RunPart> {
  return await noveltyBonus({ pickUp: 0.25, put: 0.5, steps: 0, ...options })
    .create(createContext({ seed: 0 }), { env: achieverSpec(envs), candidates: [] });
}

const PICK = { achieved: ["pick up the red ball"] };
const OTHER = { achieved: ["pick up the blue box"] };
const PUT = { achieved: ["drop the red ball", "put the red ball next to the blue box"] };

Deno.test("each new pick-up and each new put of an episode is paid once", async () => {
  const env = new Achiever(await make());
  const added = env.play({}, PICK, PUT, PICK, PUT, OTHER, { achieved: ["go to the red ball"] });
  assert.deepEqual(added, [0, 0.25, 0.5, 0, 0, 0.25, 0]);
});

Deno.test("what ends an episode is not paid, and the next one begins anew", async () => {
  const env = new Achiever(await make());
  assert.deepEqual(env.play(PICK, { ...PUT, ends: "terminated" }, PICK, PUT), [0.25, 0, 0.25, 0.5]);
  assert.deepEqual(env.play({ ...PICK, first: true }), [0.25], "nor after an env was changed");
});

Deno.test("several goals of one step are paid together", async () => {
  const env = new Achiever(await make());
  const two = ["put the red ball next to the blue box", "put the red ball next to the red box"];
  assert.deepEqual(env.play({ achieved: two }), [1]);
});

Deno.test("the bonus falls to 0 in a straight line over the steps of all environments", async () => {
  const extra = await make({ pickUp: 1, steps: 8 }, 2);
  const env = new Achiever(extra, 2);
  const added = [0, 1, 2, 3, 4].map((k) =>
    env.play([{ achieved: [`pick up the ball ${k}`] }, {}])[0]!
  );
  assert.deepEqual(added, [1, 0.75, 0.5, 0.25, 0]);
  assert.deepEqual(extra.report!({} as Rollout, {} as never), { new: 4, bonus: 2.5, share: 0 });
});

Deno.test("loaded from what it saved, it goes on in the midst of an episode and of its fall", async () => {
  const [one, other] = [await make({ pickUp: 1, steps: 4 }), await make({ pickUp: 1, steps: 4 })];
  const env = new Achiever(one);
  env.play(PICK);
  await other.load!(structuredClone(await one.save!() as StageState));
  const rest = new Achiever(other);
  rest.play({ first: false });
  const again = await make({ pickUp: 1, steps: 4 });
  await again.load!(structuredClone(await one.save!() as StageState));
  assert.deepEqual(env.play(PICK, OTHER), [0, 0.5]);
  assert.deepEqual((await one.save!())!.json, {
    steps: 3,
    done: [["pick up the red ball", "pick up the blue box"]],
  });
});
