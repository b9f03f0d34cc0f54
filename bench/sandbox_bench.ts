/**
 * What a sandbox costs a feedback rule: verdicts on 64 tokens, inside QuickJS and outside.
 *
 *     deno task bench bench/sandbox_bench.ts
 */
import { fileURLToPath } from "node:url";
import { createContext } from "../core/kit/context.ts";
import { silence, suggest } from "../core/kit/guidance.ts";
import { zeros } from "../core/kit/tensors.ts";
import type { JudgedStep, Rollout } from "../core/stages/mod.ts";
import { corridor } from "../plugins/env/corridor.ts";
import { margin } from "../plugins/feedback/margin.ts";
import { sandboxedRule } from "../runtimes/sandbox/rule.ts";

const ENVS = 64;
/** Bytes of a BabyAI observation. */
const WIDTH = 148;

const context = createContext({ seed: 0 });
const { spec } = await corridor().create(context, { envs: ENVS });
const wiring = { env: spec, candidates: spec.actions };
const random = context.random("bench");

/** The next moment of a run that gives feedback every step: a rollout of one step. */
function moment(): JudgedStep {
  const numbers = () => Float32Array.from({ length: ENVS }, () => random.random());
  const flags = () => new Uint8Array(ENVS);
  const guidance = silence(ENVS, spec.actions);
  for (let i = 0; i < ENVS; i++) suggest(guidance, i, i % spec.actions.length, 0.5);
  const rollout: Rollout = {
    ...{ steps: 1, envs: ENVS, guidance: [guidance] },
    observations: { view: zeros("uint8", [1, ENVS, WIDTH]) },
    missions: new Array<string>(ENVS).fill("go to the red ball"),
    keys: new Float64Array(ENVS),
    actions: new Int32Array(ENVS),
    ...{ logProbs: numbers(), qValues: numbers(), values: numbers(), nextValues: numbers() },
    ...{ rewards: numbers(), terminated: flags(), truncated: flags(), firsts: flags() },
  };
  return { advantages: numbers(), firsts: flags(), rollout, step: 0 };
}

const moments = Array.from({ length: 128 }, moment);
const rules = {
  outside: await margin().create(context, wiring),
  inside: await (await sandboxedRule(
    fileURLToPath(new URL("../plugins/feedback/margin.ts", import.meta.url)),
  )).create(context, wiring),
};

for (const [where, rule] of Object.entries(rules)) {
  let turn = 0;
  Deno.bench(`64 verdicts ${where}`, { group: "sandbox", baseline: where === "outside" }, () => {
    const before = moments[turn++ % moments.length]!;
    rule.judge(moments[turn % moments.length]!, before);
  });
}
