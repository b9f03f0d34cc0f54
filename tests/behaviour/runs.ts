/**
 * Runs that between them touch every kind of stage, every student, every channel of the teacher,
 * every advantage estimator and every feedback rule. What they come to is recorded in recorded.json, so that a change
 * of the code's shape can be told from a change of what it does.
 */
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import type { StageSpec } from "../../core/pipeline/plugin.ts";
import type { StageKind } from "../../core/stages/mod.ts";
import { builtins } from "../../plugins/mod.ts";
import { fixtureDir } from "../runtimes/language_model/fixtures.ts";

/** A run: its pipeline as JSON would say it, made by name so that no export is named here. */
interface Recipe {
  readonly env: Choice;
  readonly teacher: Choice;
  readonly student: Choice;
  readonly advantage: Choice;
  readonly feedback: Choice;
  readonly extras?: Readonly<Record<string, Choice>>;
  readonly schedule?: object;
  readonly evaluation?: object;
}

type Choice = readonly [plugin: string, options?: object];

const corridor: Choice = ["corridor", { length: 5 }];
const babyai: Choice = ["babyai", { level: "GoToRedBallGrey" }];
const small = { hidden: 8, epochs: 1 };
const model = { model: fixtureDir("t5-v1_1"), hidden: [8], epochs: 1, minibatch: 16 };

const stage = <K extends StageKind>(kind: K, [name, options = {}]: Choice): StageSpec<K> =>
  builtins[kind][name]!.stage(options) as StageSpec as StageSpec<K>;

const RECIPES: Readonly<Record<string, Recipe>> = {
  "the shipped teacher with ratings, PPO": {
    env: babyai,
    teacher: ["language-model", { learnsBy: ["logits"] }],
    student: ["ppo"],
    advantage: ["gae"],
    feedback: ["paper"],
    evaluation: { advice: true },
  },
  "late verdicts, a table": {
    env: corridor,
    teacher: ["bot", { accuracy: 0.6 }],
    student: ["tabular-q"],
    advantage: ["q-minus-v"],
    feedback: ["paper"],
    schedule: { feedbackDelay: 2, feedbackBound: 3, warmUp: 1 },
  },
  "actor-critic under a constant teacher": {
    env: babyai,
    teacher: ["constant", { says: "go forward" }],
    student: ["actor-critic"],
    advantage: ["td-error"],
    feedback: ["margin"],
    schedule: { feedbackEvery: 4 },
  },
  "a memory of states, a recurrent student": {
    env: babyai,
    teacher: ["language-model", { learnsBy: ["memory"] }],
    student: ["recurrent-ppo", small],
    advantage: ["n-step"],
    feedback: ["significance"],
  },
  "dqn in a curriculum": {
    env: corridor,
    teacher: ["shuffled", { of: builtins.teacher["bot"]!.stage({ accuracy: 0.5 }) }],
    student: ["dqn", { hidden: 8, minibatch: 8, updates: 2, replay: 32 }],
    advantage: ["retrace"],
    feedback: ["per-state"],
    extras: { easier: ["curriculum", { levels: [5, 5], option: "length" }] },
  },
  "cloning, with reward for goals": {
    env: babyai,
    teacher: ["bot"],
    student: ["behaviour-cloning", small],
    advantage: ["monte-carlo"],
    feedback: ["none"],
    extras: { goals: ["ellm"] },
  },
  "a language model acts": {
    env: corridor,
    teacher: ["none"],
    student: ["lamorel", { ...model, prompt: "{seen}" }],
    advantage: ["gae"],
    feedback: ["none"],
  },
  "a language model is cloned": {
    env: corridor,
    teacher: ["random"],
    student: ["language-model-cloning", { ...model, prompt: "{seen}" }],
    advantage: ["v-trace"],
    feedback: ["synthetic"],
  },
  "two teachers, seldom and late, a frozen critic": {
    env: corridor,
    teacher: ["ensemble", {
      of: [
        builtins.teacher["bot"]!.stage({ accuracy: 0.5 }),
        builtins.teacher["random"]!.stage({}),
      ],
      rule: "lot",
    }],
    student: ["ppo", small],
    advantage: ["gae"],
    feedback: ["frozen-critic"],
    schedule: { adviceEvery: 2, adviceDelay: 1, adviceCalls: 60 },
  },
  "a misleading teacher leaves, counterfactuals": {
    env: corridor,
    teacher: ["misleading"],
    student: ["tabular-q"],
    advantage: ["q-minus-v"],
    feedback: ["counterfactual"],
    schedule: { teacherOff: 0.5 },
  },
  "weights, a bandit of verdicts, advice on trial": {
    env: babyai,
    teacher: ["language-model", { learnsBy: ["weights"] }],
    student: ["ppo", { ...small, guidance: "trust" }],
    advantage: ["v-trace"],
    feedback: ["bandit"],
    schedule: { adviceTrial: 0.2 },
  },
  "a blank teacher that is its classifier": {
    env: babyai,
    teacher: ["language-model", {
      model: "blank",
      learnsBy: ["classifier"],
      classifier: { every: 32, samples: 50, size: 100 },
    }],
    student: ["tabular-q"],
    advantage: ["gae"],
    feedback: ["paper"],
  },
  "verdicts in the prompt, in words": {
    env: babyai,
    teacher: ["language-model", {
      learnsBy: ["prompt"],
      verdicts: 2,
      verdictWords: "rule",
      runtime: "web",
    }],
    student: ["tabular-q"],
    advantage: ["gae"],
    feedback: ["verbal"],
    extras: {},
  },
  "a mission matched with what is seen": {
    env: ["babyai", { level: "PickupLoc", timedReward: false }],
    teacher: ["bot", { accuracy: 0.7 }],
    student: ["match", { ...small, pose: true, minibatch: 32 }],
    advantage: ["gae"],
    feedback: ["paper"],
  },
  "quantiles of verdicts": {
    env: corridor,
    teacher: ["random"],
    student: ["ppo", small],
    advantage: ["gae"],
    feedback: ["moving-quantile", { warmUp: 4, window: 16 }],
  },
  "what was achieved, planned in hindsight": {
    env: ["babyai", { level: "GoToLocal" }],
    teacher: ["language-model", { learnsBy: ["logits", "memory"], features: "relative" }],
    student: ["ppo", { ...small, guidance: "trust" }],
    advantage: ["gae"],
    feedback: ["hindsight-credit", { credit: "plan" }],
    schedule: { adviceTrial: 0.2, steps: 24 },
  },
  "what was achieved, told late": {
    env: corridor,
    teacher: ["language-model", { learnsBy: ["logits"] }],
    student: ["tabular-q"],
    advantage: ["q-minus-v"],
    feedback: ["hindsight-credit"],
    schedule: { feedbackEvery: 3, feedbackDelay: 2 },
  },
  "which thing is meant, read as a pointer": {
    env: ["babyai", { level: "GoToLocal" }],
    teacher: ["language-model", {
      model: "blank",
      grain: "reference",
      learnsBy: ["reference"],
      reference: { every: 32, samples: 50, size: 100 },
    }],
    student: ["ppo", { ...small, reference: "pointer" }],
    advantage: ["gae"],
    feedback: ["hindsight-credit"],
    schedule: { steps: 24 },
  },
  "a house in words, taught by what was achieved in it": {
    env: ["household", { things: 3 }],
    teacher: ["language-model", {
      model: "blank",
      learnsBy: ["classifier"],
      classifier: { features: "words", every: 64, samples: 64 },
    }],
    student: ["ppo", { ...small, guidance: "trust" }],
    advantage: ["td-error"],
    feedback: ["hindsight-credit"],
    schedule: { adviceTrial: 0.2, steps: 40 },
  },
  "episodes of one world, compared": {
    env: corridor,
    teacher: ["language-model", { model: "blank", learnsBy: ["logits"], credit: "action" }],
    student: ["tabular-q"],
    advantage: ["q-minus-v"],
    feedback: ["group", { size: 2 }],
    schedule: { steps: 32 },
  },
  "floats seen, ended early": {
    env: ["corridor-float"],
    teacher: ["bot"],
    student: ["ppo", small],
    advantage: ["gae"],
    feedback: ["paper"],
    extras: { stop: ["early-stopping", { patience: 1 }] },
  },
  "hindsight and novelty, success worth 1": {
    env: ["babyai", { level: "GoToLocal", timedReward: false }],
    teacher: ["none"],
    student: ["ppo", small],
    advantage: ["gae"],
    feedback: ["none"],
    extras: {
      hindsight: ["hindsight-replay", { least: 8, vague: 0.25, own: true }],
      novelty: ["novelty-bonus", { steps: 500 }],
    },
  },
  "hindsight of a student that remembers": {
    env: ["babyai", { level: "PickupLoc" }],
    teacher: ["none"],
    student: ["recurrent-ppo", small],
    advantage: ["gae"],
    feedback: ["none"],
    extras: { hindsight: ["hindsight-replay", { least: 8, verbs: ["go to", "pick up"] }] },
  },
  "a pole on a cart": {
    env: ["cartpole"],
    teacher: ["none"],
    student: ["ppo", small],
    advantage: ["gae"],
    feedback: ["none"],
  },
  "a teacher that is told little, a student that sees little": {
    env: ["babyai", { level: "GoToRedBallGrey", narrowed: 3 }],
    teacher: ["imperfect", {
      of: builtins.teacher["language-model"]!.stage({ learnsBy: ["logits"] }),
      missing: 0.2,
      wrong: 0.2,
      stale: 0.2,
    }],
    student: ["ppo", small],
    advantage: ["gae"],
    feedback: ["paper"],
  },
  "floats done": {
    env: ["pendulum"],
    teacher: ["none"],
    student: ["ppo", small],
    advantage: ["gae"],
    feedback: ["none"],
  },
};

/** The pipelines by what they show. */
export function recordedPipelines(): Readonly<Record<string, Pipeline>> {
  return Object.fromEntries(
    Object.entries(RECIPES).map(([name, recipe]) => [name, pipelineOf(recipe)]),
  );
}

function pipelineOf({ extras = {}, schedule, evaluation, ...recipe }: Recipe): Pipeline {
  const beside = Object.entries(extras).map(([name, [plugin, options = {}]]) =>
    [name, builtins.extra[plugin]!.stage(options)] as const
  );
  return definePipeline({
    name: "recorded",
    env: stage("env", recipe.env),
    teacher: stage("teacher", recipe.teacher),
    student: stage("student", recipe.student),
    advantage: stage("advantage", recipe.advantage),
    feedback: stage("feedback", recipe.feedback),
    extras: Object.fromEntries(beside),
    schedule: { iterations: 3, envs: 4, steps: 16, ...schedule },
    evaluation: { episodes: 5, states: 8, every: 1, ...evaluation },
  });
}
