/** Runs written out for other programs. */
import { join } from "node:path";
import { diskError, writeAtomically } from "../disk.ts";
import { csv } from "./csv.ts";
import { parquet } from "./parquet.ts";
import { type NamedRun, tablesOf } from "./rows.ts";
import { eventFileName, type Scalar, tensorBoardFile } from "./tensorboard.ts";

/** What runs can be written as. */
export const FORMATS = ["csv", "parquet", "tensorboard"] as const;
/** One of {@linkcode FORMATS}. */
export type Format = typeof FORMATS[number];

/** A run and its scalars. */
export interface ExportedRun extends NamedRun {
  /** When training began, in seconds since 1970. */
  readonly startedAt: number;
  readonly scalars: readonly Scalar[];
}

/**
 * Writes runs into a folder: runs, evaluations and training as tables, or a folder of TensorBoard's
 * for each run.
 *
 * @returns The paths of the files.
 * @throws {TandemError} E_DISK
 */
export function exportRuns(
  runs: readonly ExportedRun[],
  formats: readonly Format[],
  folder: string,
): string[] {
  const files = formats.flatMap((format) => WRITERS[format](runs));
  return files.map(([name, content]) => {
    const path = join(folder, name);
    try {
      Deno.mkdirSync(join(path, ".."), { recursive: true });
    } catch (error) {
      throw diskError(path, error);
    }
    writeAtomically(path, content);
    return path;
  });
}

type File = readonly [name: string, content: string | Uint8Array];

const WRITERS: Readonly<Record<Format, (runs: readonly ExportedRun[]) => File[]>> = {
  csv: (runs) => Object.entries(tablesOf(runs)).map(([name, rows]) => [`${name}.csv`, csv(rows)]),
  parquet: (runs) =>
    Object.entries(tablesOf(runs)).map(([name, rows]) => [`${name}.parquet`, parquet(rows)]),
  tensorboard: (runs) =>
    runs.map(({ variant, level, seed, startedAt, scalars }) => [
      join(
        "tensorboard",
        fileName(variant),
        fileName(level),
        `seed-${seed}`,
        eventFileName(startedAt),
      ),
      tensorBoardFile(scalars, startedAt),
    ]),
};

function fileName(text: string): string {
  return text.replace(/[^\w.=-]+/g, "_");
}
