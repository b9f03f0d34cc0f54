/**
 * Tandem's contracts and its scheduler: pipelines in which a language model and a reinforcement-learning
 * agent make each other better.
 *
 * Here are the names of three smaller doors, which may be opened by themselves: `@tandem/core/stages`
 * (the contracts of the stages, and the values that cross between them), `@tandem/core/pipeline`
 * (plugins, options and pipelines: what is declared before anything runs) and `@tandem/core/run`
 * (running and measuring). What authors of plugins build with is `@tandem/core/kit`; what checks that a
 * plugin meets its contract is `@tandem/core/testing`.
 *
 * @example A pipeline is a value: five plugins with their options. Those of `@tandem/plugins` will do.
 * ```ts
 * import { createContext, definePipeline, runPipeline } from "@tandem/core";
 * import { corridor } from "@tandem/env";
 * import { gae, noTeacher, paper, tabularQ } from "@tandem/plugins";
 * import assert from "node:assert/strict";
 *
 * const pipeline = definePipeline({
 *   name: "first",
 *   env: corridor({ length: 6 }),
 *   teacher: noTeacher(),
 *   student: tabularQ({ learningRate: 0.5 }),
 *   advantage: gae({ lambda: 0 }),
 *   feedback: paper(),
 *   schedule: { iterations: 2, envs: 4, steps: 16 },
 *   evaluation: { episodes: 4, states: 4 },
 * });
 * const { iterations, end } = await runPipeline(pipeline, createContext({ seed: 1 }));
 * assert.equal(iterations, 2);
 * assert.ok(end.success.rate >= 0);
 * ```
 *
 * @module
 */
export { ERROR_CODES, type ErrorCode, type ErrorKind, TandemError } from "./base/errors.ts";
export type { Breathe } from "./kit/breath.ts";
export {
  type Clock,
  type Context,
  type ContextOptions,
  createContext,
  type DeviceChoice,
  DEVICES,
  systemClock,
} from "./kit/context.ts";
// Each of the three lists by name what it lets out.
export * from "./pipeline/mod.ts";
export * from "./run/mod.ts";
export * from "./stages/mod.ts";
