/**
 * A thread that runs trials, one after the other. It needs no permission that the main thread does
 * not have, and writes nothing: what a trial came to goes back as a message.
 */
import type { Checkpoint, CheckpointKeeper } from "../core/run/checkpoint.ts";
import { createContext, type DeviceChoice } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import type { TandemEvent } from "../core/stages/events.ts";
import type { FindLearned, Learned, StateName } from "../core/stages/mod.ts";
import type { StageStates } from "../core/run/result.ts";
import { pipelineFromJson } from "../core/pipeline/pipeline.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import {
  type CheckpointFiles,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../lab/checkpoint_file.ts";
import type { TrialContent } from "../lab/store.ts";
import { summarise } from "../lab/summary.ts";
import { type TrialRecord, TrialRecorder } from "../lab/trial.ts";
import { stateArrays } from "./arrays.ts";
import { catalogFor } from "./catalog.ts";
import { keyOf } from "./learned_runs.ts";
import { LoadedModules } from "./loaded_modules.ts";
import { threadSeconds } from "./thread_time.ts";
import { type Guest, guestCatalog } from "./cluster/guest.ts";

/** What the main thread says. */
export type ToWorker =
  | ({ readonly type: "run"; readonly content: TrialContent } & TrialSetting)
  | { readonly type: "stop" };

/** How a trial is run. */
export interface TrialSetting {
  /** Whether feedback rules given by path run in a sandbox. */
  readonly sandbox: boolean;
  /** What it may use where it came as a message; all that one's own may where absent. */
  readonly guest?: Guest;
  /** Where it goes on. */
  readonly saved?: SavedTrial;
  /** What checkpoints are known by to be of this trial, and the seconds between two; none where absent. */
  readonly checkpoints?: { readonly key: string; readonly seconds: number };
  /** What stages begin with, by their sources. */
  readonly learned?: readonly (readonly [source: string, learned: Learned])[];
  /** The states that go back with the answer; none where absent. */
  readonly keeps?: readonly StateName[] | "all";
}

/** A trial that was interrupted: its checkpoint, and what had been recorded, as JSON. */
export interface SavedTrial {
  readonly files: CheckpointFiles;
  readonly record: unknown;
}

/** What the worker says. */
export type FromWorker =
  | { readonly type: "iterated"; readonly iteration: number }
  | { readonly type: "checkpoint"; readonly saved: SavedTrial }
  | { readonly type: "done"; readonly record: TrialRecord; readonly states: StageStates }
  | { readonly type: "failed"; readonly code: string | null; readonly message: string }
  /** Asked to stop, it gave the trial up. */
  | { readonly type: "stopped" };

// The types of this project are those of a main thread.
const host = self as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};
const stop = new AbortController();
const modules = new LoadedModules();

host.onmessage = ({ data }) => {
  if (data.type === "stop") stop.abort();
  else run(data.content, data).then((answer) => host.postMessage(answer));
};

/** Runs a trial; where it cannot go on from what was saved of it, from its start. */
async function run(content: TrialContent, setting: TrialSetting): Promise<FromWorker> {
  const answer = await runOnce(content, setting);
  const isUnfit = setting.saved && answer.type === "failed" && answer.code === "E_CHECKPOINT";
  return isUnfit ? await runOnce(content, { ...setting, saved: undefined }) : answer;
}

async function runOnce(content: TrialContent, setting: TrialSetting): Promise<FromWorker> {
  const { sandbox, saved, guest } = setting;
  const recorder = new TrialRecorder();
  const emit = (event: TandemEvent) => {
    recorder.see(event);
    if (event.type !== "iteration.ended") return;
    host.postMessage({ type: "iterated", iteration: event.iteration });
  };
  try {
    const { seed } = content;
    const device = content.device as DeviceChoice;
    const catalog = guest ? await guestCatalog(guest) : await catalogFor(sandbox);
    const open = () => pipelineFromJson(content.pipeline, catalog);
    // What came as a message loads no module but its rule, which its catalog knows by its content.
    const pipeline = guest
      ? await open()
      : await modules.open(content, sandbox ? content.pipeline.feedback.plugin : undefined, open);
    const began = saved && decodeCheckpoint(saved.files, stateArrays);
    if (saved) takeUp(recorder, saved);
    const started = performance.now() - 1000 * (began?.manifest.seconds ?? 0);
    // What was computed before a checkpoint is not known.
    const used = began ? undefined : threadSeconds();
    const learned = began ? () => undefined : finder(setting);
    const context = createContext({ seed, device, emit, signal: stop.signal, learned });
    const result = await runPipeline(pipeline, context, {
      resume: began?.checkpoint,
      checkpoints: keeperOf(recorder, setting, started),
      testPlan: content.testPlan,
      fallsBack: false, // or the moments of checkpoints would decide what a trial comes to
    });
    if (result.stopped) return { type: "stopped" };
    const summary = summarise(result, {
      pipeline,
      seed,
      device,
      level: result.level,
      wallSeconds: (performance.now() - started) / 1000,
      ...used !== undefined && { processorSeconds: threadSeconds()! - used },
    });
    const states = keptOf(result.states, setting);
    return { type: "done", record: recorder.finish(summary), states };
  } catch (error) {
    if (stop.signal.aborted) return { type: "stopped" };
    const code = error instanceof TandemError ? error.code : null;
    return {
      type: "failed",
      code,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

/** Finds what stages begin with among what came with the trial; no runs can be read here. */
function finder({ learned }: TrialSetting): FindLearned | undefined {
  if (!learned) return undefined;
  const known = new Map(learned);
  return (source) => {
    const found = known.get(keyOf(source));
    if (found) return found;
    throw new TandemError("E_CHECKPOINT", `What "${source.run}" had learned is not here.`);
  };
}

/** Those of the states that are asked for. */
function keptOf(states: StageStates, { keeps = [] }: TrialSetting): StageStates {
  if (keeps === "all") return states;
  return Object.fromEntries(
    keeps.flatMap((name) => states[name] ? [[name, states[name]] as const] : []),
  );
}

/** @throws {TandemError} E_CHECKPOINT where what had been recorded is not as this recorder has it. */
function takeUp(recorder: TrialRecorder, { record }: SavedTrial): void {
  try {
    recorder.load(record);
  } catch (cause) {
    throw new TandemError("E_CHECKPOINT", "What had been recorded cannot be taken up.", { cause });
  }
}

/** Hands checkpoints to the main thread, with what was recorded so far. */
function keeperOf(
  recorder: TrialRecorder,
  { checkpoints }: TrialSetting,
  started: number,
): CheckpointKeeper | undefined {
  if (!checkpoints) return undefined;
  let last = performance.now();
  return {
    isDue: () => performance.now() - last >= 1000 * checkpoints.seconds,
    keep(checkpoint: Checkpoint) {
      const seconds = (performance.now() - started) / 1000;
      const files = encodeCheckpoint(
        checkpoint,
        { run: checkpoints.key, events: 0, seconds },
        stateArrays,
      );
      host.postMessage({ type: "checkpoint", saved: { files, record: recorder.save() } });
      last = performance.now();
    },
  };
}
