import { TERMINAL_FLAG } from "./terminal.ts";

/** What was typed, as one line for a shell: for config.json and the reports. */
export function commandLine(): string {
  // The task itself says what it was allowed, and which terminal it has.
  const own = ["--allowed=", TERMINAL_FLAG];
  const typed = Deno.args.filter((arg) => !own.some((flag) => arg.startsWith(flag)));
  return ["deno task", ...typed.map(shellWord)].join(" ");
}

/** A word as a shell must be told it. */
export function shellWord(word: string): string {
  return /^[\w./=:,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
