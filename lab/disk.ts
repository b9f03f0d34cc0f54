/** The lab's door to the disk: what it writes, it writes through runtimes/files. */
export { diskError } from "../runtimes/files/disk_error.ts";
export { removeQuietly, writeAtomically } from "../runtimes/files/write.ts";
