import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { hostname } from "node:os";
import { type DeviceChoice, DEVICES } from "../core/kit/context.ts";
import type { Effect } from "../core/pipeline/effects.ts";
import { GUEST_EFFECTS } from "../experiments/cluster/guest.ts";
import { laneOf, type LaneOptions } from "../experiments/cluster/lane.ts";
import { machineClassOf, thisMachine } from "../experiments/cluster/machine.ts";
import { plansIn, refuse, tellRefusals } from "../experiments/cluster/refusals.ts";
import { Running, tellOn } from "../experiments/cluster/worker_state.ts";
import { readClusterSettings } from "../runtimes/nats/settings.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { jobCount, positiveSeconds } from "./parse.ts";
import { printError } from "./print.ts";

/** `worker --cluster URL`: runs trials of the plans that stand on a cluster. */
export function workerCommand(exit: (status: number) => void) {
  return new Command("worker")
    .description("run trials for the comparisons on a cluster, until Ctrl-C")
    .requiredOption("--cluster <address>", "the NATS server, nats://HOST:4222")
    .option("--cluster-settings <file>", "token, credentials, TLS and the like, in JSON")
    .option("--jobs <n>", "trials side by side", jobCount, navigator.hardwareConcurrency)
    .addOption(
      new Option("--device <device>", "where tensors live").choices(DEVICES).default("auto"),
    )
    .option(
      "--checkpoint-seconds <n>",
      "seconds between checkpoints of a trial",
      positiveSeconds,
      30,
    )
    .option(
      "--trial-seconds <n>",
      "seconds after which a trial is put aside",
      positiveSeconds,
      86_400,
    )
    .option(
      "--still-seconds <n>",
      "seconds without a finished iteration after which it is put aside",
      positiveSeconds,
      3600,
    )
    .addOption(
      new Option(
        "--allow-effect <effect>",
        `what trials may do beside computing: ${GUEST_EFFECTS.join(", ")} (repeatable)`,
      ).argParser(effects).default([] as Effect[], "none"),
    )
    .option("--rules <dir>", "where rules of plans are kept, by their hash", "runs/rules")
    .option("--quiet", "print nothing but errors", false)
    .action(async (options) =>
      exit(await work({ ...options, device: options.device as DeviceChoice }))
    );
}

interface WorkOptions extends LaneOptions {
  readonly cluster: string;
  readonly clusterSettings?: string;
  readonly jobs: number;
  readonly device: DeviceChoice;
  readonly trialSeconds: number;
  readonly stillSeconds: number;
  readonly quiet: boolean;
}

function effects(text: string, before: readonly Effect[]): Effect[] {
  const effect = GUEST_EFFECTS.find((each) => each === text);
  if (effect) return [...before, effect];
  throw new InvalidArgumentError(`It must be one of ${GUEST_EFFECTS.join(", ")}.`);
}

async function work(options: WorkOptions): Promise<number> {
  const settings = readClusterSettings(options.clusterSettings);
  const { TrialQueue } = await import("../runtimes/nats/trial_queue.ts");
  const { serve } = await import("../experiments/cluster/serve.ts");
  const machine = await thisMachine(await resolveDevice(options.device));
  const id = `${hostname().replace(/[^\w-]/g, "-").slice(0, 60)}-${
    crypto.randomUUID().slice(0, 8)
  }`;
  const queue = await TrialQueue.open(options.cluster, settings, `tandem worker ${id}`, "work");
  const stop = new AbortController();
  const giveBack = stopOnInterrupt(stop, () => {});
  const say = (sentence: string) => options.quiet || printError(sentence);
  try {
    refuse(machine, plansIn(await queue.plans(), say));
    say(`Worker ${id} waits for trials at ${options.cluster}.`);
    const state = new Running({ id, host: hostname(), machine, jobs: options.jobs });
    const telling = [
      tellOn(queue, state, stop.signal),
      tellRefusals(queue, machine, say, stop.signal),
    ];
    const lane = (signal: AbortSignal) => laneOf(queue, options, signal);
    await serve({
      ...{ queue, id, lane, settings },
      machineClass: machineClassOf(machine),
      device: machine.device,
      jobs: options.jobs,
      limits: { longest: options.trialSeconds, still: options.stillSeconds },
      signal: stop.signal,
      warn: printError,
      onStart: (trial, iteration) => {
        state.started(trial, iteration);
        say(
          iteration > 0 ? `${trial.name}: on after iteration ${iteration}` : `${trial.name}: begun`,
        );
      },
      onIteration: (trial, iteration) => state.iterated(trial, iteration),
      onEnd: (trial, how) => {
        state.ended(trial, how);
        say(`${trial.name}: ${how}`);
      },
    });
    await Promise.all(telling);
    await queue.goodbye(id).catch(() => {}); // it is forgotten in any case
    return 130;
  } finally {
    giveBack();
    await queue.close();
  }
}
