import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { silence, suggest } from "../../../../core/kit/guidance.ts";
import type { Rollout } from "../../../../core/stages/mod.ts";
import { corridor, ppo, recurrentPpo } from "../../../../plugins/mod.ts";
import { gateOf } from "../../../../plugins/student/neural/distillation_gate.ts";
import { scene } from "./experience.ts";

const CANDIDATES = ["left", "right"];
const notAsked = () => assert.fail("what is done in silence is not asked for");

/** A rollout of one env: for each step the confidence in "right" or silence, the reward, and whether it ends. */
function rollout(
  steps: readonly { says?: number; reward?: number; ends?: boolean; first?: boolean }[],
  more: Partial<Rollout> = {},
): Rollout {
  const column = (of: (step: typeof steps[number]) => number) => Float32Array.from(steps, of);
  const bits = (of: (step: typeof steps[number]) => boolean | undefined) =>
    Uint8Array.from(steps, (step) => +(of(step) ?? false));
  return {
    ...{ steps: steps.length, envs: 1, observations: {}, missions: steps.map(() => "") },
    keys: new Float64Array(steps.length),
    guidance: steps.map(({ says }) => {
      const guidance = silence(1, CANDIDATES);
      if (says !== undefined) suggest(guidance, 0, 1, says);
      return guidance;
    }),
    actions: new Int32Array(steps.length),
    rewards: column(({ reward = 0 }) => reward),
    terminated: bits(({ ends }) => ends),
    truncated: new Uint8Array(steps.length),
    firsts: bits(({ first }) => first),
    ...{ logProbs: column(() => 0), qValues: column(() => 0) },
    ...{ values: column(() => 0), nextValues: column(() => 0) },
    ...more,
  };
}

/** Episodes of one step each. */
const episodes = (returns: readonly number[], says?: number) =>
  returns.map((reward) => ({ says, reward, ends: true, first: true }));

const close = (a: number, b: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(a - b) < tolerance, `${a}, not ${b}`);

Deno.test("the gate by returns is open until the student is known with its teacher and without", async () => {
  const gate = gateOf("return")!;
  assert.deepEqual([...await gate.of(rollout(episodes([1, 0], 1)), notAsked)], [1, 1]);
  assert.deepEqual([...await gate.of(rollout(episodes([0])), notAsked)], [1]);
});

Deno.test("the gate by returns is the logistic function of the gap in standard errors, by hand", async () => {
  // What is counted fades by 1 / 256 an episode: the last of six counts 1, the one before f, and so on.
  const f = 1 - 1 / 256;
  const n1 = f ** 5 + f ** 4 + f ** 3, m1 = f ** 5 / n1; // returns 1, 0 and 0
  const n0 = f ** 2 + f + 1, m0 = 0.5 * f / n0; // returns 0, 0.5 and 0
  const within = f ** 5 - n1 * m1 ** 2 + 0.25 * f - n0 * m0 ** 2;
  const spread = Math.sqrt(within / (n0 + n1) * (1 / n0 + 1 / n1));
  const [g] = await gateOf("return")!.of(
    rollout([...episodes([1, 0, 0], 0.75), ...episodes([0, 0.5, 0])]),
    notAsked,
  );
  close(g!, 1 / (1 + Math.exp(-1.702 * (m1 - m0) / spread)));
});

Deno.test("the gate by returns shuts where the student does better alone, and what it saw is saved", async () => {
  const gate = gateOf("return")!;
  const alone = [1, 0.9, 1, 0.8], taught = [0.1, 0, 0.2, 0];
  const [shut] = await gate.of(rollout([...episodes(alone), ...episodes(taught, 1)]), notAsked);
  assert.ok(shut! < 0.001, `${shut}`);
  // An episode under way at a rollout's end counts when it ends, in its own arm.
  await gate.of(rollout([{ first: true, says: 1, reward: 0.5 }]), notAsked);
  const copy = gateOf("return")!;
  copy.load!(structuredClone(gate.save!()));
  const rest = rollout([{ reward: 40, ends: true }]);
  const [going, resumed] = [await gate.of(rest, notAsked), await copy.of(rest, notAsked)];
  assert.deepEqual(going, resumed);
  assert.ok(going[0]! > 0.5, `${going[0]}`);
});

Deno.test("the gate by advantage opens where the teacher is worth more than the student's policy, by hand", async () => {
  const steps = [{ says: 0.75 }, { says: 0.75 }, { says: 0.75 }];
  const [open, even, shut] = await gateOf("advantage")!.of(
    // |Q(s, a) - V(s)| is 2 at each step.
    rollout(steps, { qValues: Float32Array.of(2, 0, 1), values: Float32Array.of(0, 2, 3) }),
    () => ({
      probabilities: Float32Array.of(0.75, 0.25, 0.25, 0.75, 0.75, 0.25),
      qValues: Float32Array.of(0, 1, 0, 1, 1, 0),
    }),
  );
  close(open!, 1 / (1 + Math.exp(-4 * 0.5 / 2)));
  close(even!, 0.5);
  close(shut!, 1 / (1 + Math.exp(4 * 0.5 / 2)));
});

Deno.test("an open gate is none", () => assert.equal(gateOf("open"), undefined));

Deno.test("what a student did with its teacher it does without one, once distilled", async () => {
  const likeliest = async (distillation: number) => {
    const { student, play, env } = await scene({ distillation, guidance: "trust" });
    const { rollout, estimate } = await play();
    const guidance = rollout.guidance.map(({ envs, candidates }) => {
      const right = silence(envs, candidates);
      for (let i = 0; i < envs; i++) suggest(right, i, 1, 0.9);
      return right;
    });
    let metrics = {};
    for (let k = 0; k < 50; k++) metrics = await student.learn({ ...rollout, guidance }, estimate);
    const seen = env.reset([0, 1, 2, 3]);
    const { probabilities } = await student.policy!(seen, silence(4, env.spec.actions));
    await student.dispose?.();
    return { metrics, right: probabilities[1]! };
  };
  const distilled = await likeliest(20);
  assert.ok(distilled.right > 0.7, `${distilled.right}`);
  assert.ok("teacherLoss" in distilled.metrics);
  assert.ok(!("teacherLoss" in (await likeliest(0)).metrics));
});

Deno.test("what distillation cannot do is refused by name", async () => {
  const context = createContext({ seed: 0, device: "cpu" });
  const env = await corridor().create(context, { envs: 2 });
  const wiring = { env: env.spec, grain: "action", candidates: env.spec.actions } as const;
  await assert.rejects(
    async () => {
      const options = { guidance: "annealed", distillationGate: "return" } as const;
      await ppo(options).create(context, wiring);
    },
    { code: "E_OPTION", message: /"return" compares episodes with the teacher and without/ },
  );
  await assert.rejects(
    async () =>
      await recurrentPpo({ distillation: 1 }).create(context, { ...wiring, candidates: ["hot"] }),
    { code: "E_WIRING", message: /suggests "hot"/ },
  );
  await env.dispose?.();
});
