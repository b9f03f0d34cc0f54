/** What was typed, as one line for a shell: for config.json and the reports. */
export function commandLine(): string {
  const quoted = Deno.args.map((arg) =>
    /^[\w./=:,@+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`
  );
  return ["deno task", ...quoted].join(" ");
}
