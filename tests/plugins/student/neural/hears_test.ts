import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { silence, suggest } from "../../../../core/kit/guidance.ts";
import { corridor, ppo } from "../../../../plugins/mod.ts";

/** The policy under guidance of one candidate everywhere, or none. */
async function policyUnder(hears: boolean, choice: number): Promise<Float32Array> {
  const context = createContext({ seed: 0, device: "cpu" });
  const env = await corridor().create(context, { envs: 4 });
  const { actions } = env.spec;
  const wiring = { env: env.spec, grain: "action", candidates: actions } as const;
  const student = await ppo({ hears }).create(context, wiring);
  try {
    const guidance = silence(4, actions);
    if (choice >= 0) { for (let i = 0; i < 4; i++) suggest(guidance, i, choice); }
    const { probabilities } = await student.policy!(env.reset([0, 1, 2, 3]), guidance);
    return probabilities;
  } finally {
    await student.dispose?.();
  }
}

Deno.test("ppo hears guidance, unless it is told not to", async () => {
  const [left, right] = [await policyUnder(true, 0), await policyUnder(true, 1)];
  assert.notDeepEqual(left, right);
  const [deafLeft, deafRight] = [await policyUnder(false, 0), await policyUnder(false, 1)];
  assert.deepEqual(deafLeft, deafRight);
  assert.deepEqual(deafLeft, await policyUnder(true, -1), "as in silence");
});

Deno.test("ppo with an initial trust of 1 begins as the teacher, and leans further with more", async () => {
  const likely = async (initialTrust: number) => {
    const context = createContext({ seed: 0, device: "cpu" });
    const env = await corridor().create(context, { envs: 1 });
    const { actions } = env.spec;
    const wiring = { env: env.spec, grain: "action", candidates: actions } as const;
    const student = await ppo({ guidance: "trust", initialTrust }).create(context, wiring);
    const guidance = silence(1, actions);
    guidance.choices[0] = 0;
    guidance.distribution.fill(0.2 / (actions.length - 1));
    guidance.distribution[0] = 0.8;
    const { probabilities } = await student.policy!(env.reset([0]), guidance);
    await student.dispose?.();
    return { actions, probability: probabilities[0]! };
  };
  const { actions, probability } = await likely(1);
  assert.ok(Math.abs(probability - 0.8) < 0.02, `${probability}`);
  const odds = (0.8 / (0.2 / (actions.length - 1))) ** 2;
  const squared = odds / (odds + actions.length - 1);
  assert.ok(Math.abs((await likely(2)).probability - squared) < 0.02);
});
