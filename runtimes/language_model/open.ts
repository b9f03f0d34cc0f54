/** Opens a model where and how its user wants it to run. */
import { type LanguageModel, openLanguageModel } from "./language_model.ts";
import { openLanguageModelPool } from "./pool.ts";
import { openLanguageModelInWorker, type WorkerOptions } from "./worker_model.ts";

/** Options of {@linkcode openLanguageModelFor}. */
export interface WhereOptions extends WorkerOptions {
  /** Whether the caller's thread shall stay free. */
  readonly worker?: boolean;
}

/**
 * Opens a model in this thread or in workers. The kernels of the runtime "fused" know no threads: for
 * it, `threads` is the number of workers. WASM's threads are started in a worker, which can be ended
 * should they wait for each other for ever.
 *
 * @throws TandemError E_MODEL, E_TOKENIZER, E_OPTION or E_DEVICE.
 */
export function openLanguageModelFor(
  dir: string,
  { worker = false, ...options }: WhereOptions,
): Promise<LanguageModel> {
  const { runtime = "web", threads = 1 } = options;
  if (runtime === "fused" && threads > 1) {
    return openLanguageModelPool(dir, { ...options, threads: 1, workers: threads });
  }
  const waits = runtime === "web" && threads > 1;
  return worker || waits
    ? openLanguageModelInWorker(dir, { ...options, threads })
    : openLanguageModel(dir, { ...options, threads });
}
