import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import process from "node:process";
import { createContext, type DeviceChoice, DEVICES } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import { pipelineFromJson } from "../core/pipeline/pipeline.ts";
import { type Catalog, isModule } from "../core/pipeline/plugin.ts";
import { decisionOf, lookLine } from "../lab/comparison/decision.ts";
import { openComparison } from "../lab/comparison/folder.ts";
import { History, type How, type Start } from "../lab/comparison/history.ts";
import { type Code, register, registrationText } from "../lab/comparison/registration.ts";
import { canonical, sha256 } from "../lab/digest.ts";
import { claimsTable } from "../lab/comparison/terminal.ts";
import { renderMarkdown } from "../lab/comparison/markdown.ts";
import {
  type Question,
  type Reached,
  Results,
  type TrialResult,
} from "../lab/comparison/results.ts";
import { renderComparison } from "../lab/comparison/report.ts";
import { writeAtomically } from "../lab/disk.ts";
import { showPlan } from "../lab/plan_progress.ts";
import { MEASURES, type Plan, trialName } from "../lab/plan.ts";
import { TrialStore } from "../lab/store.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { type ClusterFlags, clusterOf, leaveNetworkUnless } from "./cluster_flags.ts";
import { commandLine } from "./command_line.ts";
import { forecast } from "./compare_forecast.ts";
import { planOf, type PlanOptions, questionOf } from "./compare_plan.ts";
import { showHistory } from "./history.ts";
import { learnedRuns } from "./learned.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import {
  collect,
  hours,
  jobCount,
  list,
  positiveSeconds,
  seeds,
  share,
  spread,
  wholeBetween,
  wholeNumber,
} from "./parse.ts";
import { print, printError } from "./print.ts";
import { canDraw } from "./terminal.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { type AllowFlags, Owner } from "./permission/owner.ts";
import { expectTravelling } from "../experiments/cluster/travelling.ts";
import { codeHash } from "../experiments/code_hash.ts";
import { runLooks } from "../experiments/run_looks.ts";
import { TrialStates } from "../experiments/trial_states.ts";
import { expectRunnable, type RunnableTrial, runnableTrials } from "../experiments/trials.ts";
import { VERSION } from "../experiments/version.ts";

const EXAMPLES = `
Variants: alone, one-way, verdicts-only, synthetic, bidirectional, fresh-student, random, constant,
shuffled, misleading, oracle; "paper" and "controls" stand for several. A level is a name, or an option of the
env as NAME=VALUE. What is done is kept in DIR and never done twice: the same command goes on, in the midst
of a trial, too.

Examples:
  deno task compare pipelines/babyai.ts --variants paper --levels GoToRedBallNoDists --seeds 10 --out runs/paper
  deno task compare pipelines/babyai.ts --variants bidirectional,controls --levels GoToLocal,PickupLoc --seeds 10 --iterations 200 --out runs/controls
  deno task compare pipelines/babyai.ts --variants paper,careful --variant careful=feedback=margin,feedback.margin=0.1 --seeds 10 --out runs/careful
  deno task compare pipelines/babyai.ts --variants paper,theirs --variant theirs=feedback=./their_rule.ts --sandbox --out runs/theirs
  deno task compare pipelines/babyai.ts --variants paper --until decided --seeds 5..30 --primary final --out runs/decided
  deno task compare pipelines/babyai.ts --variants alone,one-way,bidirectional,fresh-student --seeds 10 --out runs/fresh
  deno task compare pipelines/babyai.ts --variants one-way,taught --variant taught=teacher.from=runs/ID,feedback=none --out runs/taught
  deno task compare runs/paper/plan.json --out runs/paper     the same plan again`;

/** What else a report begins with, of what the trials came to. */
export type About = (results: Results) => readonly string[];

/**
 * `compare FILE`: runs variants x levels x seeds and writes what they show.
 *
 * @param about Paragraphs at the head of the report.
 */
export function compareCommand(exit: (status: number) => void, about: About = () => []) {
  return new Command("compare")
    .description(
      "run variants of a pipeline over levels and seeds, and write a report of what they show",
    )
    .argument("[file]", "a pipeline (a module or JSON), or the plan.json of an earlier comparison")
    .option("--variants <names>", "variants and groups of them, by commas", list)
    .option("--variant <name=settings>", "a variant of your own (repeatable)", collect, [])
    .option("--levels <names>", "levels, by commas (default: the pipeline's own)", list)
    .option(
      "--seeds <n>",
      "seeds a variant and level; the first look and the bound as 5..30",
      seeds,
    )
    .addOption(
      new Option("--until <what>", "add seeds until all is decided by the primary measure")
        .choices(["decided"] as const),
    )
    .option("--look-every <n>", "seeds between two looks (default: 1)", wholeBetween(1, 1000))
    .addOption(
      new Option("--primary <measure>", "the measure that the plan is about").choices(MEASURES),
    )
    .option("--margin <share>", "the difference that is too small to matter (default: 0.05)", share)
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
    .addOption(
      new Option("--worlds <set>", "where the ends are measured: on test worlds of this plan's own")
        .choices(["test", "development"]).default("test"),
    )
    .option("--threshold <share>", "the success that counts as solved (default: 0.9)", share)
    .option("--hour-price <money>", "what an hour of training costs, in any currency", price)
    .option("--token-price <money>", "what a million tokens of the teacher cost", price)
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
    .option(
      "--keep-states",
      "keep what every trial learned in DIR/trials, for others to begin from",
      false,
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
    .option(
      "--max-hours <n>",
      "hours of one thread by the clock above which one is asked first",
      hours,
    )
    .option("--spread <sd>", "standard deviation of differences between paired runs", spread)
    .option("--history", "list everything that was ever begun in DIR", false)
    .option("--quiet", "print nothing but errors", false)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .requiredOption("--out <dir>", "the folder of the comparison")
    .addHelpText("after", EXAMPLES)
    .action(async (file, { device, worlds, watch, ...options }) => {
      if (watch) throw notWatched();
      if (options.history) return showHistory(options.out);
      if (file === undefined) throw noFile();
      const chosen = { device: device as DeviceChoice, worlds: worlds as PlanOptions["worlds"] };
      exit(await compare(file, { ...options, ...chosen }, about));
    });
}

interface CompareOptions extends AllowFlags, PlanOptions, ClusterFlags {
  readonly hourPrice?: number;
  readonly tokenPrice?: number;
  readonly jobs: number;
  readonly checkpointSeconds: number;
  readonly device: DeviceChoice;
  readonly keepStates: boolean;
  readonly maxHours?: number;
  readonly spread?: number;
  readonly quiet: boolean;
  readonly out: string;
}

/** Trials whose report is drawn within a moment, for a comparison that was stopped. */
const QUICKLY_DRAWN = 50;

async function compare(file: string, options: CompareOptions, about: About): Promise<number> {
  const { out, quiet, jobs, sandbox } = options;
  await leaveNetworkUnless(options);
  const owner = new Owner(options);
  const catalog = await owner.catalog(sandbox);
  const runs = learnedRuns(owner, sandbox);
  const { plan, speaker } = await planOf(file, options, owner, catalog, runs);
  const device = await resolveDevice(options.device);
  const question = { ...questionOf(plan), ...pricesOf(options) };
  const trials = await runnableTrials(plan, device, speaker);
  if (sandbox) expectModules(trials);
  if (options.cluster !== undefined) await expectTravelling(trials);
  await expectRunnable(trials, speaker, runs);
  openComparison(out);
  await owner.keep();
  writeAtomically(join(out, "plan.json"), JSON.stringify(plan, null, 2) + "\n");
  using store = new TrialStore(join(out, "trials.sqlite"), { warn: printError });
  const stop = new AbortController();
  const giveBack = stopOnInterrupt(stop, () => store[Symbol.dispose]());
  try {
    const onCluster = clusterOf(options, plan.pipeline.name, device);
    const checkpoints = { folder: join(out, "checkpoints"), seconds: options.checkpointSeconds };
    const states = new TrialStates({
      folder: join(out, "trials"),
      keepsAll: options.keepStates,
      command: commandLine(),
      catalog: speaker,
      runs: runs.find,
    });
    const resultsBy = (reached?: Reached) =>
      new Results(plan, question, trials.map((trial) => resultOf(trial, store)), reached);
    const { signal } = stop;
    if (!await forecast(trials, resultsBy(), { ...options, store, states, signal })) {
      printError("Not started.");
      return 1;
    }
    const code = { version: VERSION, hash: await codeHash() };
    const hasTrials = trials.some(({ key }) => store.has(key));
    const registration = register(out, { plan, question, code }, hasTrials, new Date());
    const end = new History(out).begin(startOf(plan, code), new Date());
    const { unverified, reached } = await runLooks(trials, {
      plan,
      retry: options.retry,
      look: (reached) => openBy(resultsBy(reached), quiet),
      store,
      jobs,
      sandbox,
      checkpoints,
      states,
      stop,
      show: (tracker) =>
        showPlan(tracker, { stream: process.stderr, live: canDraw("stderr"), quiet }),
      warn: printError,
      onCluster,
    });
    giveBack(); // what is written from here on is whole or not there, and is made again
    const results = resultsBy(reached);
    end(howEnded(results, stop.signal), results.seeds.length, new Date());
    if (stop.signal.aborted && results.trials.length > QUICKLY_DRAWN) {
      printError("Stopped; the same command goes on, and writes the report.");
      return 130;
    }
    const command = commandLine();
    const draw = await drawer(trials, speaker);
    const testedPlans = store.testedPlans();
    const told = { testedPlans, registration, about: about(results) };
    const origin = { command, version: VERSION, device, ...told };
    writeAtomically(join(out, "results.md"), renderMarkdown(results, origin));
    writeAtomically(join(out, "report.html"), await renderComparison({ results, draw, ...origin }));
    if (!quiet) {
      print(
        `${claimsTable(results)}\n${registrationText(registration)}\n\n${join(out, "report.html")}`,
      );
    }
    if (stop.signal.aborted) return 130;
    const isWhole = results.trials.every(({ outcome }) => outcome && "record" in outcome);
    tellNotRun(results.trials);
    return isWhole && unverified === 0 ? 0 : 1;
  } finally {
    giveBack();
  }
}

/** Prices, where one was told. */
function pricesOf(
  { hourPrice: hour, tokenPrice: tokens }: CompareOptions,
): Pick<Question, "prices"> {
  return hour === undefined && tokens === undefined ? {} : { prices: { hour, tokens } };
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

/** What the history keeps of a comparison that is begun. */
function startOf(plan: Plan, { hash }: Code): Start {
  const { variants, levels, seeds, primary = null } = plan;
  return {
    kind: "comparison",
    command: commandLine(),
    plan: sha256(canonical(plan)),
    code: hash,
    variants: variants.map(({ name }) => name),
    levels: [...levels],
    seeds: seeds.length,
    primary,
  };
}

function howEnded(results: Results, signal: AbortSignal): How {
  if (signal.aborted) return "stopped";
  if (results.runs.length < results.trials.length) return "incomplete";
  if (!results.looks) return "done";
  return decisionOf(results).isDecided ? "decided" : "undecided";
}

/** The variants that need more seeds after a look, which is told. */
function openBy(results: Results, quiet: boolean): ReadonlySet<string> {
  if (!results.looks) return new Set();
  const decision = decisionOf(results);
  if (!quiet) printError(lookLine(results, decision));
  return decision.open;
}

function noFile(): TandemError {
  return new TandemError(
    "E_ARGUMENT",
    "Name a pipeline or a plan, such as pipelines/corridor.ts; --history alone needs none.",
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

function price(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number from 0 on, such as 0.25.");
}
