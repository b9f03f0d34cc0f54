import { Command, Option } from "@commander-js/extra-typings";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type DeviceChoice, DEVICES, systemClock } from "../core/context.ts";
import { TandemError } from "../core/errors.ts";
import { resolveDevice } from "../runtimes/device.ts";
import { readClusterSettings } from "../runtimes/nats/connect.ts";
import { TrialQueue } from "../runtimes/nats/trial_queue.ts";
import { differences, fitOf, type Machine, thisMachine } from "./cluster/machine.ts";
import type { PlanState } from "./cluster/messages.ts";
import { withRule } from "./cluster/rules.ts";
import { type RunTrial, serve } from "./cluster/serve.ts";
import { Running, tellOn } from "./cluster/worker_state.ts";
import { Fingerprints } from "./fingerprints.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { jobCount, positiveSeconds } from "./parse.ts";
import { printError } from "./print.ts";
import { TrialThread } from "./trial_pool.ts";

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
    .option("--rules <dir>", "where rules of plans are kept, by their hash", "runs/rules")
    .option("--quiet", "print nothing but errors", false)
    .action(async (options) =>
      exit(await work({ ...options, device: options.device as DeviceChoice }))
    );
}

interface WorkOptions {
  readonly cluster: string;
  readonly clusterSettings?: string;
  readonly jobs: number;
  readonly device: DeviceChoice;
  readonly checkpointSeconds: number;
  readonly rules: string;
  readonly quiet: boolean;
}

/** Milliseconds between two looks at the plans. */
const LOOK = 3000;

async function work(options: WorkOptions): Promise<number> {
  const settings = readClusterSettings(options.clusterSettings);
  const machine = await thisMachine(await resolveDevice(options.device));
  const id = `${hostname().replace(/[^\w-]/g, "-")}-${crypto.randomUUID().slice(0, 8)}`;
  const queue = await TrialQueue.open(options.cluster, settings, `tandem worker ${id}`);
  const stop = new AbortController();
  const giveBack = stopOnInterrupt(stop, () => {});
  const say = (sentence: string) => options.quiet || printError(sentence);
  try {
    refuse(machine, await queue.plans() as PlanState[]);
    say(`Worker ${id} waits for trials at ${options.cluster}.`);
    const state = new Running({ id, host: hostname(), machine, jobs: options.jobs });
    const telling = [
      tellOn(queue, state, stop.signal),
      tellRefusals(queue, machine, say, stop.signal),
    ];
    const lane = laneOf(queue, options, stop.signal);
    await serve({
      ...{ queue, id, lane, settings },
      fit: fitOf(machine),
      jobs: options.jobs,
      signal: stop.signal,
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

/** @throws {TandemError} E_CLUSTER where there are plans at work and this machine fits none. */
function refuse(machine: Machine, plans: readonly PlanState[]): void {
  const open = plans.filter(({ state }) => state === "at work");
  const reasons = open.map((plan) => refusal(plan, machine));
  if (open.length === 0 || reasons.some((reason) => reason === undefined)) return;
  throw new TandemError("E_CLUSTER", `This worker is refused: ${reasons.join("; ")}.`);
}

/** Why a machine may not work on a plan, or undefined. */
function refusal(plan: PlanState, machine: Machine): string | undefined {
  const unlike = differences(plan.machine, machine);
  return unlike.length > 0 ? `"${plan.name}" asks for ${unlike.join(", ")}` : undefined;
}

/** Tells of plans that this machine does not fit, once each. */
async function tellRefusals(
  queue: TrialQueue,
  machine: Machine,
  say: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const refused = new Set<string>();
  while (!signal.aborted) {
    const plans = await queue.plans().catch(() => []); // the server is away
    for (const plan of plans as PlanState[]) {
      const reason = plan.state === "at work" ? refusal(plan, machine) : undefined;
      if (!reason || refused.has(plan.id)) continue;
      refused.add(plan.id);
      say(`Refused: ${reason}.`);
    }
    await systemClock.sleep(LOOK, signal);
  }
}

/** A lane runs its trials in a thread of its own. */
function laneOf(queue: TrialQueue, options: WorkOptions, signal: AbortSignal) {
  const { checkpointSeconds, rules } = options;
  return () => {
    let thread: TrialThread | undefined;
    const end = () => {
      thread?.end();
      thread = undefined;
    };
    const run: RunTrial = async ({ content, rule, key, saved }, watch) => {
      try {
        await expectSameFiles(content.pipeline, content.files, rule?.name);
        const pipeline = rule
          ? await withRule(content.pipeline, rule, queue, resolve(rules))
          : content.pipeline;
        thread ??= new TrialThread(signal);
        const setting = { sandbox: true, saved, checkpoints: { key, seconds: checkpointSeconds } };
        const answer = await thread.run({ ...content, pipeline }, setting, watch);
        if (answer.type === "failed") end();
        return answer;
      } catch (error) {
        if (!(error instanceof TandemError)) throw error;
        return { type: "failed", code: error.code, message: error.message };
      }
    };
    return { run, end };
  };
}

/** @throws {TandemError} E_FILE where a model or another file is not here as the plan's machine has it. */
async function expectSameFiles(
  pipeline: Parameters<Fingerprints["of"]>[0],
  wanted: Readonly<Record<string, string>>,
  rule: string | undefined,
): Promise<void> {
  const here = await new Fingerprints().of(pipeline);
  for (const [name, hash] of Object.entries(wanted)) {
    if (name === rule || here[name] === hash) continue;
    const why = here[name] === undefined ? "is not on this machine" : "has another content here";
    throw new TandemError("E_FILE", `"${name}", which the plan names, ${why}.`);
  }
}
