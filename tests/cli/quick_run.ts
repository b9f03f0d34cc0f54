/** A run with its folder, as `deno task run` leaves it but for the report, whose drawing takes seconds. */
import { type LogChoice, openRunLogs } from "../../cli/run_logs.ts";
import { createContext } from "../../core/kit/context.ts";
import type { Pipeline } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { stateArrays } from "../../experiments/arrays.ts";
import { CheckpointStore } from "../../lab/checkpoint_store.ts";
import { RunCheckpoints } from "../../lab/run_checkpoints.ts";
import { RunFolder } from "../../lab/run_folder.ts";
import { fingerprint } from "../../lab/saved_run.ts";
import { summarise } from "../../lab/summary.ts";

/** Runs on the processor, and writes the folder. */
export async function quickRun(
  pipeline: Pipeline,
  out: string,
  seed = 0,
  log: readonly LogChoice[] = [],
): Promise<void> {
  const run = { seed, device: "cpu", pipeline: pipeline.toJSON() };
  const about = {
    version: "0.0.0",
    command: "deno task run it.ts",
    startedAt: "2026-01-01T00:00:00Z",
  };
  const config = { ...about, ...run };
  using folder = new RunFolder({ config, out });
  const checkpoints = new RunCheckpoints({
    store: new CheckpointStore(`${out}/checkpoints`, stateArrays),
    run: fingerprint(config),
    secondsBefore: 0,
    syncEvents: () => folder.syncEvents(),
    warn: (sentence) => {
      throw new Error(sentence);
    },
    now: () => performance.now(),
  });
  const warn = (message: string) => emit({ type: "warning", code: "W_NOTE", message });
  const logs = await openRunLogs(log, { config, folder, warn });
  const emit = (event: TandemEvent) => {
    folder.sink(event);
    logs.sink(event);
  };
  const context = createContext({ seed, device: "cpu", emit });
  const result = await runPipeline(pipeline, context, { checkpoints });
  await logs.end(true);
  const { level } = result;
  const summary = summarise(result, { pipeline, seed, device: "cpu", wallSeconds: 1, level });
  folder.finish(summary, result.states, stateArrays.write);
}
