// A source import gives a compiled module without permission to read files; TypeScript's compiler
// does not know its syntax yet, so it stands here with its types beside it.

/** @param {boolean} relaxed @param {boolean} shared */
export function compiled(relaxed, shared = false) {
  if (shared) {
    return relaxed
      ? import.source("./kernels.shared.relaxed.wasm")
      : import.source("./kernels.shared.wasm");
  }
  return relaxed ? import.source("./kernels.relaxed.wasm") : import.source("./kernels.wasm");
}

/** @param {boolean} relaxed */
export function compiledT5(relaxed) {
  return relaxed ? import.source("./t5.relaxed.wasm") : import.source("./t5.wasm");
}
