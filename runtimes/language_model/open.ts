/** Opens a model where and how its user wants it to run. */
import { type LanguageModel, openLanguageModel } from "./language_model.ts";
import { openLanguageModelPool } from "./pool.ts";
import { RUNTIMES } from "./runtimes.ts";
import { openLanguageModelInWorker, type WorkerOptions } from "./worker_model.ts";

/** Options of {@linkcode openLanguageModelFor}. */
export interface WhereOptions extends WorkerOptions {
  /** Whether the caller's thread shall stay free. */
  readonly worker?: boolean;
}

/**
 * Opens a model in this thread or in workers: what several threads of a runtime are, that runtime
 * says ({@linkcode LanguageModelRuntime.severalThreads}).
 *
 * @throws TandemError E_MODEL, E_TOKENIZER, E_OPTION or E_DEVICE.
 */
export function openLanguageModelFor(
  dir: string,
  { worker = false, ...options }: WhereOptions,
): Promise<LanguageModel> {
  const { runtime = "web", threads = 1 } = options;
  const place = threads > 1 ? RUNTIMES[runtime].severalThreads : "here";
  if (place === "workers") {
    return openLanguageModelPool(dir, { ...options, threads: 1, workers: threads });
  }
  return worker || place === "worker"
    ? openLanguageModelInWorker(dir, { ...options, threads })
    : openLanguageModel(dir, { ...options, threads });
}
