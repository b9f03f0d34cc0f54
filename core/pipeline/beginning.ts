/** What a stage of a pipeline begins with, and whether it learns on: beside its plugin and its options. */
import * as v from "valibot";
import { TandemError } from "../base/errors.ts";
import type { Context } from "../kit/context.ts";
import type { Pcg64 } from "../kit/random.ts";
import {
  type PluginKind,
  STAGE_KINDS,
  type StageSource,
  type Stateful,
  type StateName,
  type Student,
  type Teacher,
  type Trait,
} from "../stages/mod.ts";
import { withContract } from "./contract.ts";
import { beginWith } from "./learned_fit.ts";
import { option } from "./options.ts";
import type { StageJson, StageSpec, Wirings } from "./stage.ts";

/** What stands in a stage's JSON beside its plugin and its options. */
export type Beginning = Pick<StageSpec, "from" | "frozen">;

/** The longest name of a run. */
const NAME = 1000;

const STATE_NAME = v.custom<StateName>(
  (name) =>
    STAGE_KINDS.some((kind) => kind === name) ||
    typeof name === "string" && /^extra\.[\w-]{1,64}$/.test(name),
  "Expected the name of a stage",
);

const run = v.pipe(v.string(), v.nonEmpty("Expected a run's folder"), v.maxLength(NAME));

/** A run, by its folder alone or with what is known of it besides. */
export const SOURCE: v.GenericSchema<string | StageSource, StageSource> = v.pipe(
  v.union([
    run,
    v.strictObject({
      run,
      stage: v.optional(STATE_NAME),
      sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "Expected a SHA-256"))),
    }),
  ], "Expected a run's folder, as runs/ID"),
  v.transform((source): StageSource => typeof source === "string" ? { run: source } : source),
);

/** Entries of a stage's JSON, which may be set as options are. */
export const BEGINNING = {
  from: option(
    "The folder of a run: begins with what the stage of the same kind had learned there; with @best behind it, where success was highest.",
    SOURCE,
  ),
  frozen: option("Whether it learns nothing any more.", v.boolean()),
} as const;

/** Whether a stage of a kind can have a beginning. */
export function canBegin(kind: PluginKind, what: keyof Beginning): boolean {
  if (what === "frozen") return kind === "teacher" || kind === "student";
  return kind !== "env" && kind !== "channel";
}

/**
 * The stage, which begins with what that of an earlier run had learned. Its random streams are those of
 * the run that it is part of, and what was under way in the earlier one is forgotten.
 *
 * Who runs the pipeline must be able to read runs: `deno task run`, or a context with `learned`.
 *
 * @param source The run's folder, relative to the working directory; undefined for a stage that begins
 * anew.
 * @throws {TandemError} E_WIRING for a kind of stage that learns nothing that lasts.
 * @example
 * ```ts
 * import { definePlugin, startingFrom } from "@tandem/core";
 * import assert from "node:assert/strict";
 * const create = () => ({ estimate: () => ({ advantages: new Float32Array(0), targets: new Float32Array(0) }) });
 * const zero = definePlugin({ kind: "advantage", name: "zero", description: "A = 0.", options: {}, create });
 * assert.deepEqual(startingFrom(zero(), "runs/first").toJSON(), {
 *   plugin: "zero",
 *   options: {},
 *   from: { run: "runs/first" },
 * });
 * ```
 */
export function startingFrom<K extends PluginKind, T extends Trait>(
  stage: StageSpec<K, T>,
  source: string | StageSource | undefined,
): StageSpec<K, T> {
  const from = typeof source === "string" ? { run: source } : source;
  return beginning(stage, { from, frozen: stage.frozen });
}

/**
 * The teacher or the student, which learns nothing any more: verdicts, or rollouts, do not reach it.
 */
export function frozen<K extends "teacher" | "student", T extends Trait>(
  stage: StageSpec<K, T>,
): StageSpec<K, T> {
  return beginning(stage, { from: stage.from, frozen: true });
}

/** The stage with just this beginning, whatever it had before. */
export function beginning<K extends PluginKind, T extends Trait>(
  stage: StageSpec<K, T>,
  { from, frozen }: Beginning,
): StageSpec<K, T> {
  const bare = bareOf(stage);
  if (!from && !frozen) return bare;
  expectKind(bare, from, frozen);
  return withContract({
    ...bare,
    ...from && { from },
    ...frozen && { frozen },
    [BARE]: bare,
    with: (more: StageSpec["options"]) => beginning(bare.with(more), { from, frozen }),
    create: async (context: Context, wiring: Wirings[K]) => {
      const streams: Pcg64[] = [];
      const random = (name: string) => {
        const stream = context.random(name);
        streams.push(stream);
        return stream;
      };
      const made = await bare.create(from ? { ...context, random } : context, wiring);
      try {
        if (from) await beginWith({ stage: bare, from, context, wiring, made, streams });
      } catch (error) {
        await (made as Stateful).dispose?.();
        throw error;
      }
      return frozen ? unlearning(bare, made) : made;
    },
    toJSON: (): StageJson => ({
      ...bare.toJSON(),
      ...from && { from },
      ...frozen && { frozen },
    }),
  });
}

/** The stage as its plugin gives it. */
const BARE = Symbol.for("tandem.stage without beginning");

function bareOf<K extends PluginKind, T extends Trait>(stage: StageSpec<K, T>): StageSpec<K, T> {
  return (stage as { [BARE]?: StageSpec<K, T> })[BARE] ?? stage;
}

/** @throws {TandemError} E_WIRING */
function expectKind(
  { kind, plugin }: Pick<StageSpec, "kind" | "plugin">,
  from: StageSource | undefined,
  frozen: boolean | undefined,
): void {
  if (frozen && !canBegin(kind, "frozen")) {
    throw new TandemError(
      "E_WIRING",
      `The ${kind} "${plugin}" cannot be frozen; a teacher or a student can.`,
    );
  }
  if (!from || canBegin(kind, "from")) return;
  const why = kind === "env" ? "its worlds are the run's own" : "its teacher can";
  throw new TandemError(
    "E_WIRING",
    `The ${kind} "${plugin}" cannot begin with what one of "${from.run}" had learned: ${why}.`,
  );
}

/** The same stage, with methods that teach it nothing. */
function unlearning<T extends object>({ kind }: Pick<StageSpec, "kind">, made: T): T {
  const nothing: Partial<Record<PluginKind, Partial<Teacher & Student>>> = {
    teacher: { receive: () => {} },
    student: { learn: () => ({}), practise: () => ({}) },
  };
  const instead = nothing[kind]!;
  const known = new Map<unknown, unknown>();
  return new Proxy(made, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (Object.hasOwn(instead, name)) return instead[name as keyof typeof instead];
      // A method of a class must be called on what has its private fields.
      if (!known.has(member)) known.set(member, member.bind(target));
      return known.get(member);
    },
  });
}
