/**
 * Runs and comparisons on disk: folders, events, plans, a store of trials, exports.
 *
 * @module
 */
export { readEvents } from "./event_log.ts";
export { type ExportedRun, exportRuns, type Format, FORMATS } from "./export/export.ts";
export { compareLedgers, ledgerEntries, type LedgerEntry } from "./ledger.ts";
export {
  definePlan,
  type Judgement,
  type MeasureId,
  MEASURES,
  type Plan,
  planFromJson,
  type Trial,
  trialName,
  trialsOf,
} from "./plan.ts";
export { showProgress } from "./progress.ts";
export type { RunConfig } from "./run_config.ts";
export { RunFolder } from "./run_folder.ts";
export { openSavedRun, type SavedRun } from "./saved_run.ts";
export { TrialStore } from "./store.ts";
export { type RunSummary, summarise } from "./summary.ts";
export { endTable, trainingChart } from "./terminal.ts";
export type { TrialRecord } from "./trial.ts";
export type { Variant } from "./variants.ts";
export type { SummaryContext } from "./summary.ts";
export type { TerminalStyle, TrainingPoint } from "./terminal.ts";
export type { ProgressDisplay, ProgressOptions } from "./progress.ts";
export type { ProgressStream } from "./progress_bars.ts";
export type { LedgerComparison, LedgerDifference } from "./ledger.ts";
export type { ExportPlace } from "./export/export.ts";
export type { NamedRun } from "./export/rows.ts";
export type { Scalar } from "./export/tensorboard.ts";
export type { TestedPlan, TrialContent, TrialOutcome } from "./store.ts";
export type { TestSummary } from "./test_summary.ts";
