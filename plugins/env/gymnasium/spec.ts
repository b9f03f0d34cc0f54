/** What Gymnasium's environments look like, as a spec. */
import { type Box, type EnvSpec, type Space, type Spaces, TandemError } from "@tandem/core";
import { box, discrete, multiDiscrete } from "@tandem/core/kit";
import { ACTION_TEXTS } from "../babyai/env.ts";
import { MISSION_WORDS } from "../babyai/mission_words.ts";
import type { Hello, HelloTensor } from "./hello.ts";
import type { GymnasiumOptions } from "../options.ts";

/** What of the options the spec is made of. */
type SpecOptions =
  & Pick<
    GymnasiumOptions,
    "actions" | "missionWords" | "rewardThreshold"
  >
  & { readonly id: string };

/**
 * The spec of N environments.
 *
 * @throws {TandemError} E_OPTION where there are other actions than names.
 */
export function specOf(hello: Hello, options: SpecOptions, envs: number): EnvSpec {
  const { action, maxSteps } = hello;
  const threshold = options.rewardThreshold ?? hello.rewardThreshold ?? undefined;
  return {
    id: options.id,
    envs,
    observation: observationOf(hello.tensors),
    actions: action.kind === "discrete" ? actionNames(hello, action.n, options) : [],
    ...action.kind === "box" && { actionBox: boxOf(action) },
    missionWords: options.missionWords ?? wordsOf(hello),
    maxSteps,
    ...threshold !== undefined && { rewardThreshold: threshold },
    autoreset: "same-step",
  };
}

function observationOf(tensors: readonly HelloTensor[]): Spaces {
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, spaceOf(tensor)]));
}

function spaceOf(tensor: HelloTensor): Space {
  switch (tensor.kind) {
    case "discrete":
      return discrete(tensor.n);
    case "multi-discrete":
      return multiDiscrete(tensor.nvec);
    case "grid":
      return multiDiscrete(tensor.nvec, { layout: "grid", channels: tensor.channels });
    case "box":
      return boxOf(tensor);
  }
}

/** A Box; where there is no bound it is infinite. */
function boxOf(
  { shape, low, high }: Pick<HelloTensor & { kind: "box" }, "shape" | "low" | "high">,
): Box {
  const each = (bound: typeof low, none: number) =>
    Array.isArray(bound) ? bound.map((one) => one ?? none) : bound ?? none;
  return box({ shape, low: each(low, -Infinity), high: each(high, Infinity) });
}

function wordsOf({ isBabyAI, missionWords }: Hello): readonly string[] {
  return isBabyAI ? MISSION_WORDS : missionWords ?? [];
}

/** The names that were told, those of BabyAI-Text for Minigrid's, the environment's own, or numbers. */
function actionNames(hello: Hello, n: number, { actions, id }: SpecOptions): readonly string[] {
  if (actions && (actions.length !== n || new Set(actions).size !== n)) {
    throw new TandemError(
      "E_OPTION",
      `The option actions of env.gymnasium has "${actions.length}" names; right would be ` +
        `${n} different ones, for the actions of "${id}".`,
    );
  }
  const isMinigrid = hello.tensors.some(({ kind }) => kind === "grid");
  if (actions ?? (isMinigrid && n === ACTION_TEXTS.length)) return actions ?? ACTION_TEXTS;
  return hello.actionNames ?? Array.from({ length: n }, (_, k) => `action ${k}`);
}
