/**
 * Statistics of runs: tests of pairs, intervals by bootstrap, effects, survival. Each agrees with SciPy or
 * rliable on golden values; the tests that allow for looks on the way are measured by simulation.
 *
 * @module
 */
export * from "./bootstrap.ts";
export * from "./curves.ts";
export * from "./distributions.ts";
export * from "./effects.ts";
export * from "./equivalence.ts";
export * from "./hypothesis.ts";
export * from "./power.ts";
export * from "./proportions.ts";
export * from "./sample.ts";
export * from "./scores.ts";
export * from "./sequential.ts";
export * from "./survival.ts";
