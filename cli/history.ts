/** `--history` of the commands that begin comparisons and tuning runs. */
import { History, historyText } from "../lab/comparison/history.ts";
import { print, printError } from "./print.ts";

/** Prints what was ever begun in a folder. */
export function showHistory(out: string): void {
  const entries = new History(out).entries(printError);
  print(entries.length > 0 ? historyText(entries) : `Nothing was begun in "${out}" yet.`);
}
