/**
 * Feedback rules of others, in a sandbox without files or network.
 *
 * @module
 */
export { sandboxedRule } from "./rule.ts";
export type { SandboxLimits } from "./sandbox.ts";
