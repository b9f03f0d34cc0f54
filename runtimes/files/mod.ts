/**
 * Files on a disk: read within bounds, written whole or not at all.
 *
 * @module
 */
export { builtin, type Builtins, optionalBuiltin } from "@tandem/core/internal";
export { diskError } from "./disk_error.ts";
export { draftOf, isDraft } from "./draft.ts";
export { disk, type Files } from "./files.ts";
export { refuseLinks, refuseLinksIn, refuseShared } from "./links.ts";
export { fileUrl } from "./location.ts";
export { type FileLock, lockFile } from "./lock.ts";
export {
  expectFile,
  readFile,
  readFileSync,
  readSlice,
  readTextFile,
  readTextFileSync,
} from "./read.ts";
export { isMissing, isNoFolder, isNotCapable, isTaken, systemReason } from "./system_error.ts";
export {
  removeQuietly,
  sweepDrafts,
  writeAtomically,
  writeFolder,
  type WriteOptions,
} from "./write.ts";
