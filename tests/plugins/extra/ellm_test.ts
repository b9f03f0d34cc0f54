import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { silence, suggest } from "../../../core/kit/guidance.ts";
import type { AnsweredStep, RunPart } from "../../../core/stages/mod.ts";
import { ellm } from "../../../plugins/extra/ellm.ts";
import { Ticks } from "../../core/stubs.ts";

const ACTIONS = ["go forward", "pick up"];

/** A step of one environment. */
interface Step {
  /** What the teacher says; nothing where it is silent. */
  readonly said?: string;
  readonly action?: number;
  /** Whether the action changed what is seen. */
  readonly changed?: boolean;
  readonly achieved?: readonly string[];
  readonly ends?: boolean;
}

function answered(
  { said, action = 0, changed = false, achieved = [], ends = false }: Step,
): AnsweredStep {
  const guidance = silence(1, said === undefined ? [] : [said]);
  if (said !== undefined) suggest(guidance, 0, 0);
  const seen = new Ticks(1);
  seen.data[0] = changed ? 1 : 0;
  const step: AnsweredStep["step"] = {
    observations: seen,
    finals: seen,
    rewards: new Float32Array(1),
    terminated: Uint8Array.of(ends ? 1 : 0),
    truncated: new Uint8Array(1),
  };
  const values = new Float32Array(1);
  const actions = Int32Array.of(action);
  return {
    ...{ iteration: 1, t: 0, guidance, keys: new Float64Array(1), memory: undefined, step },
    firsts: new Uint8Array(1),
    decision: { actions, logProbs: values, qValues: values, values },
    achieved: () => achieved,
  };
}

async function make(options: Parameters<typeof ellm>[0] = {}): Promise<RunPart> {
  const env = { envs: 1, actions: ACTIONS } as never;
  return await ellm({ weight: 0.5, ...options })
    .create(createContext({ seed: 0 }), { env, candidates: [] });
}

/** The reward of each step, one after the other. */
function rewards(extra: RunPart, steps: readonly Step[]): number[] {
  return steps.map((step) => (extra.answer!(answered(step)) as Float32Array)[0]!);
}

const TABLE: readonly [name: string, steps: readonly Step[], rewards: readonly number[]][] = [
  ["what the env says was achieved", [
    { said: "go to the red ball", achieved: ["go to the red ball"] },
  ], [0.5]],
  ["words in another order or case, but not others", [
    { said: "Ball: the red, go to!", achieved: ["go to the red ball"] },
    { said: "to the go red ball", achieved: ["go to the red ball"] },
    { said: "go to the blue ball", achieved: ["go to the red ball"] },
  ], [0, 0.5, 0]],
  ["an action that changed something, by its name", [
    { said: "go forward" },
    { said: "go forward", changed: true },
    { said: "pick up", action: 0, changed: true },
    { said: "pick up", action: 1, changed: true },
  ], [0, 0.5, 0, 0.5]],
  ["a goal once an episode", [
    { said: "x", achieved: ["x"] },
    { said: "x", achieved: ["x"] },
    { said: "x", achieved: [], ends: true },
    { said: "x", achieved: ["x"] },
  ], [0.5, 0, 0, 0.5]],
  ["a goal that was named before, no longer", [
    { said: "x" },
    { achieved: ["x"] },
  ], [0, 0]],
  ["all goals of a plan that were reached", [
    { said: "open the door, then pick up the key", achieved: ["pick up the key", "open the door"] },
  ], [1]],
  ["nothing without guidance", [{ achieved: ["x"] }], [0]],
];

for (const [name, steps, expected] of TABLE) {
  Deno.test(`ellm rewards ${name}`, async () => {
    assert.deepEqual(rewards(await make(), steps), expected);
  });
}

Deno.test("ellm keeps a goal open for its patience, and not into the next episode", async () => {
  const steps: Step[] = [{ said: "x" }, {}, { achieved: ["x"] }];
  assert.deepEqual(rewards(await make({ patience: 3 }), steps), [0, 0, 0.5]);
  assert.deepEqual(rewards(await make({ patience: 2 }), steps), [0, 0, 0]);
  const over: Step[] = [{ said: "x", ends: true }, { achieved: ["x"] }];
  assert.deepEqual(rewards(await make({ patience: 3 }), over), [0, 0]);
});

Deno.test("ellm pays by likeness above its threshold", async () => {
  // Of five and four words four are the same: cos = 4 / sqrt(5 x 4).
  const step = { said: "go to the red ball", achieved: ["go to the ball"] };
  const [reward] = rewards(await make({ threshold: 0.8 }), [step]);
  assert.ok(Math.abs(reward! - 0.5 * 4 / Math.sqrt(20)) < 1e-6);
  assert.deepEqual(rewards(await make({ threshold: 0.9 }), [step]), [0]);
});

Deno.test("ellm reports the goals reached since the last report, and goes on from a saved state", async () => {
  const one = await make({ patience: 5 });
  rewards(one, [{ said: "x", achieved: ["x"] }, { said: "y" }]);
  const other = await make({ patience: 5 });
  await other.load!(JSON.parse(JSON.stringify(await one.save!())));
  assert.deepEqual(rewards(other, [{ said: "x", achieved: ["x"] }, { achieved: ["y"] }]), [0, 0.5]);
  assert.deepEqual(other.report!(undefined as never, undefined as never), { reached: 2 });
  assert.deepEqual(other.report!(undefined as never, undefined as never), { reached: 0 });
});
