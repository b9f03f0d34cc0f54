/**
 * A thread that runs trials, one after the other. It needs no permission that the main thread does
 * not have, and writes nothing: what a trial came to goes back as a message.
 */
import { createContext, type DeviceChoice } from "../core/context.ts";
import { TandemError } from "../core/errors.ts";
import type { TandemEvent } from "../core/events.ts";
import { pipelineFromJson } from "../core/pipeline.ts";
import { runPipeline } from "../core/scheduler.ts";
import type { TrialContent } from "../lab/store.ts";
import { summarise } from "../lab/summary.ts";
import { type TrialRecord, TrialRecorder } from "../lab/trial.ts";
import { catalogFor } from "./catalog.ts";

/** What the main thread says. */
export type ToWorker =
  | { readonly type: "run"; readonly content: TrialContent; readonly sandbox: boolean }
  | { readonly type: "stop" };

/** What the worker says. */
export type FromWorker =
  | { readonly type: "iterated"; readonly iteration: number }
  | { readonly type: "done"; readonly record: TrialRecord }
  | { readonly type: "failed"; readonly code: string | null; readonly message: string }
  /** Asked to stop, it gave the trial up. */
  | { readonly type: "stopped" };

// The types of this project are those of a main thread.
const host = self as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};
const stop = new AbortController();

host.onmessage = ({ data }) => {
  if (data.type === "stop") stop.abort();
  else run(data.content, data.sandbox).then((answer) => host.postMessage(answer));
};

async function run(content: TrialContent, sandbox: boolean): Promise<FromWorker> {
  const recorder = new TrialRecorder();
  const emit = (event: TandemEvent) => {
    recorder.see(event);
    if (event.type !== "iteration.ended") return;
    host.postMessage({ type: "iterated", iteration: event.iteration });
  };
  try {
    const { seed } = content;
    const device = content.device as DeviceChoice;
    const pipeline = await pipelineFromJson(content.pipeline, await catalogFor(sandbox));
    const started = performance.now();
    const context = createContext({ seed, device, emit, signal: stop.signal });
    const result = await runPipeline(pipeline, context);
    if (result.stopped) return { type: "stopped" };
    const summary = summarise(result, {
      pipeline,
      seed,
      device,
      level: result.level,
      wallSeconds: (performance.now() - started) / 1000,
      floor: result.floor.rate,
      ceiling: result.ceiling?.rate ?? null,
    });
    return { type: "done", record: recorder.finish(summary) };
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
