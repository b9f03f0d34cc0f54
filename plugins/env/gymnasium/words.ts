/** Observations of Gymnasium's environments in words. */
import type { Space, Spaces, Tensors } from "@tandem/core";
import { COLOR_NAMES } from "../babyai/cells.ts";
import { describeView } from "../babyai/text.ts";

/** Numbers of one tensor that are told; what is longer is for the eye. */
const MOST_NUMBERS = 16;

/** Bytes of a cell of Minigrid's. */
const CELL = 3;

/** Minigrid's types that BabyAI has not; its numbers go on from BabyAI's. */
const [EMPTY, FIRST_OTHER] = [1, 8];
const OTHERS = ["goal", "lava", "agent"];

/** What environment i shows, one sentence a thing seen or a tensor. */
export function inWords(observation: Spaces, tensors: Tensors, i: number): string[] {
  return Object.entries(observation).flatMap(([name, space]) => {
    const { data } = tensors[name]!;
    const width = data.length / tensors[name]!.shape[0]!;
    const row = data.subarray(i * width, (i + 1) * width);
    return isView(space) ? viewInWords(row as Uint8Array) : [numbersInWords(name, row)];
  });
}

/** Whether it is Minigrid's square view, with a direction behind it. */
function isView(space: Space): boolean {
  if (space.kind !== "multi-discrete" || space.channels !== CELL) return false;
  return Number.isInteger(Math.sqrt((space.nvec.length - 1) / CELL));
}

function numbersInWords(name: string, row: ArrayLike<number>): string {
  const told = Array.from({ length: Math.min(row.length, MOST_NUMBERS) }, (_, k) => row[k]!);
  const rest = row.length > MOST_NUMBERS ? `, and ${row.length - MOST_NUMBERS} more` : "";
  return `${name}: ${told.map((value) => +value.toPrecision(3)).join(", ")}${rest}`;
}

/** In BabyAI-Text's words, and in words alike what BabyAI's worlds do not have. */
function viewInWords(row: Uint8Array): string[] {
  const size = Math.sqrt((row.length - 1) / CELL);
  const known = row.slice();
  const others: string[] = [];
  for (let k = 0; k < size * size; k++) {
    const type = row[CELL * k]!;
    if (type < FIRST_OTHER) continue;
    known.set([EMPTY, 0, 0], CELL * k);
    const [aside, ahead] = [Math.floor(k / size) - (size >> 1), size - 1 - k % size];
    const ways = [steps(Math.abs(aside), aside < 0 ? "left" : "right"), steps(ahead, "forward")];
    const way = ways.filter((part) => part !== "").join(" and ") || "here";
    others.push(
      `You see a ${COLOR_NAMES[row[CELL * k + 1]!]} ${OTHERS[type - FIRST_OTHER]} ${way}`,
    );
  }
  return [...describeView(known, 0, size), ...others];
}

function steps(count: number, side: string): string {
  return count === 0 ? "" : `${count} step${count > 1 ? "s" : ""} ${side}`;
}
