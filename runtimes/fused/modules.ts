/**
 * The compiled kernels. They stand in TypeScript modules, so that no engine needs permission to read a
 * file or a loader for WebAssembly; only the one that is used is loaded, and it is compiled once.
 */

/**
 * The kernels, with relaxed SIMD's multiply-add or with SIMD alone, for a memory of their own or
 * for one of 256 MiB that several instances share.
 */
export async function compiled(relaxed: boolean, shared = false): Promise<WebAssembly.Module> {
  const { module } = shared
    ? relaxed
      ? await import("./compiled/kernels_shared_relaxed.ts")
      : await import("./compiled/kernels_shared.ts")
    : relaxed
    ? await import("./compiled/kernels_relaxed.ts")
    : await import("./compiled/kernels.ts");
  return await module;
}

/** The kernels of a T5 with 8-bit weights, in the same two ways. */
export async function compiledT5(relaxed: boolean): Promise<WebAssembly.Module> {
  const { module } = relaxed
    ? await import("./compiled/t5_relaxed.ts")
    : await import("./compiled/t5.ts");
  return await module;
}
