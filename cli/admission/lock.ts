/** deno.lock as far as plugins are let in and out of it. */
import * as v from "valibot";
import { TandemError } from "../../core/base/errors.ts";
import { outsideReason } from "../../core/base/outside.ts";
import { parseJson } from "../../core/kit/json.ts";
import { readTextFile } from "../../runtimes/files/read.ts";

/** A longer one is none that Deno wrote. */
const LONGEST = 2 ** 26;

/** What the sections of a lock file hold under a name: hashes, versions, and what is needed besides. */
const SECTION = v.optional(v.record(v.string(), v.unknown()), {});

const LOCK = v.looseObject({
  version: v.string(),
  /** What was asked for, and the version that it came to. */
  specifiers: SECTION,
  jsr: SECTION,
  npm: SECTION,
  /** Addresses that lead elsewhere. */
  redirects: SECTION,
  /** Files on the web with their hashes. */
  remote: SECTION,
});

/** What stands in deno.lock. */
export type Lock = v.InferOutput<typeof LOCK>;

const SECTIONS = ["specifiers", "jsr", "npm", "redirects", "remote"] as const;

/** Names of entries, by section. */
export type Entries = { readonly [S in typeof SECTIONS[number]]?: readonly string[] };

/** {@linkcode Entries} as they are kept in a file. */
export const ENTRIES: v.GenericSchema<unknown, Entries> = v.strictObject(
  Object.fromEntries(SECTIONS.map((section) => [section, v.optional(v.array(v.string()))])),
);

/** @throws {TandemError} E_FILE where there is no lock file, or it is none. */
export async function readLock(path: string): Promise<{ text: string; lock: Lock }> {
  try {
    const text = await readTextFile(path, LONGEST);
    return { text, lock: v.parse(LOCK, parseJson(text)) };
  } catch (cause) {
    const why = outsideReason(cause);
    throw new TandemError("E_FILE", `"${path}" cannot be read as a lock file: ${why}`, { cause });
  }
}

/** The entries that a later lock file has and an earlier one has not. */
export function entriesAdded(before: Lock, after: Lock): Entries {
  const added = SECTIONS.map((
    section,
  ) => [
    section,
    Object.keys(after[section]).filter((key) => !Object.hasOwn(before[section], key)),
  ]);
  return Object.fromEntries(added.filter(([, keys]) => keys!.length > 0));
}

/** The text of a lock file without some entries, as Deno writes it. */
export function withoutEntries(lock: Lock, entries: Entries): string {
  const left: Record<string, unknown> = structuredClone(lock);
  for (const section of SECTIONS) {
    const kept = Object.entries(lock[section])
      .filter(([key]) => !entries[section]?.includes(key));
    if (kept.length > 0) left[section] = Object.fromEntries(kept);
    else delete left[section];
  }
  return `${JSON.stringify(left, null, 2)}\n`;
}

/** Entries of a lock file that another one has with other content: the first, as its reader knows it. */
export function entryChanged(before: Lock, after: Lock): string | undefined {
  for (const section of SECTIONS) {
    for (const [key, value] of Object.entries(after[section])) {
      const old = before[section][key];
      if (old !== undefined && JSON.stringify(old) !== JSON.stringify(value)) return key;
    }
  }
  return undefined;
}

/** Packages of Tandem's own among entries, such as "@tandem/core@0.2.0": copies of what is here. */
export function copiesOfTandem({ npm = [], jsr = [] }: Entries): string[] {
  return [...npm, ...jsr].filter((key) => key.startsWith("@tandem/"))
    .map((key) => key.split("_")[0]!);
}
