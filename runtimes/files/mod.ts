/**
 * Files on a disk: read within bounds, written whole or not at all.
 *
 * @module
 */
export { diskError } from "./disk_error.ts";
export { draftOf, isDraft } from "./draft.ts";
export { disk, type Files } from "./files.ts";
export { refuseLinks, refuseLinksIn, refuseShared } from "./links.ts";
export { fileUrl } from "./location.ts";
export { expectFile, readFile, readFileSync, readTextFile, readTextFileSync } from "./read.ts";
export {
  removeQuietly,
  sweepDrafts,
  writeAtomically,
  writeFolder,
  type WriteOptions,
} from "./write.ts";
