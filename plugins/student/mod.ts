/**
 * Students.
 *
 * @module
 */
export { languageModelCloning } from "./language_model/cloning.ts";
export { lamorel } from "./language_model/mod.ts";
export { actorCritic } from "./neural/actor_critic.ts";
export { behaviourCloning } from "./neural/behaviour_cloning.ts";
export { dqn } from "./neural/dqn.ts";
export { ppo } from "./neural/ppo.ts";
export { recurrentPpo } from "./neural/recurrent_ppo.ts";
export { tabularQ } from "./tabular_q/mod.ts";
