/**
 * Runs and comparisons on disk: folders, events, plans, a store of trials, exports.
 *
 * @module
 */
export { readEvents } from "./event_log.ts";
export { type ExportedRun, exportRuns, type Format, FORMATS } from "./export/export.ts";
export { compareLedgers, ledgerEntries, type LedgerEntry } from "./ledger.ts";
export { definePlan, type Plan, planFromJson, type Trial, trialName, trialsOf } from "./plan.ts";
export { showProgress } from "./progress.ts";
export type { RunConfig } from "./run_config.ts";
export { RunFolder } from "./run_folder.ts";
export { openSavedRun, type SavedRun } from "./saved_run.ts";
export { TrialStore } from "./store.ts";
export { type RunSummary, summarise } from "./summary.ts";
export { endTable, trainingChart } from "./terminal.ts";
export type { TrialRecord } from "./trial.ts";
