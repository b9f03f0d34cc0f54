/** Every built-in stage that learns can begin with what one of its kind had learned. */
import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import { startingFrom } from "../../core/pipeline/beginning.ts";
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import type { StageSpec } from "../../core/pipeline/plugin.ts";
import { openStages } from "../../core/run/open_stages.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { StageKind, StageState } from "../../core/stages/mod.ts";
import {
  actorCritic,
  bandit,
  behaviourCloning,
  bot,
  corridor,
  dqn,
  ensemble,
  gae,
  languageModel,
  movingQuantile,
  paper,
  perState,
  ppo,
  recurrentPpo,
  significance,
  tabularQ,
} from "../../plugins/mod.ts";

const base = definePipeline({
  name: "begun",
  env: corridor({ length: 6 }),
  teacher: bot({ accuracy: 0.7 }),
  student: tabularQ(),
  advantage: gae(),
  feedback: paper(),
  schedule: { iterations: 2, envs: 4, steps: 8 },
  evaluation: { episodes: 4, states: 4 },
});

const language = (options: Parameters<typeof languageModel>[0]) => ({
  teacher: languageModel(options),
});

const CHANGES: readonly (readonly [kind: StageKind, change: Parameters<Pipeline["with"]>[0]])[] = [
  ["student", {}],
  ["student", { student: ppo({ hidden: 8 }) }],
  ["student", { student: recurrentPpo({ hidden: 8 }) }],
  ["student", { student: actorCritic({ hidden: 8 }) }],
  ["student", { student: dqn({ hidden: 8, replay: 100 }) }],
  ["student", { student: behaviourCloning({ hidden: 8 }) }],
  ["teacher", language({ logits: "ratings" })],
  ["teacher", language({ logits: "thompson" })],
  ["teacher", language({ logits: "linucb" })],
  ["teacher", language({ logits: "gradient" })],
  ["teacher", language({ learnsBy: ["prompt", "memory"] })],
  ["teacher", { teacher: ensemble({ of: [languageModel(), bot({ accuracy: 0.5 })] }) }],
  ["feedback", { feedback: bandit() }],
  ["feedback", { feedback: perState() }],
  ["feedback", { feedback: significance() }],
  ["feedback", { feedback: movingQuantile() }],
];

/** The state of a stage before anything is done with it. */
async function stateOf(pipeline: Pipeline, kind: StageKind, state?: StageState) {
  const { plugin, options } = pipeline.stages[kind].toJSON();
  const learned = () => ({ plugin, options, state });
  const stages = await openStages(pipeline, createContext({ seed: 5, device: "cpu", learned }));
  try {
    return structuredClone((await stages.save())[kind]!);
  } finally {
    await stages.dispose();
  }
}

/** JSON without what is of a run: its random streams, and what was said last in its environments. */
function learnedIn(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  if ("inc" in json && "half" in json) return "a random stream";
  if (Array.isArray(json)) return json.map(learnedIn);
  return Object.fromEntries(
    Object.entries(json)
      .filter(([name]) => name !== "credit" && name !== "remarks")
      .map(([name, item]) => [name, learnedIn(item)]),
  );
}

/** All random streams in JSON, in their order. */
function streamsIn(json: unknown): unknown[] {
  if (typeof json !== "object" || json === null) return [];
  return "inc" in json && "half" in json ? [json] : Object.values(json).flatMap(streamsIn);
}

for (const [kind, change] of CHANGES) {
  const pipeline = base.with(change);
  const { plugin, options } = pipeline.stages[kind];
  const ways = ["logits", "learnsBy"].map((name) => options[name]).filter(Boolean).join(" by ");
  Deno.test(`the ${kind} ${plugin} ${ways} begins with what another had learned, and its own draws`, async () => {
    const context = createContext({ seed: 1, device: "cpu" });
    const state = (await runPipeline(pipeline, context)).states[kind]!;
    const from = startingFrom(pipeline.stages[kind] as StageSpec, "runs/one");
    const [anew, begun] = [
      await stateOf(pipeline, kind),
      await stateOf(pipeline.with({ [kind]: from }), kind, state),
    ];
    assert.deepEqual(begun.arrays ?? {}, state.arrays ?? {});
    assert.deepEqual(learnedIn(begun.json), learnedIn(structuredClone(state.json)));
    assert.notDeepEqual(learnedIn(begun), learnedIn(anew), "something was learned");
    assert.deepEqual(streamsIn(begun.json), streamsIn(anew.json));
  });
}
