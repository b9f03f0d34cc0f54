/** What was typed, as one line for a shell: for config.json and the reports. */
export function commandLine(): string {
  // The task itself says what it was allowed.
  const typed = Deno.args.filter((arg) => !arg.startsWith("--allowed="));
  const quoted = typed.map((arg) =>
    /^[\w./=:,@+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`
  );
  return ["deno task", ...quoted].join(" ");
}
