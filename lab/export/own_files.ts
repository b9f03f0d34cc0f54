/** What an export has written into a folder, so that it replaces that and nothing else. */
import { relative } from "node:path";
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { readTextFileSync } from "@tandem/runtimes/files";
import { parseJson } from "@tandem/core/internal";

/** The file that says whose export lies in a folder. */
export const MARK = "export.json";
/** A longer one is none. */
const LONGEST_MARK = 1 << 24;

const OWN = v.object({
  tandem: v.literal(1),
  /** The run's or comparison's folder, relative to that of the export. */
  of: v.string(),
  files: v.array(v.string()),
});

/**
 * Holds that nothing which another has put there is replaced.
 *
 * @param folder Of the export.
 * @param source The run's or comparison's folder.
 * @param names What will be written, relative to the folder.
 * @returns What the {@linkcode MARK} shall say.
 * @throws {TandemError} E_FILE where one of the files stands there and is not this export's own.
 */
export function claimFiles(folder: string, source: string, names: readonly string[]): string {
  const of = relative(folder, source);
  const before = markIn(folder);
  const own = new Set(before?.of === of ? [...before.files, MARK] : []);
  const strange = [...names, MARK].find((name) => !own.has(name) && exists(`${folder}/${name}`));
  if (strange !== undefined) {
    const whose = before && before.of !== of ? `is of the export of "${before.of}"` : "is there";
    throw new TandemError(
      "E_FILE",
      `"${folder}/${strange}" ${whose} and is not replaced. Name another folder with --out.`,
    );
  }
  const files = [...new Set([...before?.files ?? [], ...names])].sort();
  return JSON.stringify({ tandem: 1, of, files }, null, 2) + "\n";
}

function markIn(folder: string): v.InferOutput<typeof OWN> | undefined {
  try {
    const text = readTextFileSync(`${folder}/${MARK}`, LONGEST_MARK);
    const parsed = v.safeParse(OWN, parseJson(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined; // there is none, or it is no mark
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
