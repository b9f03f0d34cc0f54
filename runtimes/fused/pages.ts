/** Sizes of WebAssembly memories, in pages. */

/** Bytes of a page. */
export const PAGE = 65_536;

/**
 * Size of a memory that threads share: 256 MiB, taken from the machine as it is written to. It is fixed,
 * since engines load the size of a shared memory that may grow anew after every store.
 */
export const SHARED_PAGES = 4096;
