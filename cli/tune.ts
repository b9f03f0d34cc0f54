/** `tune PLAN`: searches a space for the best settings of each variant. */
import { Command, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import process from "node:process";
import { type DeviceChoice, DEVICES } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import { codeHash } from "../experiments/code_hash.ts";
import { expectTravelling } from "../experiments/cluster/travelling.ts";
import { pinnedPlan } from "../experiments/pinned_plan.ts";
import { isWaiting } from "../experiments/run_looks.ts";
import { runPlan } from "../experiments/run_plan.ts";
import { TrialStates } from "../experiments/trial_states.ts";
import { expectRunnable, type RunnableTrial } from "../experiments/trials.ts";
import { type Round, Tuning } from "../experiments/tuning.ts";
import { VERSION } from "../experiments/version.ts";
import { openComparison } from "../lab/comparison/folder.ts";
import { History } from "../lab/comparison/history.ts";
import { writeAtomically } from "../lab/disk.ts";
import { MEASURES } from "../lab/plan.ts";
import { showPlan } from "../lab/plan_progress.ts";
import { TrialStore } from "../lab/store.ts";
import { TUNING_FILE, tuningDocument, type TuningOrigin } from "../lab/tuning/document.ts";
import { renderTuningMarkdown } from "../lab/tuning/markdown.ts";
import { planHash, type TuningPlan } from "../lab/tuning/plan.ts";
import { renderTuning } from "../lab/tuning/page.ts";
import type { TuningResults } from "../lab/tuning/results.ts";
import { METHODS } from "../lab/tuning/search.ts";
import { tuningTable } from "../lab/tuning/terminal.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { isThere } from "../runtimes/files/read.ts";
import { type ClusterFlags, clusterOf, leaveNetworkUnless } from "./cluster_flags.ts";
import { commandLine, shellWord } from "./command_line.ts";
import { showHistory } from "./history.ts";
import { learnedRuns } from "./learned.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import {
  collect,
  hours,
  jobCount,
  list,
  positiveSeconds,
  share,
  wholeBetween,
  wholeNumber,
} from "./parse.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { type AllowFlags, Owner } from "./permission/owner.ts";
import { print, printError } from "./print.ts";
import { canDraw } from "./terminal.ts";
import { forecastTuning } from "./tune_forecast.ts";
import { type TuneOptions, tuningPlanOf } from "./tune_plan.ts";

const EXAMPLES = `
PLAN is a module that exports a pipeline as its default, and a space: schemas by the names of settings.
Every variant gets a search of its own with the same trials and the same steps, on development worlds,
with seeds that no comparison is told. The best of each is then measured with fresh seeds, beside the
pipeline as it was. What is done is kept in DIR and never done twice: the same command goes on.

Examples:
  deno task tune pipelines/tune_corridor.ts --out runs/tuned
  deno task tune pipelines/tune_corridor.ts --method halving --trials 30 --out runs/tuned
  deno task tune my_plan.ts --variants alone,bidirectional --max-hours 8 --out runs/tuned
  deno task compare pipelines/corridor.ts --variants @runs/tuned --out runs/compared     what was found`;

/** `tune PLAN`: searches a space for the best settings of each variant. */
export function tuneCommand(exit: (status: number) => void) {
  return new Command("tune")
    .description("search for the best settings of a pipeline's variants, with equal budgets")
    .argument("[plan]", "a module that exports a pipeline and a space")
    .option("--variants <names>", "variants and groups of them, by commas", list)
    .option("--variant <name=settings>", "a variant of your own (repeatable)", collect, [])
    .option("--levels <names>", "levels, by commas (default: the pipeline's own)", list)
    .addOption(
      new Option("--method <name>", "how to search (default: tpe)").choices(METHODS),
    )
    .option("--trials <n>", "whole trials that a search may cost (default: 20)", upTo(10_000))
    .option("--seeds <n>", "runs of a trial on each level (default: 2)", upTo(10_000))
    .option("--fresh-seeds <n>", "runs by which the best is measured (default: 10)", upTo(1000))
    .addOption(
      new Option("--primary <measure>", "what is made better (default: final)").choices(MEASURES),
    )
    .option("--threshold <share>", "the success that counts as solved (default: 0.9)", share)
    .option("--iterations <n>", "rollouts of a whole trial", wholeNumber)
    .option("--evaluations <n>", "measurements in a run", upTo(1_000_000), 10)
    .option("--set <key=value>", "a setting for all variants (repeatable)", collect, [])
    .option("--jobs <n>", "runs side by side", jobCount, navigator.hardwareConcurrency)
    .option("--checkpoint-seconds <n>", "seconds between checkpoints of a run", positiveSeconds, 30)
    .addOption(
      new Option("--device <device>", "where tensors live").choices(DEVICES).default("auto"),
    )
    .option("--retry", "try runs again that failed before", false)
    .option(
      "--sandbox",
      "run feedback rules given by path in a sandbox without files or network",
      false,
    )
    .option("--cluster <address>", "let workers at a NATS server run it, nats://HOST:4222")
    .option("--cluster-settings <file>", "token, credentials, TLS and the like, in JSON")
    .option("--verify <share>", "let two workers run this share of the runs, such as 0.05", share)
    .addOption(new Option("--allowed <flags>").default("").hideHelp())
    .option(
      "--max-hours <n>",
      "hours of one thread by the clock above which one is asked first",
      hours,
    )
    .option("--history", "list everything that was ever begun in DIR", false)
    .option("--quiet", "print nothing but errors", false)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .requiredOption("--out <dir>", "the folder of the tuning run")
    .addHelpText("after", EXAMPLES)
    .action(async (file, { device, ...options }) => {
      if (options.history) return showHistory(options.out);
      if (file === undefined) throw noFile();
      exit(await tune(file, { ...options, device: device as DeviceChoice }));
    });
}

interface TuneCommandOptions extends AllowFlags, TuneOptions, ClusterFlags {
  readonly jobs: number;
  readonly checkpointSeconds: number;
  readonly device: DeviceChoice;
  readonly sandbox: boolean;
  readonly maxHours?: number;
  readonly quiet: boolean;
  readonly out: string;
}

async function tune(file: string, options: TuneCommandOptions): Promise<number> {
  const { out, sandbox } = options;
  await leaveNetworkUnless(options);
  const owner = new Owner(options);
  const catalog = await owner.catalog(sandbox);
  const runs = learnedRuns(owner, sandbox);
  const plan = await pinnedPlan(await tuningPlanOf(file, options, catalog), runs);
  const device = await resolveDevice(options.device);
  const tuning = await Tuning.open(plan, device, catalog);
  const samples = await tuning.samples();
  expectAlone(samples);
  if (options.cluster !== undefined) await expectTravelling(samples);
  await expectRunnable(samples, catalog, runs);
  openComparison(out);
  await owner.keep();
  const origin = originOf(file, plan, device, options);
  const write = (results: TuningResults) => writeDocument(out, results, origin);
  if (!await isThere(join(out, TUNING_FILE))) write(tuning.results({ get: () => undefined }));
  const states = new TrialStates({
    folder: join(out, "trials"),
    keepsAll: false,
    command: commandLine(),
    catalog,
    runs: runs.find,
  });
  return await search(tuning, origin, { ...options, device, states, write });
}

/** Searches as far as it comes, keeps what was found, and tells it. @returns The exit status. */
async function search(
  tuning: Tuning,
  origin: TuningOrigin,
  options: Omit<RoundsOptions, "stop">,
): Promise<number> {
  const [{ out }, { plan }] = [options, tuning];
  using store = new TrialStore(join(out, "trials.sqlite"), { warn: printError });
  const stop = new AbortController();
  const { signal } = stop;
  const giveBack = stopOnInterrupt(stop, () => store[Symbol.dispose]());
  try {
    const first = await tuning.next(store, waitingIn(store, options.retry));
    if (first && !await forecastTuning(first, tuning.results(store), { ...options, signal })) {
      printError("Not started.");
      return 1;
    }
    const end = new History(out).begin(startOf(plan, await codeHash()), new Date());
    const unverified = await runRounds(tuning, first, store, { ...options, stop });
    giveBack(); // what is written from here on is whole or not there, and is made again
    const results = tuning.results(store);
    const isWhole = tuning.isWhole(store);
    const seeds = plan.seeds + (isWhole ? plan.freshSeeds : 0);
    end(signal.aborted ? "stopped" : isWhole ? "done" : "incomplete", seeds, new Date());
    options.write(results);
    if (signal.aborted) {
      printError("Stopped; the same command goes on, and writes the report.");
      return 130;
    }
    await report(results, origin, options);
    if (!isWhole) printError("Some runs came to nothing; the same command tries again.");
    const isFound = results.searches.every((found) => results.bestOf(found));
    return isWhole && isFound && unverified === 0 ? 0 : 1;
  } finally {
    giveBack();
  }
}

function writeDocument(out: string, results: TuningResults, origin: TuningOrigin): void {
  const document = JSON.stringify(tuningDocument(results, origin), null, 2);
  writeAtomically(join(out, TUNING_FILE), `${document}\n`);
}

/** Writes the reports for people. */
async function report(
  results: TuningResults,
  origin: TuningOrigin,
  { out, quiet }: Pick<TuneCommandOptions, "out" | "quiet">,
): Promise<void> {
  writeAtomically(join(out, "tuning.md"), renderTuningMarkdown(results, origin));
  writeAtomically(join(out, "tuning.html"), await renderTuning(results, origin));
  if (!quiet) print(`${tuningTable(results, origin)}\n\n${join(out, "tuning.html")}`);
}

interface RoundsOptions extends TuneCommandOptions {
  readonly stop: AbortController;
  readonly states: TrialStates;
  /** Called when a round has ended. */
  readonly write: (results: TuningResults) => void;
}

/** Runs round after round. @returns Runs that were to be run twice and were not. */
async function runRounds(
  tuning: Tuning,
  first: Round | undefined,
  store: TrialStore,
  options: RoundsOptions,
): Promise<number> {
  const { stop, jobs, sandbox, retry, quiet, out, device, states } = options;
  const tried = new Set<string>();
  const waits = waitingIn(store, retry);
  let unverified = 0;
  for (let round = first; round;) {
    const { trials, ahead } = round;
    for (const { key } of trials) tried.add(key);
    const later = ahead.map(({ variant, iterations }) => ({
      name: variant,
      kind: variant,
      iterations,
    }));
    const end = await runPlan(trials, tuning.total - trials.length - later.length, {
      store,
      jobs,
      sandbox,
      stop,
      states,
      ahead: later,
      checkpoints: { folder: join(out, "checkpoints"), seconds: options.checkpointSeconds },
      show: (tracker) =>
        showPlan(tracker, { stream: process.stderr, live: canDraw("stderr"), quiet }),
      warn: printError,
      onCluster: clusterOf(options, tuning.plan.pipeline.name, device),
    });
    unverified += end.unverified;
    if (stop.signal.aborted) break;
    options.write(tuning.results(store));
    // What failed again in this command is left.
    round = await tuning.next(store, (trial) => waits(trial) && !tried.has(trial.key));
  }
  return unverified;
}

/** @throws {TandemError} E_ARGUMENT where a variant begins with what others learn: their search is another. */
function expectAlone(samples: readonly RunnableTrial[]): void {
  const taught = samples.find(({ sources }) => sources.length > 0);
  if (!taught) return;
  throw new TandemError(
    "E_ARGUMENT",
    `The variant "${taught.variant.name}" begins with what another variant learned; tune that one, and ` +
      "compare both.",
  );
}

function waitingIn(store: TrialStore, retry: boolean): (trial: RunnableTrial) => boolean {
  return (trial) => isWaiting(trial, store, retry);
}

/** What the reports say of their making, and the commands that go on from there. */
function originOf(
  file: string,
  plan: TuningPlan,
  device: string,
  { iterations, set, out }: TuneCommandOptions,
): TuningOrigin {
  const own = [...iterations === undefined ? [] : [`schedule.iterations=${iterations}`], ...set];
  const key = (setting: string) => setting.split("=")[0];
  const told = (settings: readonly string[]) =>
    settings.filter((setting, i) =>
      !settings.slice(i + 1).some((later) => key(later) === key(setting))
    )
      .map((setting) => ` --set ${shellWord(setting)}`).join("");
  const levels = plan.levels.length > 0 ? ` --levels ${shellWord(plan.levels.join(","))}` : "";
  return {
    version: VERSION,
    device,
    command: commandLine(),
    runs: (settings) =>
      settings.some((setting) => setting.includes("=$"))
        ? undefined
        : `deno task run ${shellWord(file)}${told([...own, ...settings])}`,
    compares: `deno task compare ${shellWord(file)} --variants ${shellWord(`@${out}`)}${levels}` +
      `${told(own)} --seeds 10 --out ${shellWord(`${out}-compared`)}`,
  };
}

/** What the history keeps of a tuning run that is begun. */
function startOf(plan: TuningPlan, code: string) {
  const { variants, levels, seeds, freshSeeds, primary } = plan;
  return {
    kind: "tuning" as const,
    command: commandLine(),
    plan: planHash(plan),
    code,
    variants: variants.map(({ name }) => name),
    levels: [...levels],
    seeds: seeds + freshSeeds,
    primary,
  };
}

function upTo(most: number): (text: string) => number {
  return wholeBetween(1, most);
}

function noFile(): TandemError {
  return new TandemError(
    "E_ARGUMENT",
    "Name a plan, such as pipelines/tune_corridor.ts; --history alone needs none.",
  );
}
