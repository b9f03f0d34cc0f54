import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { type DeviceChoice, DEVICES } from "../core/context.ts";
import { TandemError } from "../core/errors.ts";
import type { Catalog } from "../core/plugin.ts";
import { readEvents } from "../lab/event_log.ts";
import { type ExportedRun, exportRuns, type Format, FORMATS } from "../lab/export/export.ts";
import { runScalars, trialScalars } from "../lab/export/scalars.ts";
import { planFromJson } from "../lab/plan.ts";
import type { RunConfig } from "../lab/run_folder.ts";
import { TrialStore } from "../lab/store.ts";
import type { RunSummary } from "../lab/summary.ts";
import { TrialRecorder } from "../lab/trial.ts";
import { resolveDevice } from "../runtimes/device.ts";
import { readJson } from "./load.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { Owner } from "./permission/owner.ts";
import { runnableTrials } from "./trials.ts";

/** `export DIR`: writes runs out for other programs. */
export function exportCommand() {
  return new Command("export")
    .description("write a run or a comparison as CSV, Parquet or TensorBoard files")
    .argument("<dir>", "the folder of a run or of a comparison")
    .option("--as <formats>", "csv, parquet and tensorboard, by commas", formats, [...FORMATS])
    .option("--out <dir>", "where to (default: DIR/export)")
    .addOption(
      new Option("--device <device>", "the device of a comparison").choices(DEVICES).default(
        "auto",
      ),
    )
    .option("--sandbox", "open a comparison's rules given by path in QuickJS, out of reach", false)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .action(async (dir, { as, out = join(dir, "export"), device, sandbox, ...flags }) => {
      const document = join(dir, "plan.json");
      const reading = { document, sandbox, hasSandboxFlag: true };
      const catalog = await new Owner(flags).ofDocument(reading);
      const runs = await runsIn(dir, device as DeviceChoice, catalog);
      for (const path of exportRuns(runs, as, out)) console.log(path);
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
  choice: DeviceChoice,
  catalog: Catalog,
): Promise<ExportedRun[]> {
  const plan = planFromJson(await readJson(join(dir, "plan.json")));
  const trials = await runnableTrials(plan, await resolveDevice(choice), catalog);
  using store = new TrialStore(join(dir, "trials.sqlite"));
  return trials.flatMap(({ key, variant, seed }) => {
    const outcome = store.get(key);
    if (!outcome || "error" in outcome) return [];
    const { record } = outcome;
    const { wallSeconds, level } = record.summary;
    const startedAt = store.finishedAt(key)!.getTime() / 1000 - wallSeconds;
    const scalars = trialScalars(record, startedAt);
    return [{ variant: variant.name, level, seed, record, startedAt, scalars }];
  });
}

async function singleRun(dir: string): Promise<ExportedRun> {
  const summary = await readJson(join(dir, "summary.json")) as RunSummary;
  const config = await readJson(join(dir, "config.json")) as RunConfig;
  const events = [...readEvents(join(dir, "events.jsonl"))];
  const recorder = new TrialRecorder();
  for (const event of events) recorder.see(event);
  const record = recorder.finish(summary);
  const startedAt = Date.parse(config.startedAt) / 1000;
  return {
    variant: summary.pipeline,
    level: summary.level,
    seed: summary.seed,
    record,
    startedAt,
    scalars: runScalars(events, record, startedAt),
  };
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}
