/** The lab's door to the disk: what it writes, it writes through runtimes/files. */
export { diskError, removeQuietly, writeAtomically } from "@tandem/runtimes/files";
