import { Command } from "@commander-js/extra-typings";
import { systemClock } from "../core/kit/context.ts";
import { outsideReason } from "../core/base/outside.ts";
import { readClusterSettings } from "../runtimes/nats/settings.ts";
import type { TrialQueue } from "../runtimes/nats/trial_queue.ts";
import { statusText } from "./cluster_status.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { print, printPainted } from "./print.ts";
import { canDraw } from "./terminal.ts";

/** Milliseconds between two looks. */
const LOOK = 1000;

/**
 * How the cluster stands, in words.
 *
 * @param live Whether a server that is away is waited for.
 * @throws {TandemError} E_CLUSTER
 */
async function look(queue: TrialQueue, live: boolean): Promise<string> {
  try {
    return statusText(await queue.status(), Date.now());
  } catch (error) {
    const { clusterError, lastingFailure } = await import("../runtimes/nats/failures.ts");
    if (!live || lastingFailure(error)) throw clusterError(error);
    return `The server is away: ${outsideReason(error)}.`;
  }
}

/** `cluster status`: what stands on a cluster, live on a terminal. */
export function clusterCommand(exit: (status: number) => void) {
  const status = new Command("status")
    .description("show plans, workers, trials, failures and the time left; live on a terminal")
    .requiredOption("--cluster <address>", "the NATS server, nats://HOST:4222")
    .option("--cluster-settings <file>", "token, credentials, TLS and the like, in JSON")
    .option("--once", "print it once", false)
    .action(async ({ cluster, clusterSettings, once }) => {
      const { TrialQueue } = await import("../runtimes/nats/trial_queue.ts");
      const queue = await TrialQueue.open(
        cluster,
        readClusterSettings(clusterSettings),
        "tandem status",
        "observe",
      );
      const stop = new AbortController();
      const live = !once && canDraw("stdout");
      const giveBack = stopOnInterrupt(stop, () => {});
      try {
        do {
          const text = await look(queue, live);
          if (live) printPainted(`\x1b[H\x1b[2J`);
          print(live ? `${text}\n\nCtrl-C ends.` : text);
          if (live) await systemClock.sleep(LOOK, stop.signal);
        } while (live && !stop.signal.aborted);
      } finally {
        giveBack();
        await queue.close();
      }
      exit(0);
    });
  return new Command("cluster")
    .description("look at a cluster: deno task cluster status --cluster nats://HOST:4222")
    .addCommand(status);
}
