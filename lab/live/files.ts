/** Files that grow while a run goes on: TensorBoard's, and one table. */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { readTextFileSync, refuseShared } from "@tandem/runtimes/files";
import { diskError, writeAtomically } from "../disk.ts";
import { csvCell } from "../export/csv.ts";
import { tensorBoardRecords, tensorBoardStart } from "../export/tensorboard.ts";
import type { RunLog } from "./run_logs.ts";

/** A file that grows by what is appended; it is begun anew by what it begins with. */
class GrowingFile {
  #isBroken = false;
  #isBegun = false;

  /** @param warn Told once, where the disk takes no more. */
  constructor(readonly path: string, private readonly warn: (sentence: string) => void) {}

  begin(content: Uint8Array | string): void {
    this.#try(() => {
      mkdirSync(dirname(this.path), { recursive: true });
      writeAtomically(this.path, content);
      this.#isBegun = true;
    });
  }

  append(content: Uint8Array | string): void {
    this.#try(() => {
      refuseShared(this.path);
      appendFileSync(this.path, content);
    });
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  #try(write: () => void): void {
    if (this.#isBroken) return;
    try {
      write();
    } catch (error) {
      this.#isBroken = true;
      this.warn(`The run goes on without this log: ${diskError(this.path, error).message}`);
    }
  }
}

/**
 * A TensorBoard event file that grows.
 *
 * @param startedAt When the run was started, in seconds since 1970.
 */
export function tensorBoardLog(
  path: string,
  startedAt: number,
  warn: (sentence: string) => void,
): RunLog {
  const file = new GrowingFile(path, warn);
  const restart = () => file.begin(tensorBoardStart(startedAt));
  return {
    restart,
    add(scalars) {
      if (!file.isBegun) restart();
      file.append(tensorBoardRecords(scalars));
    },
    end: () => Promise.resolve(),
  };
}

/** The first columns of the table. */
const PLACE = ["step", "wall_time"];
/** Bytes of a table of which the columns can still change. */
const MOST = 2 ** 28;

/**
 * A table that grows, with a row an event and a column a scalar: "step" and "wall_time", then those of
 * TensorBoard by their names, in the order in which they first came.
 */
export function csvLog(path: string, warn: (sentence: string) => void): RunLog {
  const file = new GrowingFile(path, warn);
  let columns: string[] = [];
  /** New columns stand at the end, empty in the rows of before. */
  const widen = (added: readonly string[]) => {
    const [, ...rows] = columns.length > 0
      ? readTextFileSync(path, MOST).trimEnd().split("\r\n")
      : [];
    columns = [...columns.length > 0 ? columns : PLACE, ...added];
    const lines = [
      columns.map(csvCell).join(","),
      ...rows.map((row) => row + ",".repeat(added.length)),
    ];
    file.begin(`${lines.join("\r\n")}\r\n`);
  };
  return {
    restart() {
      columns = [];
    },
    add(scalars) {
      const row = new Map<string, number>(
        [...scalars].map(({ tag, value }) => [tag, value]),
      );
      const { step, wallTime } = scalars[0]!;
      const added = [...row.keys()].filter((tag) => !columns.includes(tag));
      if (added.length > 0) widen(added);
      row.set("step", step).set("wall_time", wallTime);
      file.append(`${columns.map((name) => csvCell(row.get(name) ?? null)).join(",")}\r\n`);
    },
    end: () => Promise.resolve(),
  };
}
