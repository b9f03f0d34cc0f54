/**
 * Tandem's contracts and its scheduler: pipelines in which a language model and a reinforcement-learning
 * agent make each other better.
 *
 * @module
 */
export { ERROR_CODES, type ErrorCode, type ErrorKind, TandemError } from "./base/errors.ts";
export {
  type Clock,
  type Context,
  type ContextOptions,
  createContext,
  type DeviceChoice,
  DEVICES,
  systemClock,
} from "./kit/context.ts";
export * from "./pipeline/mod.ts";
export * from "./run/mod.ts";
export * from "./stages/mod.ts";
