import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import process from "node:process";
import { createContext, type DeviceChoice } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import type { LedgerRow, TandemEvent } from "../core/stages/events.ts";
import { pipelineFromJson } from "../core/pipeline/pipeline.ts";
import type { StepOfRun } from "../core/run/result.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import { readEvents } from "../lab/event_log.ts";
import { count, signed } from "../lab/format.ts";
import { compareLedgers, ledgerEntries, type LedgerEntry } from "../lab/ledger.ts";
import { showProgress } from "../lab/progress.ts";
import { configFromJson } from "../lab/saved_run.ts";
import { learnedRuns } from "./learned.ts";
import { Interrupts } from "./interrupt.ts";
import { readJson } from "./load.ts";
import { wholeNumber } from "./parse.ts";
import { print, printError } from "./print.ts";
import { canDraw } from "./terminal.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { type AllowFlags, Owner } from "./permission/owner.ts";

/** `replay DIR`: runs a run again and compares its ledger with the recorded one. */
export function replayCommand(exit: (status: number) => void) {
  return new Command("replay")
    .description("run a run again and compare every row of its ledger with the recorded one")
    .argument("<dir>", "the folder of a run")
    .option(
      "--show <n>",
      "only print the ledger's last rows: state, suggestion, change, verdict, next suggestion",
      wholeNumber,
    )
    .option("--quiet", "print nothing but errors", false)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .action(async (dir, { show, ...options }) => {
      const told = [...readEvents(join(dir, "events.jsonl"), printError)];
      const recorded = ledgerOf(told);
      // Where the machine ended a rule, it ends here, however fast this machine is.
      const abstainFrom = told.find((event) => event.type === "feedback.ended");
      if (show === undefined) return exit(await replay(dir, { recorded, abstainFrom }, options));
      for (const entry of ledgerEntries(recorded).slice(-show)) print(entryLine(entry));
    });
}

async function replay(
  dir: string,
  { recorded, abstainFrom }: { recorded: readonly LedgerRow[]; abstainFrom?: StepOfRun },
  { quiet, ...flags }: AllowFlags & { readonly quiet: boolean },
) {
  const document = join(dir, "config.json");
  const config = configFromJson(await readJson(document), document);
  // What is allowed is not kept: replay writes nothing.
  const owner = new Owner(flags);
  const sandbox = config.sandbox === true;
  const catalog = await owner.ofDocument({ document, sandbox });
  const { find: learned } = learnedRuns(owner, sandbox);
  const pipeline = await pipelineFromJson(config.pipeline, catalog);
  const stop = new AbortController();
  using interrupts = new Interrupts({ stop, onLeave: () => {} });
  const progress = await showProgress({
    stream: process.stderr,
    live: canDraw("stderr"),
    quiet,
  });
  const events: TandemEvent[] = [];
  const emit = (event: TandemEvent) => {
    progress.sink(event);
    if (event.type === "ledger") events.push(event);
  };
  const { seed } = config;
  const device = config.device as DeviceChoice;
  try {
    const context = createContext({ seed, device, emit, signal: stop.signal, learned });
    await runPipeline(pipeline, context, { abstainFrom, onPhase: interrupts.enter });
  } finally {
    progress.stop();
  }
  if (stop.signal.aborted) return 130;
  return judge(recorded, ledgerOf(events), quiet);
}

/** Says what is the same; gives the exit status. */
function judge(recorded: readonly LedgerRow[], replayed: readonly LedgerRow[], quiet: boolean) {
  const { same, total, difference } = compareLedgers(recorded, replayed);
  if (!difference) {
    if (!quiet) print(`${count(same)} of ${count(total)} rows of the ledger are the same.`);
    return 0;
  }
  const { iteration, step, what } = difference;
  const [was, is] = [difference.recorded, difference.replayed].map((value) =>
    JSON.stringify(value)
  );
  print(
    `The ledgers are the same for ${count(same)} of ${count(total)} rows; then, in iteration ` +
      `${iteration}, step ${step}, "${what}" was ${was} and is ${is}.`,
  );
  return 1;
}

function ledgerOf(events: Iterable<TandemEvent>): LedgerRow[] {
  const rows = [...events].flatMap((event) => event.type === "ledger" ? event.rows : []);
  if (rows.length > 0) return rows;
  throw new TandemError("E_FILE", "The run's events hold no ledger: it ended before an iteration.");
}

function entryLine(
  { iteration, step, state, suggestion, change, verdict, next }: LedgerEntry,
): string {
  const said = (text: string | null) => text === null ? "silence" : `"${text}"`;
  return `${iteration}.${step}  ${state.join("; ")}  →  ${said(suggestion)}  ΔA ${
    signed(change)
  }  ` +
    `${verdict}  →  ${said(next)}`;
}
