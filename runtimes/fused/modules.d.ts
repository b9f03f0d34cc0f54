/**
 * The compiled kernels, with relaxed SIMD's multiply-add or with SIMD alone, for a memory of their own or
 * for one of 256 MiB that several instances share.
 */
export function compiled(relaxed: boolean, shared?: boolean): Promise<WebAssembly.Module>;
/** The compiled kernels of a T5 with 8-bit weights, in the same two ways. */
export function compiledT5(relaxed: boolean): Promise<WebAssembly.Module>;
