/**
 * What naming the thing that is meant (grain "reference") is worth: how soon a teacher that knows nothing
 * learns it from what its student achieves, and what a student makes of it. For docs/results/reference.md;
 * development worlds, no expert but in the variants "expert" and "misleading".
 *
 *     deno run --lock=deno.lock --frozen --allow-read bench/mutual/reference.ts --seeds 1,2,3
 *
 * A line a run: success at the end with the teacher and without it, and how often the teacher was right
 * after so many solved episodes, of the held-out states in which something that is meant is in sight.
 */
import { parseArgs } from "node:util";
import { createContext } from "../../core/kit/context.ts";
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import {
  babyai,
  bot,
  gae,
  hindsightCredit,
  languageModel,
  misleading,
  noFeedback,
  noTeacher,
  ppo,
} from "../../plugins/mod.ts";

const { values: options } = parseArgs({
  options: {
    levels: { type: "string", default: "GoToLocal,PickupLoc" },
    seeds: { type: "string", default: "1,2,3" },
    iterations: { type: "string", default: "24" },
    every: { type: "string", default: "24" },
    variants: { type: "string", default: "" },
  },
});

const grain = "reference";
const knowsNothing = languageModel({ model: "blank", grain, learnsBy: ["reference"] });
const pointed = ppo({ minibatch: 128, reference: "pointer" });

const base = (level: string): Pipeline =>
  definePipeline({
    name: "reference",
    env: babyai({ level }),
    teacher: knowsNothing,
    student: pointed,
    advantage: gae(),
    feedback: hindsightCredit({ credit: "plan" }),
    schedule: {
      ...{ iterations: Number(options.iterations), envs: 16, steps: 32 },
      ...{ feedbackEvery: 32, warmUp: 0 },
    },
    evaluation: { episodes: 60, every: Number(options.every) },
  });

type Change = Parameters<Pipeline["with"]>[0];

const VARIANTS: Readonly<Record<string, Change>> = {
  alone: { teacher: noTeacher(), feedback: noFeedback() },
  "told nothing": { feedback: noFeedback() },
  pointer: {},
  map: { student: ppo({ minibatch: 128, reference: "map" }) },
  expert: { teacher: bot({ grain }), feedback: noFeedback() },
  misleading: { teacher: misleading({ grain }), feedback: noFeedback() },
  action: { teacher: languageModel({ model: "blank", learnsBy: ["classifier"] }) },
};

async function measure(pipeline: Pipeline, seed: number) {
  let solved = 0;
  const learned: string[] = [];
  const context = createContext({
    seed,
    device: "wasm",
    emit: (event) => {
      if (event.type === "iteration.ended") solved += event.solved;
      if (event.type !== "evaluated" || event.guidanceAccuracy.rate === null) return;
      learned.push(`${percent(event.guidanceAccuracy.rate)} after ${solved}`);
    },
  });
  const { end, withoutTeacher } = await runPipeline(pipeline, context);
  return [
    percent(end.success.rate),
    percent(withoutTeacher?.rate ?? end.success.rate),
    learned.join(", ") || "-",
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

console.log("level\tvariant\tseed\tsuccess\twithout\tright after so many solved episodes");
const chosen = options.variants === "" ? Object.keys(VARIANTS) : options.variants.split(",");
for (const seed of options.seeds.split(",").map(Number)) {
  for (const level of options.levels.split(",")) {
    for (const variant of chosen) {
      const row = await measure(base(level).with(VARIANTS[variant]!), seed);
      console.log([level, variant, seed, ...row].join("\t"));
    }
  }
}
