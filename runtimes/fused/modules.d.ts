/** The compiled kernels, with relaxed SIMD's multiply-add or with SIMD alone. */
export function compiled(relaxed: boolean): Promise<WebAssembly.Module>;
/** The compiled kernels of a T5 with 8-bit weights, in the same two ways. */
export function compiledT5(relaxed: boolean): Promise<WebAssembly.Module>;
