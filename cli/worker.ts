import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type DeviceChoice, DEVICES, systemClock } from "../core/kit/context.ts";
import type { Effect } from "../core/pipeline/effects.ts";
import { TandemError } from "../core/stages/errors.ts";
import { outsideText } from "../core/stages/outside.ts";
import type { PipelineJson } from "../core/pipeline/pipeline.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { readClusterSettings } from "../runtimes/nats/connect.ts";
import { type Listing, TrialQueue } from "../runtimes/nats/trial_queue.ts";
import { changedRule, GUEST_EFFECTS } from "./cluster/guest.ts";
import { lettersOf } from "./cluster/letters.ts";
import { differences, fitOf, type Machine, thisMachine } from "./cluster/machine.ts";
import type { PlanState } from "./cluster/messages.ts";
import { fetchRule } from "./cluster/rules.ts";
import { type Lane, type RunTrial, serve } from "./cluster/serve.ts";
import { Running, tellOn } from "./cluster/worker_state.ts";
import { contentOfModule, Fingerprints } from "./fingerprints.ts";
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

interface WorkOptions {
  readonly cluster: string;
  readonly clusterSettings?: string;
  readonly jobs: number;
  readonly device: DeviceChoice;
  readonly checkpointSeconds: number;
  readonly trialSeconds: number;
  readonly stillSeconds: number;
  readonly allowEffect: readonly Effect[];
  readonly rules: string;
  readonly quiet: boolean;
}

/** Milliseconds between two looks at the plans, and for which a trial that is given up may end by itself. */
const [LOOK, GRACE] = [3000, 3000];

const NO_LETTERS: Listing = { letters: [], more: 0 };

function effects(text: string, before: readonly Effect[]): Effect[] {
  const effect = GUEST_EFFECTS.find((each) => each === text);
  if (effect) return [...before, effect];
  throw new InvalidArgumentError(`It must be one of ${GUEST_EFFECTS.join(", ")}.`);
}

async function work(options: WorkOptions): Promise<number> {
  const settings = readClusterSettings(options.clusterSettings);
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
      fit: fitOf(machine),
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

/** The plans that can be read; of each that cannot, it is said once. */
function plansIn(listing: Listing, say: (sentence: string) => void): PlanState[] {
  const { messages, sentences } = lettersOf("plan", listing);
  for (const sentence of sentences) say(sentence);
  return messages;
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
    const plans = await queue.plans().catch(() => NO_LETTERS); // the server is away
    for (const plan of plansIn(plans, () => {})) {
      const reason = plan.state === "at work" ? refusal(plan, machine) : undefined;
      if (!reason || refused.has(plan.id)) continue;
      refused.add(plan.id);
      say(`Refused: ${reason}.`);
    }
    await systemClock.sleep(LOOK, signal);
  }
}

/** A lane runs its trials in a thread of its own. */
function laneOf(queue: TrialQueue, options: WorkOptions, signal: AbortSignal): Lane {
  const { checkpointSeconds, rules, allowEffect } = options;
  let thread: TrialThread | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let given = new AbortController();
  const end = () => {
    thread?.end();
    thread = undefined;
  };
  const runOne: RunTrial = async ({ content, rule, key, saved }, watch) => {
    try {
      await expectSameFiles(content.pipeline, content.files, rule?.name, given.signal);
      const own = rule &&
        { sha256: rule.sha256, path: await fetchRule(rule, queue, resolve(rules)) };
      if (own && await contentOfModule(own.path) !== content.files[rule.name]) {
        throw changedRule(rule.name);
      }
      const pipeline = own ? withRule(content.pipeline, own.path) : content.pipeline;
      if (given.signal.aborted) return { type: "stopped" };
      thread ??= new TrialThread(signal);
      const setting = {
        sandbox: true,
        guest: { effects: allowEffect, rule: own },
        saved,
        checkpoints: { key, seconds: checkpointSeconds },
      };
      const answer = await thread.run({ ...content, pipeline }, setting, watch);
      if (answer.type === "failed") end();
      return answer;
    } catch (error) {
      // What the cluster refuses is no failure of the trial.
      if (!(error instanceof TandemError) || error.code === "E_CLUSTER") throw error;
      return { type: "failed", code: error.code, message: error.message };
    }
  };
  return {
    run(trial, watch) {
      given = new AbortController();
      const answer = runOne(trial, watch);
      running = answer.catch(() => {}); // told to who asked for it
      return answer;
    },
    async giveUp() {
      given.abort();
      thread?.giveUp();
      const grace = systemClock.sleep(GRACE).then(() => false);
      const letGo = await Promise.race([running.then(() => true), grace]);
      end();
      return letGo;
    },
    end,
  };
}

/** The pipeline with the rule's copy on this machine. */
function withRule(pipeline: PipelineJson, path: string): PipelineJson {
  return { ...pipeline, feedback: { ...pipeline.feedback, plugin: path } };
}

/** @throws {TandemError} E_FILE where a model or another file is not here as the plan's machine has it. */
async function expectSameFiles(
  pipeline: PipelineJson,
  wanted: Readonly<Record<string, string>>,
  rule: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const here = await new Fingerprints(signal).of(pipeline);
  for (const [name, hash] of Object.entries(wanted)) {
    if (name === rule || here[name] === hash) continue;
    const why = here[name] === undefined ? "is not on this machine" : "has another content here";
    throw new TandemError("E_FILE", `"${outsideText(name)}", which the plan names, ${why}.`);
  }
}
