/**
 * What each channel makes of the same verdicts. A student learns beside a teacher that does not; what
 * every rule says of every step is kept, and then taught to channels of their own, whose guidance is
 * measured on held-out states as runs measure it. One run in place of hundreds, so that rules, credit,
 * features and gains can be compared on the very same steps.
 *
 *     deno run --lock=deno.lock --frozen --allow-read bench/mutual/channels.ts \
 *       --level GoToLocal --rules paper,bandit --features named,relative --gains 3.5,10
 *
 * `--bases model,none` also measures what was learned without the model: its scores count as equal.
 */
import { parseArgs } from "node:util";
import { createContext } from "../../core/kit/context.ts";
import { heldOutStates } from "../../core/run/measure/evaluation.ts";
import { argmax } from "../../core/kit/guidance.ts";
import { parseOptions } from "../../core/pipeline/options.ts";
import { definePlugin } from "../../core/pipeline/plugin.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { Channel, FeedbackRule, Guidance } from "../../core/stages/mod.ts";
import babyaiPipeline from "../../pipelines/babyai.ts";
import * as plugins from "../../plugins/mod.ts";
import { type Credit, CreditBook } from "../../plugins/teacher/language_model/credit.ts";
import { type FeatureNames, featuresOf } from "../../plugins/teacher/language_model/features.ts";
import { languageModelOptions } from "../../plugins/teacher/language_model/options.ts";
import { ClassifierChannel } from "../../plugins/teacher/language_model/channels/classifier.ts";
import { openChannel } from "../../plugins/teacher/language_model/channels/open.ts";
import { type AskedQuestion, questionsOf } from "../../plugins/teacher/language_model/questions.ts";
import type { LanguageModel } from "../../runtimes/language_model/contract.ts";
import sign from "./sign.ts";
import { Worth } from "../../plugins/teacher/language_model/worth.ts";

const RULES = {
  paper: plugins.paper,
  sign,
  significance: plugins.significance,
  margin: plugins.margin,
  bandit: plugins.bandit,
  "frozen-critic": plugins.frozenCritic,
  counterfactual: plugins.counterfactual,
} as const;

const { values: flags } = parseArgs({
  options: {
    level: { type: "string", default: "GoToRedBallNoDists" },
    seed: { type: "string", default: "0" },
    iterations: { type: "string", default: "40" },
    rules: { type: "string", default: Object.keys(RULES).join() },
    channels: { type: "string", default: "ratings,thompson,linucb,gradient,memory" },
    credits: { type: "string", default: "followed,action" },
    features: { type: "string", default: "named,relative" },
    gains: { type: "string", default: "1,3.5,10" },
    // What corrections are added to when guidance is measured: the model's scores, or none.
    bases: { type: "string", default: "model" },
  },
});
const listed = (text: string) => text.split(",");

/** One rule's verdict on one step. */
interface Verdict {
  readonly sign: number;
  readonly strength: number;
  readonly comparesWithBefore: boolean;
}

/** One step of one environment, and what the rules in their order say of it. */
interface Row {
  readonly env: number;
  readonly asked: AskedQuestion;
  readonly guidance: Guidance;
  readonly choice: number;
  readonly action: number;
  readonly right: boolean;
  readonly verdicts: readonly Verdict[];
}

const rules = listed(flags.rules) as (keyof typeof RULES)[];
const rows: Row[] = [];

/** Gives no verdict itself, and keeps those of the others. */
const recorder = definePlugin({
  kind: "feedback",
  name: "recorder",
  description: "Keeps what other rules say.",
  options: {},
  usesOracle: () => true,
  async create(_options, context, wiring): Promise<FeedbackRule> {
    const asked: FeedbackRule[] = [];
    for (const name of rules) asked.push(await RULES[name].stage({}).create(context, wiring));
    return {
      needs: Object.assign({}, ...asked.map(({ needs }) => needs)),
      judge(now, before) {
        const { rollout, step } = now;
        const said = asked.map((rule) => rule.judge(now, before));
        const guidance = rollout.guidance[step]!;
        for (let i = 0; i < rollout.envs; i++) {
          rows.push({
            env: i,
            asked: questionsOf(guidance)![i]!,
            guidance,
            choice: guidance.choices[i]!,
            action: rollout.actions[step * rollout.envs + i]!,
            right: rollout.oracleRight![step * rollout.envs + i] === 1,
            verdicts: said.map(({ signs, strengths, comparesWithBefore = false }) => ({
              ...{ sign: signs[i]!, strength: strengths[i]!, comparesWithBefore },
            })),
          });
        }
        const none = { signs: new Int8Array(rollout.envs), words: () => "" };
        return { ...none, strengths: new Float32Array(rollout.envs) };
      },
    };
  },
});

const context = createContext({ seed: Number(flags.seed), device: "wasm" });
const teacher = plugins.languageModel({ learnsBy: [], runtime: "fused" });
const pipeline = babyaiPipeline.with({
  env: plugins.babyai({ level: `BabyAI-${flags.level}-v0` as "BabyAI-GoToLocal-v0" }),
  teacher,
  feedback: recorder(),
  schedule: { iterations: Number(flags.iterations) },
  evaluation: { every: 0, episodes: 8 },
});
await runPipeline(pipeline, context);

/** A held-out state: what the teacher says of it, and which actions are right. */
const env = await pipeline.stages.env.create(context, { envs: 256 });
const speaker = await teacher.create(context, { env: env.spec });
const { oracle } = env; // asked for before the first step: it judges by what it has seen
const guidance = await speaker.advise(heldOutStates(env, context), "evaluate");
const { actions } = env.spec;
const held = questionsOf(guidance)!.flatMap((asked, i) => {
  if (oracle!.action(i) < 0) return [];
  const scores = guidance.distribution.slice(i * actions.length, (i + 1) * actions.length)
    .map(Math.log);
  return [{ asked, scores, right: actions.map((_, a) => oracle!.isRight(i, a)) }];
});
await speaker.dispose?.();

/** Share of held-out states in which the likeliest suggestion is right, in percent. */
function accuracy(base: string, gain: number, names: FeatureNames, channel?: Channel): number {
  const right = held.filter(({ asked, scores, right }) => {
    const corrections = new Float32Array(scores.length);
    const { mission, observation: seen } = asked;
    const state = { ...featuresOf(mission, seen, names), mission, seen };
    const said = scores.map((score) => base === "none" ? 0 : score);
    if (channel instanceof ClassifierChannel) { // it weighs the scores, too, and knows no gain
      channel.correct(said, state, "evaluate");
      return right[argmax(said)];
    }
    channel?.correct?.(corrections, state, "evaluate");
    return right[argmax(said.map((score, c) => score + gain * corrections[c]!))];
  });
  return 100 * right.length / held.length;
}

/** Neither of these channels asks a model. */
const speechless = {} as LanguageModel;

/** A channel of its own that was taught what one rule said. */
function taught(name: string, rule: number, credit: Credit, names: FeatureNames): Channel {
  const given = name === "memory"
    ? { memory: { gain: 1 } }
    : name === "classifier"
    ? {}
    : { logits: name, gain: 1 };
  const options = parseOptions(languageModelOptions, given, "teacher");
  const { grain, prompt, answer } = options;
  const wiring = { env: env.spec, grain, candidates: actions, prompt, answer, model: speechless };
  const known = name === "memory" || name === "classifier" ? name : "logits";
  const channel = openChannel(known, {
    ...{ options, context, wiring, model: speechless },
  }) as Channel;
  const book = new CreditBook(credit);
  const worths = new Worth();
  for (const { env, asked, guidance, choice, action, verdicts } of rows) {
    const { mission, observation: seen } = asked;
    const features = featuresOf(mission, seen, names);
    if (name === "classifier") {
      const scores = guidance.distribution.slice(env * actions.length, (env + 1) * actions.length);
      channel.correct?.(scores.map(Math.log), { ...features, mission, seen }, "train");
    }
    const { credited, before } = book.enter(env, { features, choice, action });
    const { sign, strength, comparesWithBefore } = verdicts[rule]!;
    channel.onVerdict?.({ env, sign, strength, said: "", ended: false, words: () => "" });
    channel.train?.();
    if (sign === 0 || !credited) continue;
    const comparesWith = comparesWithBefore ? before : undefined;
    const verdict = { ...credited, sign, strength, comparesWith };
    const worth = worths.of(verdict);
    if (!worth) continue;
    const more = { env, guidance, mission, seen, prompt: () => "" };
    channel.learn!({ ...verdict, ...worth, ...more });
  }
  return channel;
}

const gains = listed(flags.gains);
const start = accuracy("model", 0, "named");
console.log(
  `${flags.level}, seed ${flags.seed}: ${rows.length} steps, guidance right in ` +
    `${start.toFixed(1)} % of ${held.length} held-out states; change in points by gain\n`,
);
const bases = listed(flags.bases);
const head = ["rule", "verdicts right", "credit", "channel", "features"]
  .concat(
    bases.flatMap((base) => gains.map((gain) => base === "model" ? gain : `${gain}, no model`)),
  );
console.log(`| ${head.join(" | ")} |\n|${" --- |".repeat(head.length)}`);
for (const [index, rule] of rules.entries()) {
  const judged = rows.filter(({ choice, action, verdicts }) => {
    return choice === action && verdicts[index]!.sign !== 0;
  });
  const right = judged.filter(({ right, verdicts }) => right === verdicts[index]!.sign > 0);
  const share = `${(100 * right.length / judged.length).toFixed(1)} % of ${judged.length}`;
  for (const credit of listed(flags.credits) as Credit[]) {
    for (const name of listed(flags.channels)) {
      for (const names of listed(flags.features) as FeatureNames[]) {
        const channel = taught(name, index, credit, names);
        const changes = bases.flatMap((base) =>
          gains.map((gain) => {
            const change = accuracy(base, Number(gain), names, channel) - start;
            return (change < 0 ? "" : "+") + change.toFixed(1);
          })
        );
        console.log(`| ${[rule, share, credit, name, names, ...changes].join(" | ")} |`);
      }
    }
  }
}
