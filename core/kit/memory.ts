/** What students with memory remember of episodes; it is kept for them, so that it can be branched. */
import type { EnvStep, Student } from "../stages/mod.ts";

/**
 * [N, W] what a student remembers where episodes start: zeros; undefined for one without memory.
 *
 * @example
 * ```ts
 * import { blankMemory, forget } from "./memory.ts";
 * import assert from "node:assert/strict";
 * const memory = blankMemory({ memory: 2 }, 2)!;
 * memory.fill(1);
 * forget(memory, { terminated: Uint8Array.of(0, 1), truncated: Uint8Array.of(0, 0) });
 * assert.deepEqual([...memory], [1, 1, 0, 0]);
 * ```
 */
export function blankMemory(
  { memory }: Pick<Student, "memory">,
  envs: number,
): Float32Array | undefined {
  return memory ? new Float32Array(envs * memory) : undefined;
}

/** Forgets the episodes that a step ended. */
export function forget(
  memory: Float32Array | undefined,
  { terminated, truncated }: Pick<EnvStep, "terminated" | "truncated">,
): void {
  if (!memory) return;
  const width = memory.length / terminated.length;
  for (let i = 0; i < terminated.length; i++) {
    if (terminated[i] === 1 || truncated[i] === 1) memory.fill(0, i * width, (i + 1) * width);
  }
}
