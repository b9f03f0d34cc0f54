import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import * as v from "valibot";
import { type DeviceChoice, DEVICES } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import type { TandemEvent } from "../core/stages/events.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import { readEvents } from "../lab/event_log.ts";
import { type ExportedRun, exportRuns, type Format, FORMATS } from "../lab/export/export.ts";
import { runScalars, trialScalars } from "../lab/export/scalars.ts";
import { type Plan, planFromJson } from "../lab/plan.ts";
import { TrialStore } from "../lab/store.ts";
import type { RunSummary } from "../lab/summary.ts";
import { TrialRecorder } from "../lab/trial.ts";
import { readSummary } from "../lab/trial_schema.ts";
import { print, printError } from "./print.ts";
import { type RunnableTrial, runnableTrials } from "../experiments/trials.ts";
import { readJson } from "./load.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { Owner } from "./permission/owner.ts";

/** `export DIR`: writes runs out for other programs. */
export function exportCommand() {
  return new Command("export")
    .description("write a run or a comparison as CSV, Parquet or TensorBoard files")
    .argument("<dir>", "the folder of a run or of a comparison")
    .option("--as <formats>", "csv, parquet and tensorboard, by commas", formats, [...FORMATS])
    .option("--out <dir>", "where to (default: DIR/export)")
    .addOption(
      new Option(
        "--device <device>",
        "the device of a comparison (auto: that of most of its trials)",
      ).choices(DEVICES).default(
        "auto",
      ),
    )
    .option("--sandbox", "open a comparison's rules given by path in a sandbox", false)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .action(async (dir, { as, out = join(dir, "export"), device, sandbox, ...flags }) => {
      const document = join(dir, "plan.json");
      const reading = { document, sandbox, hasSandboxFlag: true };
      const catalog = await new Owner(flags).ofDocument(reading);
      const runs = await runsIn(dir, device as DeviceChoice, catalog);
      const paths = await exportRuns(runs, as, { folder: out, source: dir });
      for (const path of paths) print(path);
    });
}

function formats(text: string): Format[] {
  return text.split(",").map((name) => {
    const format = FORMATS.find((known) => known === name.trim());
    if (format) return format;
    throw new InvalidArgumentError(`"${name}" is none of ${FORMATS.join(", ")}.`);
  });
}

async function runsIn(dir: string, device: DeviceChoice, catalog: Catalog): Promise<ExportedRun[]> {
  if (await isFile(join(dir, "plan.json"))) return await comparedRuns(dir, device, catalog);
  if (await isFile(join(dir, "summary.json"))) return [await singleRun(dir)];
  throw new TandemError(
    "E_FILE",
    `"${dir}" holds neither a run that ended nor a comparison; name the folder of --out.`,
  );
}

async function comparedRuns(
  dir: string,
  device: DeviceChoice,
  catalog: Catalog,
): Promise<ExportedRun[]> {
  const plan = planFromJson(await readJson(join(dir, "plan.json")));
  const path = join(dir, "trials.sqlite");
  if (!await isFile(path)) throw new TandemError("E_FILE", `There is no file "${path}".`);
  using store = new TrialStore(path, { warn: printError, makes: false });
  const devices = device === "auto" ? DEVICES.filter((name) => name !== "auto") : [device];
  const trials = await keptTrials(plan, devices, catalog, store);
  return trials.flatMap(({ key, variant, level, seed }) => {
    const outcome = store.get(key);
    if (!outcome || "error" in outcome) return [];
    const { record } = outcome;
    const { wallSeconds } = record.summary;
    const startedAt = store.finishedAt(key)!.getTime() / 1000 - wallSeconds;
    const scalars = trialScalars(record, startedAt);
    return [{
      variant: variant.name,
      level: level ?? record.summary.level,
      seed,
      record,
      startedAt,
      scalars,
    }];
  });
}

/**
 * The plan's trials under the keys of the device on which most of them were run. What is exported was
 * computed before, perhaps elsewhere: no device is looked for here.
 */
async function keptTrials(
  plan: Plan,
  devices: readonly string[],
  catalog: Catalog,
  store: TrialStore,
): Promise<RunnableTrial[]> {
  const onEach: RunnableTrial[][] = [];
  for (const device of devices) onEach.push(await runnableTrials(plan, device, catalog));
  const kept = onEach.map((all) => all.filter(({ key }) => store.has(key)).length);
  return onEach[kept.indexOf(Math.max(...kept))]!;
}

async function singleRun(dir: string): Promise<ExportedRun> {
  const summary = await summaryIn(join(dir, "summary.json"));
  const config = v.safeParse(CONFIG, await readJson(join(dir, "config.json")));
  const startedAt = config.success ? Date.parse(config.output.startedAt) / 1000 : 0;
  const recorder = new TrialRecorder();
  const events: TandemEvent[] = [];
  for (const event of readEvents(join(dir, "events.jsonl"), printError)) {
    recorder.see(event);
    // The ledger is the longest part of a run and holds no scalars.
    if (event.type === "iteration.ended") events.push(event);
  }
  const record = recorder.finish(summary);
  return {
    variant: summary.pipeline,
    level: summary.level,
    seed: summary.seed,
    record,
    startedAt,
    scalars: runScalars(events, record, startedAt),
  };
}

/** What is read of config.json: when the run was started. */
const CONFIG = v.object({ startedAt: v.pipe(v.string(), v.isoTimestamp()) });

/** @throws {TandemError} E_FILE where it is none. */
async function summaryIn(path: string): Promise<RunSummary> {
  const summary = readSummary(await readJson(path));
  if ("value" in summary) return summary.value;
  throw new TandemError(
    "E_FILE",
    `"${path}" is no summary of a run: it has no right "${summary.wrong}". ` +
      "deno task resume makes it again.",
  );
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}
