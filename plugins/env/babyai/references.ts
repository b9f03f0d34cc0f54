/**
 * What chance and the expert come to on each level, measured once on many worlds and kept beside this
 * file: scores of all runs then lie between the same two numbers.
 */
import kept from "./references.json" with { type: "json" };
import { HELD_OUT_SEEDS, type Reference } from "@tandem/core";
import { type Certificate, certify } from "./certify.ts";
import type { LevelId } from "./levels.ts";

/** Worlds that a level is measured on, from {@linkcode HELD_OUT_SEEDS} on. */
const REFERENCE_WORLDS = 2000;

/** What is kept of a level: numbers of worlds solved, and what the expert took on average. */
export interface KeptLevel {
  readonly size: readonly [width: number, height: number];
  /** The least and greatest step limit seen. */
  readonly maxSteps: readonly [least: number, greatest: number];
  /** Worlds solved by uniform draws from all actions, by draws of moves alone, by the expert. */
  readonly random: number;
  readonly moves: number;
  readonly expert: number;
  readonly expertSteps: number;
  readonly expertReward: number;
}

/** The file: how it was made, and the levels by id. */
export interface KeptReferences {
  /** The command that measures everything anew. */
  readonly command: string;
  /** The day of the last measurement. */
  readonly made: string;
  /** Worlds have the seeds `firstSeed` to `firstSeed + worlds - 1`. */
  readonly firstSeed: number;
  readonly worlds: number;
  /** Seed of the random actions. */
  readonly randomSeed: number;
  readonly levels: Readonly<Partial<Record<LevelId, KeptLevel>>>;
}

/** What was measured and kept. */
export const KEPT: KeptReferences = kept as unknown as KeptReferences;

/**
 * Chance and the expert on a level; undefined where it was not measured.
 *
 * @example
 * ```ts
 * import { referenceOf } from "./references.ts";
 * import assert from "node:assert/strict";
 * const { ceiling, worlds } = referenceOf("BabyAI-GoToRedBallNoDists-v0")!;
 * assert.deepEqual([ceiling, worlds], [1, 2000]);
 * ```
 */
export function referenceOf(level: string): Reference | undefined {
  const { worlds, levels } = KEPT;
  const measured = Object.hasOwn(levels, level) ? levels[level as LevelId] : undefined;
  return measured && { floor: measured.random / worlds, ceiling: measured.expert / worlds, worlds };
}

/** A level's certificate as it was kept; undefined where it was not measured. */
export function keptCertificate(level: LevelId): Certificate | undefined {
  const { worlds: episodes, levels } = KEPT;
  const measured = levels[level];
  if (!measured) return undefined;
  const { size: [width, height], maxSteps, random, moves, expert } = measured;
  return {
    ...{ level, width, height, maxSteps, episodes },
    random: { success: random / episodes },
    randomMoves: { success: moves / episodes },
    expert: {
      success: expert / episodes,
      steps: measured.expertSteps,
      reward: measured.expertReward,
    },
  };
}

/** Measures a level for the file. */
export function measureLevel(level: LevelId): KeptLevel {
  const seeds = Array.from({ length: REFERENCE_WORLDS }, (_, i) => HELD_OUT_SEEDS + i);
  const { width, height, maxSteps, random, randomMoves, expert } = certify(level, { seeds });
  const solved = ({ success }: { readonly success: number }) =>
    Math.round(success * REFERENCE_WORLDS);
  const rounded = (value: number) => Number(value.toFixed(4));
  return {
    size: [width, height],
    maxSteps,
    random: solved(random),
    moves: solved(randomMoves),
    expert: solved(expert),
    expertSteps: rounded(expert.steps),
    expertReward: rounded(expert.reward),
  };
}
