/** Node's built-in modules: core asks the engine for them. */
export { builtin, type Builtins, optionalBuiltin } from "@tandem/core/internal";
