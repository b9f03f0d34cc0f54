import { bytesOfBase64, toBase64 } from "@tandem/core/internal";
import type { Picture } from "./draw.ts";

/** A picture as a short text: width, height, agent's x, y, direction, what it carries, cells, view. */
export function writeSnapshot(picture: Picture): string {
  const { width, height, agentX, agentY, direction, carrying, cells, visible } = picture;
  const numbers = `${width} ${height} ${agentX} ${agentY} ${direction} ${carrying}`;
  return `${numbers} ${toBase64(cells)} ${toBase64(visible)}`;
}

/**
 * The picture that {@linkcode writeSnapshot} wrote, without its mission.
 *
 * @example
 * ```ts
 * import { takePicture } from "./draw.ts";
 * import { readSnapshot, writeSnapshot } from "./snapshot.ts";
 * import { BabyAIVector } from "./vector.ts";
 * import assert from "node:assert/strict";
 * const worlds = new BabyAIVector({ level: "BabyAI-GoToLocal-v0" });
 * worlds.reset([0]);
 * const picture = takePicture(worlds.world(0));
 * assert.deepEqual(readSnapshot(writeSnapshot(picture)), { ...picture, mission: "" });
 * ```
 */
export function readSnapshot(snapshot: string): Picture {
  const parts = snapshot.split(" ");
  const number = (i: number) => Number(parts[i]);
  const bytes = (i: number) => bytesOfBase64(parts[i] ?? "");
  return {
    width: number(0),
    height: number(1),
    agentX: number(2),
    agentY: number(3),
    direction: number(4),
    carrying: number(5),
    cells: bytes(6),
    visible: bytes(7),
    mission: "",
  };
}
