/** A plain single environment, as Gymnasium has them, as N environments that step together. */
import type { Pcg64 } from "./random.ts";
import { floatsAt } from "./actions.ts";
import { TandemError } from "../base/errors.ts";
import { type Row, VectorSteps } from "./steps.ts";
import type { Env, EnvSpec, Oracle, Space, Spaces } from "../stages/mod.ts";

/** An observation as a plain env gives it: numbers of each space, row-major; one number of a discrete one. */
export type Observed<S extends Spaces> = {
  readonly [Name in keyof S]: S[Name] extends { kind: "discrete" } ? number : ArrayLike<number>;
};

/** What a step of one environment came to. */
export interface Step<O> {
  /** What is seen now. */
  readonly observation: O;
  /** r_tp1; 0 at an episode's start. */
  readonly reward: number;
  /** How the episode ended; absent where it goes on. */
  readonly ends?: "terminated" | "truncated";
}

/** The first step of an episode. */
export function restart<O>(observation: O): Step<O> {
  return { observation, reward: 0 };
}

/** A step after which the episode goes on. */
export function transition<O>(observation: O, reward = 0): Step<O> {
  return { observation, reward };
}

/** A step by which the task ended the episode: no value follows. */
export function termination<O>(observation: O, reward = 0): Step<O> {
  return { observation, reward, ends: "terminated" };
}

/** A step after which the episode is cut: value would have followed. The step limit needs none. */
export function truncation<O>(observation: O, reward = 0): Step<O> {
  return { observation, reward, ends: "truncated" };
}

/**
 * One environment. All that it remembers stands in `state`, as JSON: read where a run is saved, and
 * assigned where it goes on.
 *
 * @template S The spaces that it shows.
 * @template A An action: an index into the names, or floats of the action box.
 */
export interface World<S extends Spaces, A = number> {
  /** All that it remembers, as JSON. */
  state: unknown;
  /** Starts an episode; all that chance decides comes from `random`. */
  reset(random: Pcg64): Step<Observed<S>>;
  /** Applies an action. */
  step(action: A, random: Pcg64): Step<Observed<S>>;
  /** The expert's action now, where there is an expert; -1 where it has none. */
  expert?(): number;
  /** Whether an action is the expert's or as good as it; only the expert's is unless told. */
  isRight?(action: number): boolean;
  /** What is asked in this episode, where that is not the same in all. */
  mission?(): string;
  /** What the last step achieved, each thing as a goal in the words of missions. */
  achieved?(): readonly string[];
  /** Which actions are legal now, for `legalActions`; one flag an action. */
  legal?(): ArrayLike<number | boolean>;
}

/** What {@linkcode vectorise} takes. */
export interface WorldOptions<S extends Spaces, A> extends
  Pick<
    EnvSpec,
    | "id"
    | "maxSteps"
    | "actionKinds"
    | "actionBox"
    | "legalActions"
    | "guidance"
    | "reference"
    | "rewardThreshold"
  > {
  /** What an observation holds, by the names of its tensors. */
  readonly observation: S;
  /** Names of the actions; none where there is an action box. */
  readonly actions?: readonly string[];
  /** What is asked of the agent, where worlds do not say it themselves; nothing unless told. */
  readonly mission?: string;
  /** Words that missions are made of, where worlds say them. */
  readonly missionWords?: readonly string[];
  /** Makes one environment; called N times. */
  make(): World<S, A>;
  /** What an observation says in words, one sentence a thing seen. */
  text(observation: Row<S>): readonly string[];
}

/**
 * N copies of a plain environment, stepped together: finals, the step limit, the beginning of the next
 * episode, saving and loading are done here.
 *
 * @param envs N.
 * @example A lamp that has to be switched on.
 * ```ts
 * import { discrete } from "@tandem/core/kit";
 * import { restart, termination, transition, vectorise } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const lamps = vectorise({
 *   id: "Lamp-v0",
 *   observation: { lamp: discrete(2) },
 *   actions: ["wait", "switch"],
 *   maxSteps: 5,
 *   text: ({ lamp }) => [lamp[0] === 1 ? "The lamp is on" : "The lamp is off"],
 *   make: () => ({
 *     state: null,
 *     reset: () => restart({ lamp: 0 }),
 *     step: (action) => action === 1 ? termination({ lamp: 1 }, 1) : transition({ lamp: 0 }),
 *   }),
 * }, 2);
 * lamps.reset([1, 2]);
 * const { rewards, terminated, finals } = lamps.step(Int32Array.of(0, 1));
 * assert.deepEqual([[...rewards], [...terminated]], [[0, 1], [0, 1]]);
 * assert.deepEqual(finals.text(1), ["The lamp is on"]);
 * ```
 */
export function vectorise<S extends Spaces, A = number>(
  options: WorldOptions<S, A>,
  envs: number,
): Env {
  const { make, text, mission = "", actions = [], ...rest } = options;
  const missionWords = rest.missionWords ??
    [...new Set(mission.toLowerCase().match(/[a-z]+/g) ?? [])];
  const spec = { ...rest, envs, actions, missionWords, autoreset: "same-step" as const };
  const worlds = Array.from({ length: envs }, make);
  const achieved = new Array<readonly string[]>(envs).fill([]);
  const steps = new VectorSteps<S>(spec, {
    mission: worlds[0]?.mission ? (i) => worlds[i]!.mission!() : mission,
    text,
    begin: (row, random, i) => write(spec, row, worlds[i]!.reset(random).observation),
    legal: (_row, out, i) => out.set(Array.from(worlds[i]!.legal!(), Number)),
  });
  return {
    spec,
    reset: (seeds) => steps.reset(seeds),
    step(taken) {
      for (let i = 0; i < envs; i++) {
        const action = spec.actionBox ? floatsAt(spec, taken, i) : steps.actionOf(taken, i);
        const { observation, reward, ends } = worlds[i]!.step(action as A, steps.randomOf(i));
        write(spec, steps.rows[i]!, observation);
        achieved[i] = worlds[i]!.achieved?.() ?? [];
        if (ends === "terminated") steps.termination(i, reward);
        else if (ends === "truncated") steps.truncation(i, reward);
        else steps.transition(i, reward);
      }
      return steps.answer;
    },
    ...worlds[0]?.expert && { oracle: oracleOf(worlds) },
    ...worlds[0]?.achieved && { achieved: (i: number) => achieved[i]! },
    save() {
      const { json, arrays } = steps.save();
      return {
        json: { random: json, worlds: worlds.map(({ state }) => structuredClone(state)) },
        arrays,
      };
    },
    load({ json, arrays }) {
      const saved = json as { random: unknown; worlds: readonly unknown[] };
      worlds.forEach((world, i) => world.state = structuredClone(saved.worlds[i]));
      steps.load({ json: saved.random, arrays });
    },
  };
}

function oracleOf(worlds: readonly Pick<World<Spaces>, "expert" | "isRight">[]): Oracle {
  const action = (i: number) => worlds[i]!.expert!();
  return { action, isRight: (i, taken) => worlds[i]!.isRight?.(taken) ?? taken === action(i) };
}

/** Writes what a world gave into its row. */
function write<S extends Spaces>(
  { observation: spaces, id }: Pick<EnvSpec, "id" | "observation">,
  row: Row<S>,
  observed: Observed<S>,
): void {
  for (const name in row) {
    const value = observed[name] as number | ArrayLike<number> | undefined;
    const to = row[name];
    const length = typeof value === "number" ? 1 : value?.length;
    if (length !== to.length) throw wrongShape(id, name, spaces[name]!, length);
    if (typeof value === "number") to[0] = value;
    else to.set(value!);
  }
}

function wrongShape(id: string, name: string, { shape }: Space, found?: number): TandemError {
  const given = found === undefined ? "is not there" : `has "${found}" numbers`;
  const right = shape.join(" x ") || 1;
  const message = `The observation "${name}" of "${id}" ${given}; right would be ${right}.`;
  return new TandemError("E_SHAPE", message, { stage: "env" });
}
