import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { TandemError } from "../../core/base/errors.ts";

/**
 * Writes new files, all or none.
 *
 * @throws {TandemError} E_FILE where one of them exists, E_DISK where one cannot be written.
 */
export function writeNew(files: ReadonlyMap<string, string>): void {
  for (const path of files.keys()) {
    if (!existsSync(path)) continue;
    throw new TandemError("E_FILE", `"${path}" exists already; take another name or --dir.`);
  }
  for (const [path, source] of files) {
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeTextFileSync(path, source, { createNew: true });
    } catch (cause) {
      throw new TandemError(
        "E_DISK",
        `"${path}" cannot be written; the task may write into Tandem's folder, the one around it ` +
          `and /tmp.`,
        { cause },
      );
    }
  }
}
