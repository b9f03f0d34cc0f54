import type { Template } from "./template.ts";

/** A rule that judges by the change of the advantage. */
export const feedback: Template = ({ plugin, variable, module }) => ({
  plugin: `import { changeOf, definePlugin, verdictsOf } from "@tandem/tandem";
import * as v from "valibot";

const options = {
  /** Smallest change that counts, in units of advantage. */
  margin: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
} as const;

/**
 * Positive where the advantage rose by more than the margin since the moment before, negative where
 * it fell by more. State your own formula here, and its source.
 */
export default definePlugin({
  kind: "feedback",
  name: "${plugin}",
  description: "Positive where the advantage rose, negative where it fell.",
  options,
  create: ({ margin }) => ({
    judge(now, before) {
      // [N] one number a token; now.rollout holds what was seen, said, done and paid.
      // NaN where an episode begins: there is no token before, and verdictsOf() abstains.
      const scores = changeOf(now, before);
      return verdictsOf(scores, undefined, margin);
    },
  }),
});
`,
  test: `import assert from "node:assert/strict";
import { checkStage, createContext, type Moment } from "@tandem/tandem";
import { corridor } from "@tandem/tandem/corridor";
import ${variable} from "./${module}";

/** A moment with one advantage a token; the last one begins an episode. */
function moment(...advantages: number[]): Moment {
  const firsts = Uint8Array.from(advantages, (_, i) => i === advantages.length - 1 ? 1 : 0);
  return { advantages: Float32Array.from(advantages), firsts } as unknown as Moment;
}

Deno.test("${plugin} judges by the change of the advantage", async () => {
  const context = createContext({ seed: 0 });
  const world = await corridor().create(context, { envs: 4 });
  const wiring = { env: world.spec, candidates: world.spec.actions };
  const rule = await ${variable}({ margin: 0.5 }).create(context, wiring);
  const { signs, strengths, words } = rule.judge(moment(1, 0, 0.25, 1), moment(0, 1, 0, 0));
  assert.deepEqual([...signs], [1, -1, 0, 0]);
  assert.deepEqual([...strengths], [1, 1, 0, 0]);
  assert.equal(words(0), "This token is better than the last one.");
});

Deno.test("${plugin} keeps the contract of its kind", async () => {
  assert.deepEqual(await checkStage(${variable}(), { world: corridor() }), []);
});
`,
  bench: `import { createContext, type Moment } from "@tandem/tandem";
import { corridor } from "@tandem/tandem/corridor";
import ${variable} from "./${module}";

const context = createContext({ seed: 0 });
const world = await corridor().create(context, { envs: 64 });
const rule = await ${variable}().create(context, {
  env: world.spec,
  candidates: world.spec.actions,
});
const random = context.random("bench");
const [now, before] = [0, 1].map(() => {
  const advantages = Float32Array.from({ length: 64 }, () => random.random());
  return { advantages, firsts: new Uint8Array(64) };
}) as unknown as [Moment, Moment];

Deno.bench("${plugin}: 64 tokens", () => void rule.judge(now, before));
`,
});
