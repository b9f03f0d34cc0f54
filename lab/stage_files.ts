/** What stages have made for others, such as a model that was trained, as a folder each. */
import type { StageFiles } from "@tandem/core";
import { writeFolder } from "@tandem/runtimes/files";

/**
 * Writes a folder of files, whole or not at all; what stood there before goes.
 *
 * @throws {TandemError} E_DISK, and E_FILE where a link is in the way or a name leads out of the folder.
 */
export function writeStageFiles(path: string, files: StageFiles): void {
  writeFolder(path, Object.entries(files), { replaces: true });
}
