/** What runs in a sandbox before anything else. */

/**
 * Takes away time and chance. Its value is a function that tells of what was thrown in two texts,
 * message and code, whatever that is and whatever a rule has made of the language since.
 */
export const PRELUDE = `"use strict";
(() => {
  const refuse = (what) => () => {
    throw new Error("there is no " + what + " in the sandbox");
  };
  globalThis.Date = function Date() { refuse("clock")(); };
  Date.now = Date.parse = Date.UTC = refuse("clock");
  Math.random = refuse("chance but that of the context");
  for (const name of ["WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics"]) {
    delete globalThis[name];
  }
  const text = String, cut = Function.prototype.call.bind(String.prototype.slice);
  const read = (thrown, name) => {
    const value = thrown[name];
    return typeof value === "string" ? cut(value, 0, 2000) : "";
  };
  const unreadable = "it threw something that cannot be read";
  return (thrown) => {
    try {
      if ((typeof thrown !== "object" || thrown === null) && typeof thrown !== "function") {
        return { message: cut(text(thrown), 0, 2000), code: "" };
      }
      return { message: read(thrown, "message") || unreadable, code: read(thrown, "code") };
    } catch {
      return { message: unreadable, code: "" };
    }
  };
})()`;
