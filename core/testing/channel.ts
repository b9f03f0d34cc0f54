/** Checks that a channel meets its contract. */
import { silence, suggest } from "../kit/guidance.ts";
import { Pcg64 } from "../kit/random.ts";
import type { StageSpec, Wirings } from "../pipeline/plugin.ts";
import type {
  AnsweringModel,
  Channel,
  Env,
  Example,
  Mode,
  Observations,
  ObservedState,
} from "../stages/mod.ts";
import { expectAll, Findings, same } from "./findings.ts";
import {
  checkLeaks,
  checkRepeatable,
  type CheckSetting,
  ENVS,
  make,
  script,
  STEPS,
} from "./setting.ts";

/** What a channel may do; one of these at least. */
const METHODS = ["promptFields", "correct", "onVerdict", "learn", "train"] as const;

/**
 * What a channel gets wrong: scores that are not finite, prompt fields that are no text, measurements
 * that leave something behind, counters that run backwards, determinism under a seed, `save` and
 * `load`, what it leaves behind.
 *
 * @returns Sentences; none where nothing was found.
 */
export async function checkChannel(
  stage: StageSpec<"channel">,
  setting: CheckSetting,
): Promise<string[]> {
  const findings = new Findings();
  const world = await make(setting.world, { envs: ENVS }, setting);
  const wiring: Wirings["channel"] = {
    ...{ env: world.spec, candidates: world.spec.actions, model: echo },
    ...{ grain: "action", prompt: "{seen} {feedback} {memory}", answer: "score" },
  };
  const create = () => make(stage, wiring, setting);
  await findings.attempt("The channel", async () => {
    const channel = await create();
    findings.expect(
      METHODS.some((method) => channel[method]),
      `It takes no part: it has none of the methods ${METHODS.join(", ")}.`,
    );
    await checkAnswers(findings, channel, world);
    await findings.attempt("dispose()", () => channel.dispose?.());
    await checkMeasuring(findings, create, world);
    await checkRepeatable(findings, create, (made, part) => play(made, world, part));
    await checkLeaks(findings, setting, create, (made) => play(made, world, 1));
  });
  await world.dispose?.();
  return findings.list();
}

/** A model that finds all candidates alike and writes nothing. */
const echo: AnsweringModel = {
  score: (prompts, candidates) =>
    Promise.resolve(prompts.map(() => ({
      candidates: candidates.map((_, c) => ({ ids: [c], score: -1 })),
      promptTokens: 1,
    }))),
  generate: (prompts) =>
    Promise.resolve(prompts.map(() => ({
      ...{ text: "", ids: [], logProb: 0, promptTokens: 1, finish: "end" },
    }))),
};

async function checkAnswers(findings: Findings, channel: Channel, world: Env): Promise<void> {
  const random = new Pcg64(3);
  const scene = script(world, 3);
  let { calls, tokens } = channel.usage?.() ?? { calls: 0, tokens: 0 };
  for (let t = 0; t < STEPS; t++) {
    const seen = scene.next().value;
    for (let i = 0; i < ENVS; i++) {
      for (const mode of ["train", "evaluate"] as const) {
        const [fields, scores] = ask(channel, seen, i, mode, world);
        findings.expect(
          Object.values(fields).every((text) => text === undefined || typeof text === "string"),
          "promptFields() gives something that is no text.",
        );
        expectAll(findings, "correct()'s scores", scores, Number.isFinite, "finite");
      }
    }
    const trained: unknown = await teach(channel, seen, random, world);
    findings.expect(
      trained === undefined || typeof trained === "boolean",
      `train() gives "${trained}"; right would be whether the model answers differently now.`,
    );
    const usage = channel.usage?.() ?? { calls, tokens };
    findings.expect(
      usage.calls >= calls && usage.tokens >= tokens,
      "usage() counts backwards.",
    );
    ({ calls, tokens } = usage);
  }
}

/** Being measured is no part of training. */
async function checkMeasuring(
  findings: Findings,
  create: () => Promise<Channel>,
  world: Env,
): Promise<void> {
  const train = async (measured: boolean) => {
    const channel = await create();
    const answers = await play(channel, world, 2, measured);
    await channel.dispose?.();
    return answers;
  };
  findings.expect(
    same(await train(true), await train(false)),
    'Asked in the mode "evaluate", it answers otherwise in training afterwards: measuring must ' +
      "neither draw from training's randomness nor be remembered.",
  );
}

async function play(
  channel: Channel,
  world: Env,
  part: number,
  measured = false,
): Promise<unknown> {
  const random = new Pcg64(part);
  const scene = script(world, 20 + part);
  const answers: unknown[] = [];
  for (let t = 0; t < STEPS; t++) {
    const seen = scene.next().value;
    for (let i = 0; i < ENVS; i++) {
      if (measured) ask(channel, seen, i, "evaluate", world);
      answers.push(ask(channel, seen, i, "train", world));
    }
    answers.push(await teach(channel, seen, random, world));
  }
  return answers;
}

/** What it puts into a prompt, and what it adds to scores of 0. */
function ask(channel: Channel, seen: Observations, i: number, mode: Mode, { spec }: Env) {
  const state = featuresOf(seen, i);
  const scores = new Float32Array(spec.actions.length);
  const fields = { ...channel.promptFields?.(state, i, mode) };
  channel.correct?.(scores, state, mode);
  return [fields, scores] as const;
}

/** Gives a verdict on a suggestion in each environment: praise, blame, or none. */
async function teach(channel: Channel, seen: Observations, random: Pcg64, { spec }: Env) {
  for (let env = 0; env < ENVS; env++) {
    const sign = random.integers(0, 3) - 1;
    const candidate = random.integers(0, spec.actions.length);
    const words = () => ["It was bad.", "", "It was good."][sign + 1]!;
    const [said, ended] = [spec.actions[candidate]!, random.random() < 0.2];
    channel.onVerdict?.({ env, sign, strength: 0.5, said, ended, words });
    if (sign !== 0) channel.learn?.(exampleOn(seen, env, candidate, sign, spec.actions));
  }
  return await channel.train?.();
}

function exampleOn(
  seen: Observations,
  env: number,
  candidate: number,
  sign: number,
  actions: readonly string[],
): Example {
  const guidance = silence(ENVS, actions);
  suggest(guidance, env, candidate, 0.5);
  return {
    ...{ env, candidate, sign, strength: 0.5, worth: sign, relativeWorth: sign / 2, guidance },
    features: featuresOf(seen, env),
    mission: seen.mission(env),
    seen: seen.text(env),
    prompt: () => seen.text(env).join(" "),
  };
}

function featuresOf(seen: Observations, i: number): ObservedState {
  const [mission, parts] = [seen.mission(i), seen.text(i)];
  return { whole: [mission, ...parts].join("|"), parts, mission, seen: parts };
}
