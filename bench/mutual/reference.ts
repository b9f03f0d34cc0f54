/**
 * How soon a teacher that knows nothing learns which thing a mission means (grain "reference"), from what
 * its student achieves: a blank model with the channel "reference", verdicts of "hindsight-credit", PPO that
 * hears nothing, and no expert anywhere. Held-out development worlds, a few random steps from their starts.
 *
 *     deno run --allow-read bench/mutual/reference.ts --level GoToLocal --seeds 40,41 --iterations 1,2,4,8
 *
 * A choice is right where the thing fits the words by which the mission names its first; only states count
 * in which one such thing is in sight and another thing, too. "Chance" is a choice among what is in sight.
 */
import { parseArgs } from "node:util";
import { createContext } from "../../core/kit/context.ts";
import { suggestionOf } from "../../core/kit/guidance.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { heldOutStates } from "../../core/run/measure/evaluation.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { openTrained } from "../../core/run/trained.ts";
import { babyai, gae, hindsightCredit, languageModel, ppo } from "../../plugins/mod.ts";

const { values: options } = parseArgs({
  options: {
    level: { type: "string", default: "GoToLocal" },
    seeds: { type: "string", default: "40,41" },
    iterations: { type: "string", default: "1,2,4,8" },
    relabel: { type: "string", default: "all" },
    states: { type: "string", default: "400" },
  },
});

/** Words of the first thing that a mission names: "pick up the red ball on your left" gives red and ball. */
function nameIn(mission: string): string[] {
  const [, name = ""] = /\b(?:the|a) ([a-z ]*?(?:ball|box|key|door|object))\b/.exec(mission) ?? [];
  return name.split(" ").filter((word) => word !== "" && word !== "object");
}

/** Sentences on things in sight, told apart from walls and from what is carried. */
const isThing = (sentence: string) => /^You see a (?!wall)/.test(sentence);

async function measure(seed: number, iterations: number) {
  const pipeline = definePipeline({
    name: "reference",
    env: babyai({ level: options.level }),
    teacher: languageModel({ model: "blank", grain: "reference", learnsBy: ["reference"] }),
    student: ppo({ hears: false }),
    advantage: gae(),
    feedback: hindsightCredit({ relabel: options.relabel as "all" }),
    schedule: { iterations, envs: 16, steps: 32, feedbackEvery: 32, warmUp: 0 },
    evaluation: { episodes: 1, states: 1 },
  });
  let solved = 0;
  const context = createContext({
    seed,
    device: "wasm",
    emit: (event) => {
      if (event.type === "iteration.ended") solved += event.solved;
    },
  });
  const result = await runPipeline(pipeline, context);
  await using trained = await openTrained(pipeline, result, context, {
    envs: Number(options.states),
  });
  const seen = heldOutStates(trained.env, createContext({ seed: 0 }));
  const guidance = await trained.teacher.advise(seen, "evaluate");
  let [states, right, chance] = [0, 0, 0];
  for (let i = 0; i < seen.envs; i++) {
    const name = nameIn(seen.mission(i));
    const things = seen.text(i).filter(isThing);
    const meant = things.filter((thing) => name.every((word) => thing.includes(` ${word} `)));
    if (meant.length === 0 || meant.length === things.length) continue;
    states++;
    chance += meant.length / things.length;
    const said = suggestionOf(guidance, i);
    if (meant.some((thing) => thing.split(/(?:ball|box|key|door) /)[1] === said)) right++;
  }
  return { solved, states, right: right / states, chance: chance / states };
}

console.log("level\tseed\titerations\tsolved\tright\tchance\tstates");
for (const seed of options.seeds.split(",").map(Number)) {
  for (const iterations of options.iterations.split(",").map(Number)) {
    const { solved, states, right, chance } = await measure(seed, iterations);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const row = [options.level, seed, iterations, solved, percent(right), percent(chance), states];
    console.log(row.join("\t"));
  }
}
