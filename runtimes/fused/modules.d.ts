/** The compiled kernels, with relaxed SIMD's multiply-add or with SIMD alone. */
export function compiled(relaxed: boolean): Promise<WebAssembly.Module>;
