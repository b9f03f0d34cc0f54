/** Stages that do next to nothing and write down what was asked of them. */
import type { Context } from "../../core/kit/context.ts";
import { silence } from "../../core/kit/guidance.ts";
import { definePipeline, type PipelineDefinition } from "../../core/pipeline/pipeline.ts";
import { definePlugin, type StageSpec } from "../../core/pipeline/plugin.ts";
import { zeros } from "../../core/kit/tensors.ts";
import { multiDiscrete } from "../../core/kit/spaces.ts";
import {
  type EnvStep,
  type Observations,
  type Pluggables,
  type PluginKind,
  type Tensor,
} from "../../core/stages/mod.ts";

import { bytesIn } from "./tensors.ts";

/** Makes a stage of anything, without options. */
export function stageOf<K extends PluginKind>(
  kind: K,
  create: (context: Context, envs: number) => Pluggables[K],
): StageSpec<K> {
  const plugin = definePlugin({
    kind,
    name: `stub-${kind}`,
    description: "A stub.",
    options: {},
    // The env is told its size; the other kinds are told the env's.
    create: (_options, context, wiring) => {
      const envs = "envs" in wiring ? wiring.envs : wiring.env.envs;
      return create(context, envs);
    },
  });
  return plugin();
}

/** Observations of a clock: the step within the episode. */
export class Ticks implements Observations {
  readonly tensors: { readonly hour: Tensor<"uint8"> };
  readonly data: Uint8Array;

  constructor(readonly envs: number) {
    this.tensors = { hour: zeros("uint8", [envs, 1]) };
    this.data = this.tensors.hour.data;
  }
  mission = () => "wait";
  text = (i: number) => [`It is ${this.data[i]} o'clock`];
  key = (i: number) => this.data[i]!;
}

/** How a {@linkcode stubEnv} behaves. */
export interface Script {
  /** Steps after which an episode ends, and how. */
  readonly length?: number;
  readonly end?: "terminated" | "truncated";
  readonly calls?: string[];
}

/** An env that pays 1 at the end of each episode of fixed length. */
export function stubEnv({ length = 1000, end = "terminated", calls = [] }: Script = {}) {
  return stageOf("env", (_context, envs) => {
    const now = new Ticks(envs);
    const finals = new Ticks(envs);
    const answer: EnvStep = {
      observations: now,
      finals,
      rewards: new Float32Array(envs),
      terminated: new Uint8Array(envs),
      truncated: new Uint8Array(envs),
    };
    return {
      spec: {
        id: "Stub-v0",
        envs,
        observation: { hour: multiDiscrete([256]) },
        actions: ["left", "right"],
        missionWords: ["wait"],
        maxSteps: 3,
        autoreset: "same-step",
      },
      reset(seeds) {
        calls.push(`env.reset ${seeds[0]}`);
        now.data.fill(0);
        return now;
      },
      step(actions) {
        calls.push(`env.step ${[...actions]}`);
        for (let i = 0; i < envs; i++) {
          const t = finals.data[i] = now.data[i]! + 1;
          const over = t >= length ? 1 : 0;
          answer.rewards[i] = over;
          answer[end][i] = over;
          now.data[i] = over ? 0 : t;
        }
        return answer;
      },
      oracle: {
        action: (i) => now.data[i]! % 2,
        isRight: (i, action) => action === now.data[i]! % 2,
      },
      dispose: () => void calls.push("env.dispose"),
    };
  });
}

/** A teacher that always suggests the second action. */
export function stubTeacher(calls: string[] = []): StageSpec<"teacher"> {
  return stageOf("teacher", () => ({
    grain: "action",
    candidates: ["left", "right"],
    learnsBy: ["memory"],
    advise({ envs, tensors }, mode) {
      calls.push(`teacher.advise ${mode} ${bytesIn(tensors)[0]}`);
      const guidance = silence(envs, ["left", "right"]);
      guidance.choices.fill(1);
      guidance.distribution.set(Array.from({ length: 2 * envs }, (_, k) => k % 2 ? 0.75 : 0.25));
      return guidance;
    },
    receive({ rollout, verdicts }) {
      calls.push(`teacher.receive ${rollout.steps} ${verdicts.map(({ signs }) => signs[0])}`);
    },
    usage: () => ({ calls: calls.length, cacheHits: 0, tokens: 0 }),
    save: () => ({ json: { heard: calls.length } }),
    dispose: () => void calls.push("teacher.dispose"),
  }));
}

/** A student that follows, and values a state by its tick: V = t, Q = t + 0.5. */
export function stubStudent(calls: string[] = []): StageSpec<"student"> {
  return stageOf("student", () => ({
    act({ envs, tensors }, { choices }, mode) {
      const data = bytesIn(tensors);
      calls.push(`student.act ${mode} ${data[0]}`);
      return {
        actions: choices.slice(),
        logProbs: new Float32Array(envs).fill(-0.5),
        qValues: Float32Array.from(data, (t) => t + 0.5),
        values: Float32Array.from(data),
      };
    },
    values({ tensors }) {
      const data = bytesIn(tensors);
      calls.push(`student.values ${data[0]}`);
      return Float32Array.from(data);
    },
    learn(rollout, { advantages, targets }) {
      calls.push(`student.learn ${rollout.steps} x ${rollout.envs}`);
      return { loss: advantages.length + targets.length };
    },
    dispose: () => void calls.push("student.dispose"),
  }));
}

/** A_t = the value that follows. */
export function stubAdvantage(calls: string[] = []): StageSpec<"advantage"> {
  return stageOf("advantage", () => ({
    estimate({ nextValues, steps }) {
      calls.push(`advantage.estimate ${steps}`);
      return { advantages: nextValues.slice(), targets: nextValues.slice() };
    },
    dispose: () => void calls.push("advantage.dispose"),
  }));
}

/** Positive where the advantage rose. */
export function stubFeedback(calls: string[] = []): StageSpec<"feedback"> {
  return stageOf("feedback", () => ({
    judge(now, before) {
      calls.push(`feedback.judge ${before.advantages[0]} -> ${now.advantages[0]}`);
      const signs = Int8Array.from(now.advantages, (a, i) => Math.sign(a - before.advantages[i]!));
      return { signs, strengths: new Float32Array(signs.length), words: () => "as it is" };
    },
    dispose: () => void calls.push("feedback.dispose"),
  }));
}

/** A pipeline of stubs that all write into one list of calls. */
export function stubPipeline(calls: string[], changes: Partial<PipelineDefinition> = {}) {
  return definePipeline({
    name: "stubs",
    env: stubEnv({ calls }),
    teacher: stubTeacher(calls),
    student: stubStudent(calls),
    advantage: stubAdvantage(calls),
    feedback: stubFeedback(calls),
    ...changes,
    schedule: { iterations: 1, envs: 1, steps: 3, ...changes.schedule },
    evaluation: { episodes: 1, states: 1, ...changes.evaluation },
  });
}
