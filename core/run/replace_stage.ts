/** Puts another stage in the place of a running one. */
import type { Checkpoint, CheckpointKeeper } from "./checkpoint.ts";
import { TandemError } from "../base/errors.ts";
import type { EventSink } from "../stages/events.ts";
import type { StepOfRun } from "./result.ts";
import type { StageSpec, Wirings } from "../pipeline/plugin.ts";
import type { MaybePromise, RunPart, Stages, Stateful, StateName, Student } from "../stages/mod.ts";
import type { StageChoice } from "../pipeline/pipeline.ts";
import type { StageScope } from "./stage_scope.ts";
import { expectAchieved, expectReplayTaken } from "./parts/extra_fit.ts";

/** A stage that shall take the place of a running one. */
export interface Replacement {
  /** Which of the running stages. */
  readonly name: StateName;
  /** Loads it. */
  load(): MaybePromise<StageSpec>;
}

/** What a run is at: an iteration, a measurement on held-out worlds, or its end. */
export type Phase = "train" | "measure" | "end";

/** What may be done to a run from outside. */
export interface RunHooks {
  /** Asked before each iteration. What cannot be loaded or put in is told as a warning. */
  replacements?(): MaybePromise<readonly Replacement[]>;
  /** Where the run goes on, in place of its start. */
  readonly resume?: Checkpoint;
  /** Keeps checkpoints; where the run is stopped, one is kept in any case. */
  readonly checkpoints?: CheckpointKeeper;
  /** Told what the run is about to do, whenever that changes. */
  onPhase?(phase: Phase): void;
  /** Whether a run whose numbers break falls back to its last checkpoint; true where absent. */
  readonly fallsBack?: boolean;
  /** Where the feedback rule is no longer asked and abstains, as in the run that this one repeats. */
  readonly abstainFrom?: StepOfRun;
  /** What the plan is known by on whose test worlds the run is measured, once, at its end; on none where absent. */
  readonly testPlan?: string;
}

/** Puts new stages in the place of running ones; where one does not fit, the old one stays. */
export async function replaceStages(
  replacements: readonly Replacement[],
  stages: { replace(name: StateName, stage: StageSpec): Promise<void> },
  emit: EventSink,
): Promise<void> {
  for (const { name, load } of replacements) {
    let message = `The ${name} is another one from here on.`;
    try {
      await stages.replace(name, await load());
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      const why = error.message.replace(/[^.]$/, "$&.");
      message = `${why} The ${name} stays as it was.`;
    }
    emit({ type: "warning", code: "W_NOTE", message });
  }
}

/** What a stage is replaced in. */
export interface Replacing {
  /** The running stages, which are written to. */
  readonly live: Stages;
  readonly extras: Record<string, RunPart>;
  readonly scope: StageScope;
  readonly wiring: Wirings["student"];
  /** What the running stages were chosen as. */
  readonly chosen: StageChoice;
}

/**
 * Makes the new stage, hands the old one's state on where both have one, and disposes of the old one.
 *
 * @throws {TandemError} E_WIRING where the run cannot go on with it; what the plugin throws
 * otherwise. The old stage stays then.
 */
export async function replaceStage(
  replacing: Replacing,
  name: StateName,
  stage: StageSpec,
): Promise<void> {
  const { live, extras, scope, wiring, chosen } = replacing;
  const key = name.startsWith("extra.") ? name.slice("extra.".length) : undefined;
  const running = (key === undefined ? live : extras) as Record<string, Stateful>;
  const place = key ?? name;
  const before = running[place]!;
  if (name === "env") refuse("an env is not replaced while it is played");
  if (stage.usesOracle && !(chosen as Record<string, StageSpec | undefined>)[name]?.usesOracle) {
    refuse("it asks the expert, and the one before did not");
  }
  const made = await scope.make(stage as StageSpec<"advantage">, wiring) as Stateful;
  try {
    checkLikeness(before, made);
    checkExtras(replacing, name, stage, made);
    if (before.save && made.load) await made.load(await before.save());
  } catch (error) {
    await scope.discard(made);
    throw error;
  }
  running[place] = made;
  await scope.discard(before);
}

/** What others know of a stage must hold of the one after it. */
function checkLikeness(before: object, after: object): void {
  for (const what of ["grain", "candidates", "needs", "world"] as const) {
    const [old, now] = [before, after].map((stage) => {
      const value = Reflect.get(stage, what);
      return typeof value === "function" ? "a method" : JSON.stringify(value);
    });
    if (old !== now) refuse(`its ${what} differ from those of the one before`);
  }
}

/** What extra stages need of the student and of the env. */
function checkExtras(
  { live, extras, chosen }: Replacing,
  name: StateName,
  stage: StageSpec,
  made: Stateful,
): void {
  if (name === "student") {
    for (const [key, extra] of Object.entries(extras)) {
      expectReplayTaken(key, extra, made as Student, stage.plugin);
    }
  } else if (name.startsWith("extra.")) {
    const own = name.slice("extra.".length);
    expectReplayTaken(own, made as RunPart, live.student, chosen.student.plugin);
    expectAchieved(own, made as RunPart, live.env);
  }
}

function refuse(why: string): never {
  throw new TandemError("E_WIRING", `The run cannot go on with the new plugin: ${why}.`);
}
