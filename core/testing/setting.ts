/** What a plugin is checked in: a small world, a seed, and a way to count what it leaves behind. */
import { createContext, type DeviceChoice } from "../kit/context.ts";
import { exactJson, parseExactJson } from "../kit/packing.ts";
import type { StageSpec, Wirings } from "../pipeline/plugin.ts";
import { Pcg64 } from "../kit/random.ts";
import { randomActions } from "../kit/tensors.ts";
import type {
  Env,
  MaybePromise,
  Observations,
  Pluggables,
  PluginKind,
  StageState,
  Stateful,
} from "../stages/mod.ts";
import { type Findings, same } from "./findings.ts";

/** What the checks of this folder take. */
export interface CheckSetting {
  /** A small environment, such as the corridor; a plugin of the stage env is its own world. */
  readonly world: StageSpec<"env">;
  /** Seed of all that is drawn; 0 unless told. */
  readonly seed?: number;
  /** Where tensors are computed; "cpu" unless told. */
  readonly device?: DeviceChoice;
  /** Counts living tensors, such as `() => tf.memory().numTensors`. */
  readonly liveTensors?: () => number;
}

/** Environments in a check. */
export const ENVS = 4;

/** Environments in a measurement, which differ in number from those of training. */
export const OTHER_ENVS = 3;

/** Steps of each part of a script. */
export const STEPS = 12;

/** Makes a stage as a run would. */
export async function make<K extends PluginKind>(
  stage: StageSpec<K>,
  wiring: Wirings[K],
  { seed = 0, device = "cpu" }: Pick<CheckSetting, "seed" | "device">,
): Promise<Pluggables[K]> {
  return await stage.create(createContext({ seed, device }), wiring);
}

/** Seeds of the worlds in a check. */
export function seedsFor(envs: number): Int32Array {
  return Int32Array.from({ length: envs }, (_, i) => 100 + i);
}

/** The two halves of a script that a stage is put through. */
export type Part = 1 | 2;

/** Puts a stage through a part of a script, the same each time; gives all that it answered. */
export type Play<S> = (made: S, part: Part) => MaybePromise<unknown>;

/**
 * Whether a stage does the same twice under one seed, and whether `save` and `load` hold all that it
 * remembers.
 */
export async function checkRepeatable<S extends Stateful>(
  findings: Findings,
  create: () => Promise<S>,
  play: Play<S>,
): Promise<void> {
  const [one, other, fresh] = [await create(), await create(), await create()];
  const alike = same(await play(one, 1), await play(other, 1));
  findings.expect(alike, "Two instances under one seed do not answer the same.");
  findings.expect(
    (one.save === undefined) === (one.load === undefined),
    `It has ${one.save ? "save but no load" : "load but no save"}: a run could not be resumed.`,
  );
  const saved = written(await one.save?.());
  const next = await play(one, 2);
  findings.expect(
    !alike || same(next, await play(other, 2)),
    "Saving it changes what it does afterwards.",
  );
  if (saved && fresh.load) {
    await findings.attempt("load()", () => fresh.load!(saved));
    const resumed = await findings.attempt("A loaded instance", () => play(fresh, 2));
    findings.expect(
      same(next, resumed),
      "Loaded from what it saved, it does not go on the same: something is not saved.",
    );
  } else if (!one.save) {
    // What never reset may fail: that too is something it would have had to remember.
    const restarted = await Promise.resolve().then(() => play(fresh, 2)).catch(() => undefined);
    findings.expect(
      same(next, restarted),
      "It remembers something from step to step and has no save: a run could not be resumed.",
    );
  }
  for (const made of [one, other, fresh]) {
    await findings.attempt("dispose()", () => made.dispose?.());
  }
}

/** A state as it comes back from a checkpoint. */
function written(state: StageState | undefined): StageState | undefined {
  return state && {
    json: parseExactJson(exactJson(state.json)),
    arrays: structuredClone(state.arrays),
  };
}

/** A world's observations under actions that are always the same. */
export function* script(world: Env, seed: number): Generator<Observations, never, void> {
  const random = new Pcg64(seed);
  let observations = world.reset(seedsFor(world.spec.envs));
  for (;;) {
    yield observations;
    observations = world.step(randomActions(random, world.spec, observations)).observations;
  }
}

/** Whether a stage gives back all tensors, and holds no more the longer it works. */
export async function checkLeaks<S extends Stateful>(
  findings: Findings,
  { liveTensors }: CheckSetting,
  create: () => Promise<S>,
  work: (made: S) => MaybePromise<unknown>,
): Promise<void> {
  if (!liveTensors) return;
  const before = liveTensors();
  const made = await create();
  await work(made);
  const once = liveTensors();
  await work(made);
  const grown = liveTensors() - once;
  findings.expect(grown <= 0, `It holds ${grown} tensors more after working again: it leaks.`);
  await made.dispose?.();
  const left = liveTensors() - before;
  findings.expect(left <= 0, `It leaves ${left} tensors behind when it is disposed of.`);
}
