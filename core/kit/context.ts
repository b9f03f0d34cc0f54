/** What a run lends its stages: randomness, time, an end, and a place to report to. */
import { type Breathe, breathing } from "./breath.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { EventSink } from "../stages/events.ts";
import type { FindLearned } from "../stages/learned.ts";
import { namedStream, type Pcg64 } from "./random.ts";

export { type Clock, systemClock } from "./clock.ts";

/**
 * Where tensors are computed: "auto" takes a hardware WebGPU adapter, else WASM. "wasm-portable" is
 * WASM without relaxed SIMD, of which each engine and processor may make other last bits: slower, and
 * the same bits everywhere.
 */
export type DeviceChoice = "auto" | "webgpu" | "wasm" | "wasm-portable" | "cpu";

/** The devices that a user may ask for. */
export const DEVICES: readonly DeviceChoice[] = ["auto", "webgpu", "wasm", "wasm-portable", "cpu"];

/** What every stage is created with. */
export interface Context {
  /** The run's seed, from which all its randomness comes. */
  readonly seed: number;
  /** Where tensors are computed. */
  readonly device: DeviceChoice;
  /** Time, which a test may simulate. */
  readonly clock: Clock;
  /** Aborted when the run shall end with the iteration at hand; what waits shall wait no longer. */
  readonly signal: AbortSignal;
  /** Takes an event of the run. */
  readonly emit: EventSink;
  /**
   * For work that takes longer than a fifth of a second: asked in its loop and awaited where it gives a
   * promise, it lets signals, timers and workers have their turn about five times a second.
   */
  readonly breathe: Breathe;
  /**
   * A new random stream that depends on the run's seed and the name alone: replacing one stage
   * leaves the draws of the others as they were. Ask once and keep it.
   */
  random(name: string): Pcg64;
  /** Finds what stages begin with that begin from a run; absent where no runs can be read. */
  readonly learned?: FindLearned;
}

/** What {@linkcode createContext} takes; everything but the seed has a default. */
export interface ContextOptions {
  /** The run's seed: a whole number, at least 0. */
  readonly seed: number;
  /** Where tensors are computed; "auto" unless told. */
  readonly device?: DeviceChoice;
  /** Time; the system's unless told. */
  readonly clock?: Clock;
  /** Aborted to end the run with the iteration at hand; never unless told. */
  readonly signal?: AbortSignal;
  /** Takes the run's events; nobody does unless told. */
  readonly emit?: EventSink;
  /** Finds what stages begin with that begin from a run; no runs can be read unless told. */
  readonly learned?: FindLearned;
}

/**
 * A context for a run.
 *
 * @example
 * ```ts
 * import { createContext } from "@tandem/core";
 * import assert from "node:assert/strict";
 * const draw = (seed: number, name: string) => createContext({ seed }).random(name).random();
 * assert.equal(draw(1, "student"), draw(1, "student"));
 * assert.notEqual(draw(1, "student"), draw(1, "teacher"));
 * ```
 */
export function createContext(options: ContextOptions): Context {
  const { seed, clock = systemClock } = options;
  return {
    seed,
    device: options.device ?? "auto",
    clock,
    breathe: breathing(clock),
    signal: options.signal ?? new AbortController().signal,
    emit: options.emit ?? (() => {}),
    random: (name) => namedStream(seed, name),
    learned: options.learned,
  };
}

/**
 * The context of a stage within a stage: its random streams are apart from those of the stages
 * around it and beside it.
 *
 * @param scope Its name among its siblings.
 */
export function scopedContext(context: Context, scope: string): Context {
  return { ...context, random: (name) => context.random(`${scope}/${name}`) };
}
