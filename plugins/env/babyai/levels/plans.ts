/** What most levels share. */

import type { Builder, Level } from "../builder.ts";

/** A level of three by three rooms of eight cells unless told otherwise. */
export function level(
  build: (builder: Builder) => void,
  plan: Partial<Omit<Level, "build">> = {},
): Level {
  return {
    roomSize: 8,
    columns: 3,
    rows: 3,
    maxSteps: null,
    sparesKeys: false,
    startsCarrying: false,
    ...plan,
    build,
  };
}

/** A level of one room. */
export function oneRoom(roomSize: number, build: (builder: Builder) => void): Level {
  return level(build, { roomSize, columns: 1, rows: 1 });
}
