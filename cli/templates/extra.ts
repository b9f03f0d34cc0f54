import type { Template } from "./template.ts";

/** An exploration bonus by counts of states. */
export const extra: Template = ({ plugin, variable, module }) => ({
  plugin: `import { definePlugin } from "@tandem/tandem";
import * as v from "valibot";

const options = {
  /** The bonus of a state that is met for the first time, in units of reward. */
  weight: v.optional(v.pipe(v.number(), v.minValue(0)), 0.1),
} as const;

/**
 * weight / sqrt(n(s_tp1)) on top of the reward, with n the visits of a state so far (Strehl & Littman,
 * Journal of Computer and System Sciences 74, 2008). State your own formula here, and its source.
 */
export default definePlugin({
  kind: "extra",
  name: "${plugin}",
  description: "A bonus for states that were seldom met.",
  options,
  create({ weight }) {
    const visits = new Map<number, number>();
    return {
      // Other edges: world(progress) before a rollout, report(rollout, progress) after it.
      reward: ({ step }) =>
        step.rewards.map((_, i) => {
          const key = step.observations.key(i);
          const count = (visits.get(key) ?? 0) + 1;
          visits.set(key, count);
          return weight / Math.sqrt(count);
        }),
      save: () => ({ json: [...visits] }),
      load({ json }) {
        visits.clear();
        for (const [key, count] of json as [number, number][]) visits.set(key, count);
      },
    };
  },
});
`,
  test: `import assert from "node:assert/strict";
import { checkStage, createContext, type PassingStep } from "@tandem/tandem";
import { corridor } from "@tandem/tandem/corridor";
import ${variable} from "./${module}";

Deno.test("${plugin} pays less for a state each time it is met", async () => {
  const context = createContext({ seed: 0 });
  const world = await corridor().create(context, { envs: 1 });
  const wiring = { env: world.spec, candidates: world.spec.actions };
  const extra = await ${variable}({ weight: 1 }).create(context, wiring);
  world.reset([0]);
  const stay = world.spec.actions.indexOf("stay");
  const bonuses = [1, 2, 3, 4].map(() => {
    const step = world.step(Int32Array.of(stay));
    return extra.reward!({ step } as PassingStep)[0]!;
  });
  assert.deepEqual([bonuses[0], bonuses[3]], [1, 0.5]);
});

Deno.test("${plugin} keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(${variable}(), { world: corridor() }), []);
});
`,
  bench: `import { createContext, type PassingStep } from "@tandem/tandem";
import { corridor } from "@tandem/tandem/corridor";
import ${variable} from "./${module}";

const context = createContext({ seed: 0 });
const world = await corridor().create(context, { envs: 64 });
const wiring = { env: world.spec, candidates: world.spec.actions };
const extra = await ${variable}().create(context, wiring);
world.reset(Array.from({ length: 64 }, (_, i) => i));
const passing = { step: world.step(new Int32Array(64)) } as PassingStep;

Deno.bench("${plugin}: 64 steps", () => void extra.reward!(passing));
`,
});
