/**
 * How often verdicts are right, by the expert's ruler: the rule "hindsight-credit", both kinds of credit,
 * the rule "group", and the paper's rule on the same suggestions. Training worlds of development seeds; the student hears no
 * advice unless `--guidance` says so, and nothing learns from the verdicts.
 *
 *     deno run --allow-read bench/mutual/verdicts.ts --level GoToLocal --seeds 40,41,42 --iterations 60
 *
 * Worlds start in groups of eight from one seed with `--group`; then what was done, not what was suggested,
 * is held against the expert for all four rules on the steps that each speaks of.
 *
 * A set of actions named as right is held against the actions that the expert takes, or that leave its
 * plan no longer; verdicts under missions that were not asked are counted, and cannot be held against it.
 */
import { parseArgs } from "node:util";
import { createContext } from "../../core/kit/context.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { definePlugin, type StageSpec } from "../../core/pipeline/plugin.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { abstentions } from "../../core/kit/verdicts.ts";
import type { Env, FeedbackRule, Verdicts } from "../../core/stages/mod.ts";
import {
  babyai,
  group,
  hindsightCredit,
  languageModel,
  paper,
  ppo,
  random,
  tdError,
} from "../../plugins/mod.ts";

const { values: options } = parseArgs({
  options: {
    level: { type: "string", default: "GoToLocal" },
    seeds: { type: "string", default: "40,41,42" },
    iterations: { type: "string", default: "60" },
    teacher: { type: "string", default: "random" },
    guidance: { type: "string", default: "ignored" },
    group: { type: "boolean", default: false },
  },
});

const ENVS = 16;

/** A share as it is printed; "-" of nothing. */
function share(part: number, of: number): string {
  return of > 0 ? `${(100 * part / of).toFixed(1)} %` : "-";
}

/** Shares by what was counted. */
class Tally {
  verdicts = 0;
  /** Sets that hold an action that the expert finds right, and those that hold no other. */
  holds = 0;
  only = 0;
  /** Signs that agree with the expert on the suggestion. */
  signs = 0;
  /** Suggestions that the expert finds wrong: what "always wrong" would come to. */
  wrong = 0;
  /** The paper's signs on the same suggestions, and how many of them agree. */
  paper = 0;
  paperAgrees = 0;
  relabelled = 0;
  /** By steps to the achievement: sets, and those that hold an action that the expert finds right. */
  readonly near: [of: number, holds: number][] = [];

  constructor(private readonly discount: number) {}

  /** How many steps it was to the achievement, by the strength of the verdict. */
  distanceOf(strength: number): number {
    return Math.round(Math.log(strength) / Math.log(this.discount));
  }

  line(name: string): string {
    return `${name}: ${this.verdicts} verdicts; names a right action ${
      share(this.holds, this.verdicts)
    }, no wrong one ${share(this.only, this.verdicts)}, sign ${
      share(this.signs, this.verdicts)
    } ("always negative" ${share(this.wrong, this.verdicts)}); the paper's sign there ${
      share(this.paperAgrees, this.paper)
    }; under other missions ${this.relabelled}; names a right action at 0, 1, 2 .. steps to go: ${
      Array.from(this.near.slice(0, 13), (row) => row ? share(row[1], row[0]) : "-").join(", ")
    }`;
  }
}

/** An env of which the expert can be asked outside the run. */
function ruled(stage: StageSpec<"env">, note: (env: Env) => void): StageSpec<"env"> {
  return {
    ...stage,
    async create(context, wiring) {
      const env = await stage.create(context, wiring);
      if (wiring.envs === ENVS) note(env);
      return env;
    },
  };
}

/** What the expert finds right in a step: a bit an action; -1 where it has given up. */
function maskOf({ oracle, spec }: Env, i: number): number {
  if (oracle!.action(i) < 0) return -1;
  return spec.actions.reduce((mask, _, a) => mask | (oracle!.isRight(i, a) ? 1 << a : 0), 0);
}

/**
 * What one rule says of what was done, and the paper's rule of the same steps. Both praise or blame it; a rule
 * that names what is right praises what is among that.
 */
class DoneTally {
  said = 0;
  agrees = 0;
  praised = 0;
  /** Of what was praised and what was blamed, how much the expert finds right. */
  praisedRight = 0;
  blamedRight = 0;
  paper = 0;
  paperAgrees = 0;

  enter(praises: boolean, right: boolean, paper: number): void {
    this.said++;
    if (praises === right) this.agrees++;
    if (praises) this.praised++;
    if (right && praises) this.praisedRight++;
    if (right && !praises) this.blamedRight++;
    if (paper === 0) return;
    this.paper++;
    if (paper > 0 === right) this.paperAgrees++;
  }

  line(name: string): string {
    const { said, praised } = this;
    return `${name}, of what was done: ${said} verdicts, ${
      share(this.agrees, said)
    } agree; right of what was ` +
      `praised ${share(this.praisedRight, praised)}, of what was blamed ${
        share(this.blamedRight, said - praised)
      }; the paper's rule there agrees in ${share(this.paperAgrees, this.paper)}`;
  }
}

const done = { group: new DoneTally(), paths: new DoneTally(), plan: new DoneTally() };

const tallies = { plan: new Tally(0.9), paths: new Tally(0.8) };
const all = { signs: 0, agree: 0 };

async function measure(seed: number): Promise<void> {
  let played: Env | undefined;
  const masks: Int32Array[] = [];
  const choices: Int32Array[] = [];
  const signs: Int8Array[] = [];
  const actions: Int32Array[] = [];
  const ruler = definePlugin({
    kind: "extra",
    name: "ruler",
    description: "Asks the expert, for the measurement alone.",
    options: {},
    create: () => ({
      decide({ guidance }) {
        masks.push(Int32Array.from({ length: ENVS }, (_, i) => maskOf(played!, i)));
        choices.push(guidance.choices.slice());
      },
    }),
  });
  const isRight = (at: number, i: number) => (masks[at]![i]! >> choices[at]![i]! & 1) === 1;
  const enter = (tally: Tally, { earlier = [] }: Verdicts, now: number) => {
    for (const { stepsAgo, env: i, right, sign, mission, strength } of earlier) {
      const at = now - stepsAgo;
      if (mission !== undefined) tally.relabelled++;
      if (mission !== undefined || masks[at]![i]! < 0) continue;
      const known = right!.filter((action) => masks[at]![i]! >> action & 1).length;
      tally.verdicts++;
      if (known > 0) tally.holds++;
      const near = tally.near[tally.distanceOf(strength)] ??= [0, 0];
      near[0]++;
      if (known > 0) near[1]++;
      if (known === right!.length) tally.only++;
      if (choices[at]![i]! < 0) continue;
      if ((sign > 0) === isRight(at, i)) tally.signs++;
      if (!isRight(at, i)) tally.wrong++;
      if (signs[at]![i] === 0) continue;
      tally.paper++;
      if ((signs[at]![i]! > 0) === isRight(at, i)) tally.paperAgrees++;
    }
  };
  const enterDone = (tally: DoneTally, { earlier = [] }: Verdicts, now: number) => {
    for (const { stepsAgo, env: i, right, sign, mission } of earlier) {
      const at = now - stepsAgo;
      if (at < 0 || mission !== undefined || masks[at]![i]! < 0) continue;
      const action = actions[at]![i]!;
      const praises = right ? right.includes(action) : sign > 0;
      tally.enter(praises, (masks[at]![i]! >> action & 1) === 1, signs[at]![i]!);
    }
  };
  const judge = definePlugin({
    kind: "feedback",
    name: "measured",
    description: "Asks three rules and says nothing.",
    options: {},
    async create(_options, context, wiring): Promise<FeedbackRule> {
      const plan = await hindsightCredit({ credit: "plan" }).create(context, wiring);
      const paths = await hindsightCredit({ credit: "paths" }).create(context, wiring);
      const sign = await paper().create(context, wiring);
      const likes = options.group ? await group().create(context, wiring) : undefined;
      let now = 0;
      return {
        needs: { ...plan.needs, group: likes?.needs?.group },
        judge(step, before) {
          signs.push(sign.judge(step, before).signs);
          for (let i = 0; i < ENVS; i++) {
            if (signs[now]![i] === 0 || masks[now]![i]! < 0) continue;
            all.signs++;
            if ((signs[now]![i]! > 0) === isRight(now, i)) all.agree++;
          }
          const { envs, actions: taken } = step.rollout;
          actions.push((taken as Int32Array).slice(step.step * envs, (step.step + 1) * envs));
          const [planned, walked] = [plan.judge(step, before), paths.judge(step, before)];
          enter(tallies.plan, planned, now);
          enter(tallies.paths, walked, now);
          if (likes) {
            enterDone(done.group, likes.judge(step, before), now);
            enterDone(done.plan, planned, now);
            enterDone(done.paths, walked, now);
          }
          now++;
          return abstentions(ENVS);
        },
      };
    },
  });
  const pipeline = definePipeline({
    name: "verdicts",
    env: ruled(babyai({ level: options.level }), (env) => played ??= env),
    teacher: options.teacher === "random" ? random() : languageModel({ learnsBy: [] }),
    student: ppo({
      minibatch: 128,
      ...options.guidance === "ignored"
        ? { hears: false }
        : { guidance: options.guidance as "trust" },
    }),
    advantage: tdError(),
    feedback: judge(),
    extras: { ruler: ruler() },
    schedule: { iterations: Number(options.iterations), envs: ENVS, steps: 32, feedbackEvery: 1 },
    evaluation: { every: 0, episodes: 1, states: 1 },
  });
  await runPipeline(pipeline, createContext({ seed, device: "wasm" }));
}

for (const seed of options.seeds.split(",").map(Number)) await measure(seed);
for (const [name, tally] of Object.entries(tallies)) console.log(tally.line(name));
if (options.group) {
  for (const [name, tally] of Object.entries(done)) console.log(tally.line(name));
}
console.log(
  `the paper's rule, all ${all.signs} signs: ${(100 * all.agree / all.signs).toFixed(1)} %`,
);
