/**
 * The five stages of a pipeline and the values that cross between them.
 *
 * Every batch is time-major: a value of step t and environment i lies at index `t * envs + i`.
 * Symbols follow Sutton & Barto: s_t observation, x_t guidance, a_t action, r_tp1 reward.
 */
export * from "./kinds.ts";
export * from "./stage.ts";
export * from "./tensor.ts";
export * from "./space.ts";
export * from "./guidance.ts";
export * from "./env.ts";
export * from "./rollout.ts";
export * from "./teacher.ts";
export * from "./channel.ts";
export * from "./student.ts";
export * from "./advantage.ts";
export * from "./feedback.ts";
export * from "./run_part.ts";
export * from "./evaluation.ts";
export * from "./events.ts";
