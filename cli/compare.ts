import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import process from "node:process";
import { createContext, type DeviceChoice, DEVICES } from "../core/kit/context.ts";
import { didYouMean, TandemError } from "../core/base/errors.ts";
import { type Pipeline, pipelineFromJson } from "../core/pipeline/pipeline.ts";
import { type Catalog, isModule } from "../core/pipeline/plugin.ts";
import { openComparison } from "../lab/comparison/folder.ts";
import { claimsTable } from "../lab/comparison/terminal.ts";
import { renderMarkdown } from "../lab/comparison/markdown.ts";
import { Results, type TrialResult } from "../lab/comparison/results.ts";
import { renderComparison } from "../lab/comparison/report.ts";
import { writeAtomically } from "../lab/disk.ts";
import { showPlan } from "../lab/plan_progress.ts";
import { definePlan, looksLikePlan, type Plan, planFromJson, trialName } from "../lab/plan.ts";
import { TrialStore } from "../lab/store.ts";
import { findVariants, parseVariant } from "../lab/variants.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { readClusterSettings } from "../runtimes/nats/settings.ts";
import { commandLine } from "./command_line.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { collect, jobCount, positiveSeconds, wholeBetween, wholeNumber } from "./parse.ts";
import { print, printError } from "./print.ts";
import { canDraw } from "./terminal.ts";
import { isJson, loadPipeline, readJson } from "./load.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { type AllowFlags, Owner } from "./permission/owner.ts";
import { runPlan } from "../experiments/run_plan.ts";
import { applySettings } from "../experiments/settings.ts";
import { expectRunnable, type RunnableTrial, runnableTrials } from "../experiments/trials.ts";
import { VERSION } from "../experiments/version.ts";

const EXAMPLES = `
Variants: alone, one-way, verdicts-only, synthetic, bidirectional, random, constant, shuffled,
misleading, oracle; "paper" and "controls" stand for several. A level is a name, or an option of the
env as NAME=VALUE. What is done is kept in DIR and never done twice: the same command goes on, in the midst
of a trial, too.

Examples:
  deno task compare pipelines/babyai.ts --variants paper --levels GoToRedBallNoDists --seeds 10 --out runs/paper
  deno task compare pipelines/babyai.ts --variants bidirectional,controls --levels GoToLocal,PickupLoc --seeds 10 --iterations 200 --out runs/controls
  deno task compare pipelines/babyai.ts --variants paper,careful --variant careful=feedback=margin,feedback.margin=0.1 --seeds 10 --out runs/careful
  deno task compare pipelines/babyai.ts --variants paper,theirs --variant theirs=feedback=./their_rule.ts --sandbox --out runs/theirs
  deno task compare runs/paper/plan.json --out runs/paper     the same plan again`;

/** `compare FILE`: runs variants x levels x seeds and writes what they show. */
export function compareCommand(exit: (status: number) => void) {
  return new Command("compare")
    .description(
      "run variants of a pipeline over levels and seeds, and write a report of what they show",
    )
    .argument("<file>", "a pipeline (a module or JSON), or the plan.json of an earlier comparison")
    .option("--variants <names>", "variants and groups of them, by commas", list)
    .option("--variant <name=settings>", "a variant of your own (repeatable)", collect, [])
    .option("--levels <names>", "levels, by commas (default: the pipeline's own)", list)
    .option("--seeds <n>", "seeds a variant and level", wholeBetween(1, 100_000))
    .option("--first-seed <n>", "the first of them", wholeBetween(0, 1e15), 0)
    .option("--iterations <n>", "rollouts, each followed by an update", wholeNumber)
    .option(
      "--evaluations <n>",
      "measurements on held-out worlds in a run",
      wholeBetween(1, 1_000_000),
      20,
    )
    .option("--set <key=value>", "a setting for all variants (repeatable)", collect, [])
    .option("--baseline <name>", "the variant to compare with (default: alone, else the first)")
    .option("--threshold <share>", "the success that counts as solved", share, 0.9)
    .option("--jobs <n>", "trials side by side", jobCount, navigator.hardwareConcurrency)
    .option(
      "--checkpoint-seconds <n>",
      "seconds between checkpoints of a trial",
      positiveSeconds,
      30,
    )
    .addOption(
      new Option("--device <device>", "where tensors live").choices(DEVICES).default("auto"),
    )
    .option("--retry", "try trials again that failed before", false)
    .option(
      "--sandbox",
      "run feedback rules given by path in a sandbox without files or network",
      false,
    )
    .addOption(new Option("--watch").hideHelp())
    .option("--cluster <address>", "let workers at a NATS server run it, nats://HOST:4222")
    .option("--cluster-settings <file>", "token, credentials, TLS and the like, in JSON")
    .option("--verify <share>", "let two workers run this share of the trials, such as 0.05", share)
    .addOption(new Option("--allowed <flags>").default("").hideHelp())
    .option("--quiet", "print nothing but errors", false)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .requiredOption("--out <dir>", "the folder of the comparison")
    .addHelpText("after", EXAMPLES)
    .action(async (file, { device, watch, ...options }) => {
      if (watch) throw notWatched();
      exit(await compare(file, { ...options, device: device as DeviceChoice }));
    });
}

interface CompareOptions extends AllowFlags {
  readonly cluster?: string;
  readonly clusterSettings?: string;
  readonly verify?: number;
  /** Permissions that the user put in front of the command. */
  readonly allowed: string;
  readonly variants?: readonly string[];
  readonly variant: readonly string[];
  readonly levels?: readonly string[];
  readonly seeds?: number;
  readonly firstSeed: number;
  readonly iterations?: number;
  readonly evaluations: number;
  readonly set: readonly string[];
  readonly baseline?: string;
  readonly threshold: number;
  readonly jobs: number;
  readonly checkpointSeconds: number;
  readonly device: DeviceChoice;
  readonly retry: boolean;
  readonly sandbox: boolean;
  readonly quiet: boolean;
  readonly out: string;
}

/** Trials whose report is drawn within a moment, for a comparison that was stopped. */
const QUICKLY_DRAWN = 50;

async function compare(file: string, options: CompareOptions): Promise<number> {
  const { out, quiet, jobs, sandbox, cluster } = options;
  expectCluster(options);
  if (cluster === undefined && !options.allowed.includes("--allow-net")) await leaveNetwork();
  const owner = new Owner(options);
  const catalog = await owner.catalog(sandbox);
  const { plan, speaker } = await planOf(file, options, owner, catalog);
  const device = await resolveDevice(options.device);
  const question = { baseline: baselineOf(plan, options.baseline), threshold: options.threshold };
  const trials = await runnableTrials(plan, device, speaker);
  if (sandbox) expectModules(trials);
  await expectRunnable(trials, speaker);
  openComparison(out);
  await owner.keep();
  writeAtomically(join(out, "plan.json"), JSON.stringify(plan, null, 2) + "\n");
  using store = new TrialStore(join(out, "trials.sqlite"), { warn: printError });
  const stop = new AbortController();
  const giveBack = stopOnInterrupt(stop, () => store[Symbol.dispose]());
  try {
    const over = options.retry ? ["done"] : ["done", "failed"];
    const waiting = trials.filter(({ key }) => !over.includes(store.status(key) ?? ""));
    const done = trials.length - waiting.length;
    const onCluster = cluster === undefined ? undefined : {
      address: cluster,
      settings: readClusterSettings(options.clusterSettings),
      name: plan.pipeline.name,
      device,
      retry: options.retry,
      verify: options.verify ?? 0,
    };
    const checkpoints = { folder: join(out, "checkpoints"), seconds: options.checkpointSeconds };
    const { unverified } = await runPlan(waiting, done, {
      store,
      jobs,
      sandbox,
      checkpoints,
      stop,
      show: (tracker) =>
        showPlan(tracker, { stream: process.stderr, live: canDraw("stderr"), quiet }),
      warn: printError,
      onCluster,
    });
    giveBack(); // what is written from here on is whole or not there, and is made again
    if (stop.signal.aborted && trials.length > QUICKLY_DRAWN) {
      printError("Stopped; the same command goes on, and writes the report.");
      return 130;
    }
    const results = new Results(plan, question, trials.map((trial) => resultOf(trial, store)));
    const command = commandLine();
    const draw = await drawer(trials, speaker);
    const origin = { command, version: VERSION, device };
    writeAtomically(join(out, "results.md"), renderMarkdown(results, origin));
    writeAtomically(join(out, "report.html"), await renderComparison({ results, draw, ...origin }));
    if (!quiet) print(`${claimsTable(results)}\n\n${join(out, "report.html")}`);
    if (stop.signal.aborted) return 130;
    const isWhole = results.trials.every(({ outcome }) => outcome && "record" in outcome);
    tellNotRun(results.trials);
    return isWhole && unverified === 0 ? 0 : 1;
  } finally {
    giveBack();
  }
}

/** A plan with the plugins that it may name. */
interface SpokenPlan {
  readonly plan: Plan;
  readonly speaker: Catalog;
}

/** The plan that the arguments describe, which is their owner's word, or that the file holds. */
async function planOf(
  file: string,
  options: CompareOptions,
  owner: Owner,
  catalog: Catalog,
): Promise<SpokenPlan> {
  const reading = { sandbox: options.sandbox, hasSandboxFlag: true };
  const json = isJson(file) ? await readJson(file) : undefined;
  if (looksLikePlan(json)) {
    const speaker = await owner.ofDocument({ document: file, ...reading });
    return { plan: planFromJson(json), speaker };
  }
  const { variants, variant, levels = [], seeds = 5, firstSeed, iterations } = options;
  const own = variant.map(parseVariant);
  const names = variants ?? [...(own.length > 0 ? [] : ["paper"]), ...own.map(({ name }) => name)];
  let { pipeline } = await loadPipeline(file, { owner, ...reading });
  if (iterations !== undefined) pipeline = pipeline.with({ schedule: { iterations } });
  pipeline = measuredOften(pipeline, options.evaluations);
  pipeline = await applySettings(pipeline, options.set, catalog);
  const plan = definePlan({
    pipeline: pipeline.toJSON(),
    variants: findVariants(names, own),
    levels,
    seeds: Array.from({ length: seeds }, (_, i) => firstSeed + i),
  });
  return { plan, speaker: catalog };
}

/** The pipeline with so many measurements in a run, and of what advice is worth. */
function measuredOften(pipeline: Pipeline, evaluations: number): Pipeline {
  const every = Math.max(1, Math.ceil(pipeline.schedule.iterations / evaluations));
  return pipeline.with({ evaluation: { every, advice: true } });
}

function baselineOf({ variants }: Plan, wanted: string | undefined): string {
  const names = variants.map(({ name }) => name);
  if (wanted === undefined) return names.includes("alone") ? "alone" : names[0]!;
  if (names.includes(wanted)) return wanted;
  const hint = didYouMean(wanted, names) || ` It has ${names.join(", ")}.`;
  throw new TandemError("E_ARGUMENT", `The plan has no variant "${wanted}".${hint}`);
}

/** @throws {TandemError} E_ARGUMENT where there is nothing to put into a sandbox. */
function expectModules(trials: readonly RunnableTrial[]): void {
  if (trials.some(({ content: { pipeline } }) => isModule(pipeline.feedback.plugin))) return;
  throw new TandemError(
    "E_ARGUMENT",
    "--sandbox is for feedback rules given by path, as --variant mine=feedback=./my_rule.ts, and " +
      "this plan has none.",
  );
}

function notWatched(): TandemError {
  return new TandemError(
    "E_ARGUMENT",
    "--watch is for a single run: the trials of a comparison must all see the same rule. Run the " +
      "same command again after an edit: trials whose files changed are run anew, the others are kept.",
  );
}

function resultOf(trial: RunnableTrial, store: TrialStore): TrialResult {
  const { variant, level, seed, key } = trial;
  return { variant, level, seed, key, outcome: store.get(key) };
}

/** Says which trials were not run. */
function tellNotRun(trials: readonly TrialResult[]): void {
  const names = trials.filter(({ outcome }) => !outcome).map((trial) => `"${trialName(trial)}"`);
  if (names.length === 0) return;
  const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
  printError(`Not run: ${names.slice(0, 10).join(", ")}${more}; the same command tries again.`);
}

/** Draws snapshots of the plan's worlds, where its env can. */
async function drawer(trials: readonly RunnableTrial[], catalog: Catalog) {
  const { stages: { env } } = await pipelineFromJson(trials[0]!.content.pipeline, catalog);
  const made = await env.create(createContext({ seed: 0 }), { envs: 1 });
  await made.dispose?.();
  return made.draw?.bind(made);
}

/** A comparison on this machine needs no network, and neither do the plugins in it. */
async function leaveNetwork(): Promise<void> {
  await Deno.permissions.revoke({ name: "net" });
}

function list(text: string): string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("It must be a share above 0 and at most 1, such as 0.9.");
}

/** @throws {TandemError} E_ARGUMENT for what is of use with a cluster alone. */
function expectCluster(
  { cluster, clusterSettings, verify }: {
    readonly cluster?: string;
    readonly clusterSettings?: string;
    readonly verify?: number;
  },
): void {
  if (cluster !== undefined) return;
  const option = clusterSettings !== undefined
    ? "--cluster-settings"
    : verify !== undefined
    ? "--verify"
    : undefined;
  if (option === undefined) return;
  throw new TandemError("E_ARGUMENT", `${option} needs --cluster nats://HOST:4222.`);
}
