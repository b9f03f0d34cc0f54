/**
 * Students: what learns to act. The networks need `@tandem/runtimes`, which this package brings.
 *
 * @example PPO that leans on its teacher as far as it has learned to.
 * ```ts
 * import { ppo } from "@tandem/plugins/student";
 * import assert from "node:assert/strict";
 * assert.equal(ppo({ guidance: "trust" }).options.hidden, 64);
 * ```
 *
 * @module
 */
export { languageModelCloning } from "./language_model/cloning.ts";
export { lamorel } from "./language_model/mod.ts";
export { actorCritic } from "./neural/actor_critic.ts";
export { behaviourCloning } from "./neural/behaviour_cloning.ts";
export { dqn } from "./neural/dqn.ts";
export { match } from "./neural/match.ts";
export { ppo } from "./neural/ppo.ts";
export { recurrentPpo } from "./neural/recurrent_ppo.ts";
export { tabularQ } from "./tabular_q/mod.ts";
// Every interface there is one of a plugin's options.
export type * from "./options.ts";
