/**
 * What authors of plugins build with: random streams, spaces and tensors, worlds and their steps,
 * guidance, returns and verdicts.
 *
 * @module
 */
export * from "./bounded_map.ts";
export { between, positive, share, whole } from "./bounds.ts";
export * from "./fixed_teacher.ts";
export * from "./guidance.ts";
export * from "./guidance_mode.ts";
export * from "./prompt.ts";
export * from "./random.ts";
export * from "./returns.ts";
export * from "./rollout_buffer.ts";
export * from "./spaces.ts";
export * from "./state_dict.ts";
export * from "./steps.ts";
export * from "./streams.ts";
export * from "./template.ts";
export * from "./tensors.ts";
export * from "./vectorise.ts";
export * from "./verdicts.ts";
