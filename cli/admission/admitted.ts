/** `.tandem/plugins.json`: which plugins were let in, and what they said of themselves. */
import { dirname, join } from "node:path";
import * as v from "valibot";
import { TandemError } from "../../core/base/errors.ts";
import { outsideReason } from "../../core/base/outside.ts";
import { parseJson } from "../../core/kit/json.ts";
import { PLUGIN_KINDS } from "../../core/stages/mod.ts";
import { readTextFile } from "../../runtimes/files/read.ts";
import { isMissing } from "../../runtimes/files/system_error.ts";
import { writeAtomically } from "../../runtimes/files/write.ts";
import { ENTRIES } from "./lock.ts";

/** A longer file is none that we wrote. */
const LONGEST = 2 ** 22;

const PLACE = join(".tandem", "plugins.json");

const ADMITTED = v.strictObject({
  /** As it is named behind `--set`. */
  module: v.pipe(v.string(), v.maxLength(4000)),
  kind: v.picklist(PLUGIN_KINDS),
  name: v.string(),
  description: v.string(),
  /** What it brought into deno.lock. */
  added: ENTRIES,
});

/** A plugin that was let in. */
export type Admitted = v.InferOutput<typeof ADMITTED>;

const FILE = v.strictObject({
  tandem: v.literal("plugins"),
  version: v.literal(1),
  plugins: v.pipe(v.array(ADMITTED), v.maxLength(1000)),
});

/**
 * The plugins that were let in, in the order in which they were.
 *
 * @throws {TandemError} E_FILE for a damaged file.
 */
export async function readAdmitted(): Promise<readonly Admitted[]> {
  try {
    return v.parse(FILE, parseJson(await readTextFile(PLACE, LONGEST))).plugins;
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new TandemError(
      "E_FILE",
      `"${PLACE}" is damaged (${outsideReason(cause)}); without it, plugins that deno.lock holds ` +
        `still run, and "deno task plugins:add" lists them again.`,
      { cause },
    );
  }
}

/** Replaces the list, whole or not at all. */
export async function writeAdmitted(plugins: readonly Admitted[]): Promise<void> {
  await Deno.mkdir(dirname(PLACE), { recursive: true });
  const text = JSON.stringify({ tandem: "plugins", version: 1, plugins }, null, 1);
  writeAtomically(PLACE, `${text}\n`);
}
