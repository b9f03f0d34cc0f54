/** What was typed, as one line for a shell: for config.json and the reports. */
export function commandLine(): string {
  // The task itself says what it was allowed.
  const typed = Deno.args.filter((arg) => !arg.startsWith("--allowed="));
  return ["deno task", ...typed.map(shellWord)].join(" ");
}

/** A word as a shell must be told it. */
export function shellWord(word: string): string {
  return /^[\w./=:,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
