import type { Template } from "./template.ts";

/** An estimator by the TD error. */
export const advantage: Template = ({ plugin, variable, module }) => ({
  plugin: `import { definePlugin, lambdaReturns, tdErrors } from "@tandem/tandem";
import * as v from "valibot";

const unit = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const options = {
  /** Discount of rewards, gamma. */
  gamma: v.optional(unit, 0.99),
  /** Decay of traces in the learning target, lambda. */
  lambda: v.optional(unit, 0.95),
} as const;

/**
 * A_t = r_tp1 + gamma V(s_tp1) - V(s_t) (Sutton & Barto, equation 6.5). State your own formula here,
 * and its source.
 */
export default definePlugin({
  kind: "advantage",
  name: "${plugin}",
  description: "A = r + gamma V(s') - V(s).",
  options,
  create: ({ gamma, lambda }) => ({
    // [T, N] each, time-major: step t of environment i lies at t * rollout.envs + i.
    estimate: (rollout) => ({
      advantages: tdErrors(rollout, gamma),
      targets: lambdaReturns(rollout, gamma, lambda),
    }),
  }),
});
`,
  test: `import assert from "node:assert/strict";
import { checkStage, createContext, type Rollout } from "@tandem/tandem";
import { corridor } from "@tandem/tandem/corridor";
import ${variable} from "./${module}";

/** Two steps of one episode, which ends: V(s_0) = 1, V(s_1) = 2, rewards 0 and 4. */
const rollout = {
  ...{ steps: 2, envs: 1 },
  rewards: Float32Array.of(0, 4),
  values: Float32Array.of(1, 2),
  nextValues: Float32Array.of(2, 0),
  terminated: Uint8Array.of(0, 1),
  truncated: Uint8Array.of(0, 0),
} as unknown as Rollout;

Deno.test("${plugin} gives the values computed by hand", async () => {
  const context = createContext({ seed: 0 });
  const { spec } = await corridor().create(context, { envs: 1 });
  const options = { gamma: 0.5, lambda: 0 };
  const estimator = await ${variable}(options).create(context, { env: spec });
  const { advantages, targets } = estimator.estimate(rollout);
  assert.deepEqual([...advantages], [0, 2]); // 0 + 0.5 x 2 - 1, and 4 - 2
  assert.deepEqual([...targets], [1, 4]); // 0 + 0.5 x 2, and 4
});

Deno.test("${plugin} keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(${variable}(), { world: corridor() }), []);
});
`,
  bench: `import { createContext, type Rollout } from "@tandem/tandem";
import { corridor } from "@tandem/tandem/corridor";
import ${variable} from "./${module}";

const [steps, envs] = [64, 64];
const context = createContext({ seed: 0 });
const { spec } = await corridor().create(context, { envs });
const estimator = await ${variable}().create(context, { env: spec });
const random = context.random("bench");
const some = () => Float32Array.from({ length: steps * envs }, () => random.random());
const rollout = {
  ...{ steps, envs, rewards: some(), values: some(), nextValues: some() },
  terminated: new Uint8Array(steps * envs),
  truncated: new Uint8Array(steps * envs),
} as unknown as Rollout;

Deno.bench("${plugin}: 64 x 64 steps", () => void estimator.estimate(rollout));
`,
});
