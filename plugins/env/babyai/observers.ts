/**
 * What an agent is given: the partial view, or what Minigrid's wrappers make of a world (FullyObs,
 * OneHotPartialObs and FlatObs in minigrid/wrappers.py).
 */

import { TandemError } from "@tandem/core";
import { AGENT, COLOR_NAMES, RED, STATE_NAMES } from "./cells.ts";
import { MISSION_BYTES, readMission } from "./missions.ts";
import { type Observer, Rows } from "./rows.ts";
import { CELL, type View } from "./view.ts";
import type { Worlds } from "./worlds.ts";

/** Observations by name. */
export type ObservationKind = "view" | "full" | "one-hot" | "flat";

/** Minigrid's object types, of which BabyAI has the first eight. */
const MINIGRID_TYPES = 11;

/** FlatObs: characters of a mission at most, and codes for a to z, space and comma. */
const MISSION_LENGTH = 96;
const CHARACTERS = 28;

/**
 * The observer of a name.
 *
 * | name | row |
 * | --- | --- |
 * | view | what the agent sees [size, size, 3] as [from the left][from the far end][type, colour, state], and its direction |
 * | full | the grid [width, height, 3], the agent as type 10 with its direction as state |
 * | one-hot | "view" with one bit a category [size, size, 20], and the direction |
 * | flat | "view" without the direction, and the mission's characters, one bit each [96, 28] |
 *
 * Rows are filled up with zeros to a multiple of four bytes.
 */
export function makeObserver(kind: ObservationKind, worlds: Worlds, view: View): Observer {
  switch (kind) {
    case "view":
      return view;
    case "full":
      return fullGrid(worlds);
    case "one-hot":
      return oneHot(view);
    case "flat":
      return flat(view);
  }
}

function fullGrid({ width, height }: Worlds): Observer {
  const cell = [AGENT + 1, COLOR_NAMES.length, 4];
  return {
    categories: padded(Array.from({ length: width * height }, () => cell).flat()),
    channels: cell.length,
    write(worlds, index, { bytes, size }) {
      const { cells, stride } = worlds;
      let at = index * size;
      for (let x = 0; x < width; x++) {
        let place = index * worlds.size + worlds.placeOf(x, 0);
        for (let y = 0; y < height; y++, place += stride) {
          const cell = cells[place]!;
          bytes[at++] = cell & 7;
          bytes[at++] = cell >> 3 & 7;
          bytes[at++] = cell >> 6;
        }
      }
      const agent = worlds.agent[index]!;
      at = index * size + 3 * (worlds.xOf(agent) * height + worlds.yOf(agent));
      bytes[at] = AGENT;
      bytes[at + 1] = RED;
      bytes[at + 2] = worlds.direction[index]!;
    },
  };
}

function oneHot(view: View): Observer {
  const bits = MINIGRID_TYPES + COLOR_NAMES.length + STATE_NAMES.length;
  const cells = view.size ** 2;
  const seen = new Rows(1, view.bytes);
  return {
    categories: padded([...Array<number>(cells * bits).fill(2), 4]),
    channels: bits,
    write(worlds, index, { bytes, size }) {
      const at = index * size, image = seen.bytes;
      view.writeRow(worlds, index, seen, 0);
      bytes.fill(0, at, at + size);
      for (let cell = 0; cell < cells; cell++) {
        const first = at + cell * bits;
        bytes[first + image[3 * cell]!] = 1;
        bytes[first + MINIGRID_TYPES + image[3 * cell + 1]!] = 1;
        bytes[first + MINIGRID_TYPES + COLOR_NAMES.length + image[3 * cell + 2]!] = 1;
      }
      bytes[at + cells * bits] = image[3 * cells]!;
    },
  };
}

function flat(view: View): Observer {
  const image = 3 * view.size ** 2;
  const letters = Array<number>(MISSION_LENGTH * CHARACTERS).fill(2);
  const seen = new Rows(1, view.bytes);
  return {
    categories: padded([...Array.from({ length: image / 3 }, () => CELL).flat(), ...letters]),
    channels: CELL.length,
    write(worlds, index, { bytes, size }) {
      const at = index * size;
      view.writeRow(worlds, index, seen, 0);
      bytes.fill(0, at, at + size);
      for (let k = 0; k < image; k++) bytes[at + k] = seen.bytes[k]!;
      writeMission(readMission(worlds.missions, index * MISSION_BYTES), bytes, at + image);
    },
  };
}

function writeMission(mission: string, bytes: Uint8Array, at: number): void {
  if (mission.length > MISSION_LENGTH) {
    throw new TandemError(
      "E_OPTION",
      `The mission "${mission}" has ${mission.length} characters: the observation "flat" holds ` +
        `${MISSION_LENGTH}, so this level needs another one.`,
    );
  }
  for (let i = 0; i < mission.length; i++) {
    const character = mission[i]!;
    const code = character === " " ? 26 : character === "," ? 27 : mission.charCodeAt(i) - 97;
    bytes[at + i * CHARACTERS + code] = 1;
  }
}

/** Filled up to a multiple of four entries, with one category each. */
function padded(categories: readonly number[]): number[] {
  return [...categories, ...Array<number>(-categories.length & 3).fill(1)];
}
