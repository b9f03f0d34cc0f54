/** What stages have made for others, such as a model that was trained, as a folder each. */
import { dirname, join } from "node:path";
import type { StageFiles } from "../core/stages.ts";
import { diskError, removeQuietly } from "./disk.ts";

/**
 * Writes a folder of files, whole or not at all; what stood there before goes.
 *
 * @throws {TandemError} E_DISK
 */
export function writeStageFiles(path: string, files: StageFiles): void {
  const draft = `${path}.tmp`;
  try {
    removeQuietly(draft);
    for (const [name, bytes] of Object.entries(files)) {
      const file = join(draft, name);
      Deno.mkdirSync(dirname(file), { recursive: true });
      Deno.writeFileSync(file, bytes);
    }
    removeQuietly(path);
    Deno.renameSync(draft, path);
  } catch (error) {
    removeQuietly(draft);
    throw diskError(path, error);
  }
}
