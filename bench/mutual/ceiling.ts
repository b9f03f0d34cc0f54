/**
 * What the channel "classifier" can learn at most: it is told of states on the way of an expert that errs
 * what is right in them, and measured on held-out states, by itself and beside the shipped model. The
 * labels are the expert's, so this says what the channel is able to hold, not what a run teaches it.
 *
 *     deno run --lock=deno.lock --frozen --allow-read bench/mutual/ceiling.ts \
 *       --levels GoToLocal,PickupLoc --labels 1000,30000
 *
 * `--model blank` leaves the model out, and is faster. "walk" are the held-out states of runs, a few random steps from the start of development worlds;
 * "path" states on the way of an expert that errs three times in ten, there.
 */
import { parseArgs } from "node:util";
import { createContext } from "../../core/kit/context.ts";
import { argmax, silence } from "../../core/kit/guidance.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { parseOptions } from "../../core/pipeline/options.ts";
import { heldOutStates } from "../../core/run/measure/evaluation.ts";
import { developmentSeeds } from "../../core/run/measure/world_seeds.ts";
import type { Channel, Env, Observations, Teacher } from "../../core/stages/mod.ts";
import * as plugins from "../../plugins/mod.ts";
import { openChannel } from "../../plugins/teacher/language_model/channels/open.ts";
import { featuresOf } from "../../plugins/teacher/language_model/features.ts";
import { languageModelOptions } from "../../plugins/teacher/language_model/options.ts";
import type { LanguageModel } from "../../runtimes/language_model/contract.ts";

const { values: flags } = parseArgs({
  options: {
    levels: { type: "string", default: "GoToRedBallGrey,GoToLocal,PickupLoc,PutNextLocal" },
    labels: { type: "string", default: "500,1000,3000,10000,30000" },
    model: { type: "string", default: "shipped" },
    options: { type: "string", default: "{}" },
    seed: { type: "string", default: "0" },
  },
});
const [ENVS, HELD, ERRS] = [64, 1024, 0.3];

/** A state, what is right in it, and the model's log-probabilities where it was asked. */
interface Labelled {
  readonly mission: string;
  readonly seen: readonly string[];
  readonly right: readonly number[];
  readonly scores: Float32Array;
}

const context = createContext({ seed: Number(flags.seed), device: "wasm" });
const speechless = {} as LanguageModel;

for (const level of flags.levels.split(",")) await measure(level);

async function measure(level: string): Promise<void> {
  const make = (envs: number) =>
    plugins.babyai({ level: `BabyAI-${level}-v0` as "BabyAI-GoToLocal-v0" })
      .create(context, { envs });
  const [taught, held] = [await make(ENVS), await make(HELD)];
  const teacher = await plugins.languageModel({ learnsBy: [], model: flags.model })
    .create(context, { env: held.spec });
  const wanted = flags.labels.split(",").map(Number);
  const lessons = await walked(taught, teacher, Math.max(...wanted));
  const walk = await labelled(held, teacher, heldOutStates(held, context));
  const path = await onTheWay(held, teacher);
  const channel = channelFor(held);
  console.log(`\n${level}: right of ${walk.length} walk / ${path.length} path states, in %\n`);
  console.log("| labels | the model | the classifier | both |\n| --- | --- | --- | --- |");
  let told = 0;
  for (const labels of [0, ...wanted]) {
    for (; told < labels; told++) teach(channel, lessons[told]!, held.spec.actions);
    const row = [undefined, "blank", "model"].map((base) =>
      [walk, path].map((states) => accuracy(states, base, base ? channel : undefined)).join(" / ")
    );
    console.log(`| ${[labels, ...row].join(" | ")} |`);
  }
  await teacher.dispose?.();
}

function channelFor({ spec }: Env): Channel {
  const given = { classifier: JSON.parse(flags.options) };
  const options = parseOptions(languageModelOptions, given, "teacher");
  const { grain, prompt, answer } = options;
  const wiring = { env: spec, grain, candidates: spec.actions, prompt, answer, model: speechless };
  return openChannel("classifier", { options, context, wiring, model: speechless }) as Channel;
}

function teach(channel: Channel, { mission, seen, right }: Labelled, actions: readonly string[]) {
  const said = { candidate: right[0]!, right, sign: 1, strength: 1, worth: 1, relativeWorth: 0 };
  channel.onVerdict?.({ env: 0, sign: 1, strength: 1, said: "", ended: false, words: () => "" });
  channel.learn?.({
    ...said,
    ...{ env: 0, guidance: silence(1, actions), prompt: () => "", mission, seen },
    features: featuresOf(mission, seen),
  });
  channel.train?.();
}

function accuracy(states: readonly Labelled[], base = "model", channel?: Channel): string {
  const right = states.filter(({ mission, seen, right, scores }) => {
    const said = base === "blank" ? new Float32Array(scores.length) : Float32Array.from(scores);
    channel?.correct?.(said, { ...featuresOf(mission, seen), mission, seen }, "evaluate");
    return right.includes(argmax(said));
  });
  return (100 * right.length / states.length).toFixed(1);
}

/** States of training worlds on the way of experts, of whom each errs more than the one before. */
async function walked(env: Env, teacher: Teacher, count: number): Promise<Labelled[]> {
  const random = new Pcg64(Number(flags.seed));
  let seen = env.reset(Array.from({ length: ENVS }, (_, i) => i));
  const states: Labelled[] = [];
  while (states.length < count) {
    states.push(...await labelled(env, teacher, seen));
    seen = env.step(acting(env, random, (i) => (i + 0.5) / ENVS)).observations;
  }
  return states.slice(0, count);
}

/** States of development worlds on the way of an expert that errs. */
async function onTheWay(env: Env, teacher: Teacher): Promise<Labelled[]> {
  const random = new Pcg64(7);
  let seen = env.reset(developmentSeeds(HELD));
  const states: Labelled[] = [];
  for (let t = 0; t < 24; t++) {
    if (t % 8 === 4) states.push(...await labelled(env, teacher, seen));
    seen = env.step(acting(env, random, () => ERRS)).observations;
  }
  return states;
}

function acting({ oracle, spec }: Env, random: Pcg64, errs: (i: number) => number): Int32Array {
  return Int32Array.from({ length: spec.envs }, (_, i) => {
    const best = oracle!.action(i);
    const err = random.random() < errs(i) || best < 0;
    return err ? random.integers(0, 3) : best;
  });
}

async function labelled(env: Env, teacher: Teacher, seen: Observations): Promise<Labelled[]> {
  const { distribution } = await teacher.advise(seen, "evaluate");
  const { envs, actions } = env.spec;
  return Array.from({ length: envs }, (_, i) => i).flatMap((i) => {
    if (env.oracle!.action(i) < 0) return [];
    const right = actions.flatMap((_, a) => env.oracle!.isRight(i, a) ? [a] : []);
    const scores = distribution.slice(i * actions.length, (i + 1) * actions.length).map(Math.log);
    return [{ mission: seen.mission(i), seen: [...seen.text(i)], right, scores }];
  });
}
