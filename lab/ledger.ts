/** The ledger as the paper tells it, and whether a second run keeps the same one. */
import type { LedgerRow } from "@tandem/core";

/** One suggestion's fate: what was seen, said, thought of it, and said next. */
export interface LedgerEntry {
  readonly iteration: number;
  readonly step: number;
  readonly state: readonly string[];
  /** x_t, or null for silence. */
  readonly suggestion: string | null;
  /** A_t - A_tm1. */
  readonly change: number;
  readonly verdict: LedgerRow["verdict"];
  /** x_tp1: what the teacher said next in that environment; null for silence and at the end. */
  readonly next: string | null;
}

/** The rows of one environment as entries, in the order in which they happened. */
export function ledgerEntries(rows: readonly LedgerRow[]): LedgerEntry[] {
  return rows.map((row, i) => ({
    iteration: row.iteration,
    step: row.step,
    state: row.state,
    suggestion: row.guidance,
    change: row.advantage - row.before,
    verdict: row.verdict,
    next: rows[i + 1]?.guidance ?? null,
  }));
}

/** What sets two ledgers apart. */
export interface LedgerComparison {
  /** Rows that are the same, up to the first difference. */
  readonly same: number;
  readonly total: number;
  /** The first difference; undefined where there is none. */
  readonly difference: LedgerDifference | undefined;
}

/** Where two ledgers part. */
export interface LedgerDifference {
  readonly iteration: number;
  readonly step: number;
  /** The column, or "row" where one ledger has ended. */
  readonly what: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/**
 * Compares a recorded ledger with that of a replay, row by row and bit by bit.
 *
 * @example
 * ```ts
 * import { compareLedgers } from "@tandem/lab";
 * import assert from "node:assert/strict";
 * assert.deepEqual(compareLedgers([], []), { same: 0, total: 0, difference: undefined });
 * ```
 */
export function compareLedgers(
  recorded: readonly LedgerRow[],
  replayed: readonly LedgerRow[],
): LedgerComparison {
  const total = Math.max(recorded.length, replayed.length);
  for (let i = 0; i < total; i++) {
    const difference = differenceOf(recorded[i], replayed[i]);
    if (difference) return { same: i, total, difference };
  }
  return { same: total, total, difference: undefined };
}

function differenceOf(
  recorded: LedgerRow | undefined,
  replayed: LedgerRow | undefined,
): LedgerDifference | undefined {
  const { iteration, step } = (recorded ?? replayed)!;
  if (!recorded || !replayed) return { iteration, step, what: "row", recorded, replayed };
  for (const what of Object.keys({ ...recorded, ...replayed }) as (keyof LedgerRow)[]) {
    const [a, b] = [recorded[what], replayed[what]];
    // As JSON keeps them: a column without a value is no column.
    if (JSON.stringify(a) === JSON.stringify(b)) continue;
    return { iteration, step, what, recorded: a, replayed: b };
  }
  return undefined;
}
