/** Runs written out for other programs. */
import { dirname, join, relative } from "node:path";
import { refuseLinks } from "@tandem/runtimes/files";
import { diskError, writeAtomically } from "../disk.ts";
import { csv } from "./csv.ts";
import { folderNames } from "./folder_names.ts";
import { claimFiles, MARK } from "./own_files.ts";
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

/** Where an export goes. */
export interface ExportPlace {
  /** The folder of the export. */
  readonly folder: string;
  /** The folder of the run or of the comparison: two exports are told apart by it. */
  readonly source: string;
}

/**
 * Writes runs into a folder: runs, evaluations and training as tables, or a folder of TensorBoard's
 * for each run. It replaces what an earlier export of the same source wrote, and nothing else.
 *
 * @returns The paths of the files.
 * @throws {TandemError} E_DISK, E_FILE where something else stands in the way, and E_PACKAGE.
 */
export async function exportRuns(
  runs: readonly ExportedRun[],
  formats: readonly Format[],
  { folder, source }: ExportPlace,
): Promise<string[]> {
  const written = await Promise.all([...new Set(formats)].map((format) => WRITERS[format](runs)));
  const files = new Map(written.flat());
  const within = isInside(folder, source) ? source : folder;
  refuseLinks(join(folder, MARK), within);
  const mark = claimFiles(folder, source, [...files.keys()]);
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    refuseLinks(path, within);
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
    } catch (error) {
      throw diskError(path, error);
    }
    writeAtomically(path, content, { within });
    return path;
  };
  // First what is its own, then the files: an interrupted export can be done again.
  write(MARK, mark);
  return [...files].map(([name, content]) => write(name, content));
}

function isInside(folder: string, source: string): boolean {
  return !relative(source, folder).startsWith("..");
}

type File = readonly [name: string, content: string | Uint8Array];

const WRITERS: Readonly<
  Record<Format, (runs: readonly ExportedRun[]) => File[] | Promise<File[]>>
> = {
  csv: (runs) => Object.entries(tablesOf(runs)).map(([name, rows]) => [`${name}.csv`, csv(rows)]),
  parquet: (runs) =>
    Promise.all(
      Object.entries(tablesOf(runs)).map(async ([name, rows]): Promise<File> => [
        `${name}.parquet`,
        await parquet(rows),
      ]),
    ),
  tensorboard(runs) {
    const variants = folderNames(runs.map(({ variant }) => variant));
    const levels = folderNames(runs.map(({ level }) => level));
    return runs.map(({ variant, level, seed, startedAt, scalars }) => [
      ["tensorboard", variants.get(variant), levels.get(level), `seed-${seed}`]
        .concat(eventFileName(startedAt)).join("/"),
      tensorBoardFile(scalars, startedAt),
    ]);
  },
};
