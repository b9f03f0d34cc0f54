/** Whether a terminal may be painted on and drawn over: decided here, and nowhere else. */

/** What decides it. */
export interface Surroundings {
  readonly isTerminal: boolean;
  /** Whether NO_COLOR is set (no-color.org). */
  readonly noColor: boolean;
  /** TERM; a "dumb" one knows no commands. */
  readonly term: string;
  /** CI, which servers set that keep what is written in a log. */
  readonly ci: string;
}

/**
 * Whether colours and cursor movements are in place; else all is plain lines.
 *
 * @example
 * ```ts
 * import { isDrawable } from "./terminal.ts";
 * import assert from "node:assert/strict";
 * const terminal = { isTerminal: true, noColor: false, term: "xterm-256color", ci: "" };
 * assert.equal(isDrawable(terminal), true);
 * assert.equal(isDrawable({ ...terminal, term: "dumb" }), false);
 * ```
 */
export function isDrawable({ isTerminal, noColor, term, ci }: Surroundings): boolean {
  return isTerminal && !noColor && term !== "dumb" && (ci === "" || ci === "false" || ci === "0");
}

/** {@linkcode isDrawable} for a stream of this process. */
export function canDraw(stream: "stdout" | "stderr"): boolean {
  const isTerminal = Deno[stream].isTerminal();
  return isDrawable({ isTerminal, noColor: Deno.noColor, ...told(Deno.args) });
}

/** How the tasks hand TERM and CI on, so that none needs to read the environment. */
export const TERMINAL_FLAG = "--terminal=";

/** TERM and CI as the task tells them; else as the environment does, where it may be read. */
function told(args: readonly string[]): Pick<Surroundings, "term" | "ci"> {
  const flag = args.find((arg) => arg.startsWith(TERMINAL_FLAG));
  if (flag === undefined) return { term: readable("TERM"), ci: readable("CI") };
  const [term = "", ci = ""] = flag.slice(TERMINAL_FLAG.length).split(",");
  return { term, ci };
}

function readable(variable: string): string {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) ?? "" : "";
}
