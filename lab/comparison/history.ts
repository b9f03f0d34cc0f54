/** history.jsonl: every comparison that was ever begun in a folder, the abandoned among them. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { outsideText } from "@tandem/core/internal";
import { isMissing, readTextFileSync, refuseShared } from "@tandem/runtimes/files";
import { sha256 } from "../digest.ts";
import { diskError } from "../disk.ts";

const text = v.pipe(v.string(), v.maxLength(1 << 16));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const START = v.object({
  event: v.literal("begun"),
  id: text,
  at: v.pipe(text, v.isoTimestamp()),
  /** What was begun. */
  kind: v.picklist(["comparison", "tuning"]),
  /** What was typed. */
  command: text,
  /** SHA-256 of the plan, and of the code that ran it. */
  plan: text,
  code: text,
  variants: v.array(text),
  levels: v.array(text),
  /** Seeds at most. */
  seeds: count,
  primary: v.nullable(text),
});

const END = v.object({
  event: v.literal("ended"),
  id: text,
  at: v.pipe(text, v.isoTimestamp()),
  how: v.picklist(["done", "decided", "undecided", "incomplete", "stopped", "refused"]),
  /** Seeds that were looked at. */
  seeds: count,
});

/** What is known of a comparison when it is begun. */
export type Start = Omit<v.InferOutput<typeof START>, "event" | "id" | "at">;

/** How a comparison ended. */
export type How = v.InferOutput<typeof END>["how"];

/** A comparison that was begun, and how it ended; undefined where it never did. */
export interface HistoryEntry extends Start {
  readonly at: Date;
  readonly end?: { readonly at: Date; readonly how: How; readonly seeds: number };
}

const NAME = "history.jsonl";
/** Lines of some hundred bytes each. */
const LONGEST = 1 << 26;

/** Lists what is begun in a folder. Nothing in it is ever changed. */
export class History {
  readonly #path: string;

  /** @param folder Of a comparison. */
  constructor(folder: string) {
    this.#path = join(folder, NAME);
  }

  /**
   * Writes down that something is begun.
   *
   * @returns What to call when it has ended.
   * @throws {TandemError} E_DISK
   */
  begin(start: Start, now: Date): (how: How, seeds: number, now: Date) => void {
    const at = now.toISOString();
    const id = sha256(`${at}\n${start.command}\n${start.plan}`).slice(0, 16);
    this.#append({ event: "begun", id, at, ...start });
    return (how, seeds, now) =>
      this.#append({ event: "ended", id, at: now.toISOString(), how, seeds });
  }

  /** All that was begun, in order. Lines that are not whole are told of and left out. */
  entries(warn: (sentence: string) => void): HistoryEntry[] {
    const [starts, ends] = [[] as v.InferOutput<typeof START>[], new Map<string, End>()];
    for (const [i, line] of this.#lines().entries()) {
      const [start, end] = [v.safeParse(START, line), v.safeParse(END, line)];
      if (start.success) starts.push(start.output);
      else if (end.success) ends.set(end.output.id, end.output);
      else warn(`Line ${i + 1} of "${this.#path}" is damaged and left out.`);
    }
    return starts.map(({ id, at, event: _, ...start }) => {
      const end = ends.get(id);
      return { ...start, at: new Date(at), ...(end && { end: { ...end, at: new Date(end.at) } }) };
    });
  }

  #append(line: object): void {
    try {
      refuseShared(this.#path);
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`, { flush: true });
    } catch (error) {
      throw diskError(this.#path, error);
    }
  }

  #lines(): unknown[] {
    try {
      const lines = readTextFileSync(this.#path, LONGEST).split("\n");
      return lines.filter((line) => line !== "").map(jsonOf);
    } catch (error) {
      if (isMissing(error)) return [];
      if (error instanceof RangeError) return [undefined]; // longer than any that was written
      throw diskError(this.#path, error);
    }
  }
}

type End = v.InferOutput<typeof END>;

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The history as lines for a terminal. */
export function historyText(entries: readonly HistoryEntry[]): string {
  return entries.map(({ at, kind, variants, levels, seeds, primary, plan, code, end }) => {
    const where = levels.length > 0 ? ` on ${levels.join(", ")}` : "";
    const how = end ? `${end.how} after ${end.seeds} seeds` : "abandoned";
    return outsideText(
      `${at.toISOString().slice(0, 16).replace("T", " ")}  ${kind} of ${
        variants.join(", ")
      }${where}; ` +
        `at most ${seeds} seeds, ${
          primary ? `primary measure ${primary}` : "no primary measure"
        }; ` +
        `plan ${plan.slice(0, 8)}, code ${code.slice(0, 8)}: ${how}`,
    );
  }).join("\n");
}
