/**
 * Trials a second through the queue, with trials that do nothing: what a cluster can hand out and take
 * in. Needs `nats-server`.
 *
 *     deno run --allow-read --allow-write=/tmp --allow-run=nats-server --allow-net=127.0.0.1 --allow-env \
 *       bench/cluster.ts [TRIALS]
 */
import { serve } from "../experiments/cluster/serve.ts";
import type { Machine } from "../experiments/cluster/machine.ts";
import { Running, tellOn } from "../experiments/cluster/worker_state.ts";
import { trialKey } from "../lab/store.ts";
import { NO_SETTINGS } from "../runtimes/nats/settings.ts";
import { TrialQueue } from "../runtimes/nats/trial_queue.ts";
import { Server } from "../tests/experiments/cluster/machines.ts";
import { contentOfSeed, recordOf } from "../tests/experiments/cluster/messages.ts";

const TRIALS = Number(Deno.args[0] ?? 5000);
const LANES = 128;
const FIT = "bench";

const folder = await Deno.makeTempDir({ dir: "/tmp" });
const server = new Server(folder);
await server.start();
try {
  const [coordinator, worker] = await Promise.all(
    ["coordinator", "worker"].map((name) => TrialQueue.open(server.address, NO_SETTINGS, name)),
  );
  const contents = new Map(
    Array.from({ length: TRIALS }, (_, seed) => contentOfSeed(seed)).map((
      content,
    ) => [trialKey(content), content]),
  );
  const keys = [...contents.keys()];
  const stop = new AbortController();
  const started = performance.now();
  const state = new Running({ id: "bench", host: "bench", machine: {} as Machine, jobs: LANES });
  const telling = tellOn(worker!, state, stop.signal);
  const serving = serve({
    queue: worker!,
    machineClass: FIT,
    id: "bench",
    jobs: LANES,
    settings: NO_SETTINGS,
    device: "cpu",
    limits: { longest: 60, still: 60 },
    lane: () => ({
      run: ({ content }) =>
        Promise.resolve({ type: "done", record: recordOf(content), states: {} }),
      giveUp: () => Promise.resolve(true),
      end: () => {},
    }),
    warn: console.error,
    signal: stop.signal,
    onStart: (trial, iteration) => state.started(trial, iteration),
    onIteration: (trial, iteration) => state.iterated(trial, iteration),
    onEnd: (trial, how) => state.ended(trial, how),
  });
  const put = (async () => {
    for (let k = 0; k < keys.length; k += 256) {
      await Promise.all(
        keys.slice(k, k + 256).map((key) => {
          const body = { plan: "bench", name: "empty", content: contents.get(key) };
          return coordinator!.put(FIT, key, body);
        }),
      );
    }
  })();
  const missing = new Set(keys);
  for await (const { key } of coordinator!.results((key) => missing.has(key), stop.signal)) {
    missing.delete(key);
    if (missing.size === 0) break;
  }
  await put;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${TRIALS} empty trials in ${seconds.toFixed(2)} s: ${Math.round(TRIALS / seconds)} a second, ${
      (1000 * seconds / TRIALS).toFixed(2)
    } ms each`,
  );
  stop.abort();
  await Promise.all([serving, telling]);
  await Promise.all([coordinator!.close(), worker!.close()]);
} finally {
  await server.kill();
  await Deno.remove(folder, { recursive: true });
}
