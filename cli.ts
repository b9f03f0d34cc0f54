/**
 * The command line's beginning: it imports no package, so that it can say what is amiss where packages
 * cannot be fetched. The commands are in cli/main.ts.
 */
import { reportFailure } from "./cli/failure.ts";
import { bringPackages } from "./cli/packages.ts";

/** No literal: what is imported by one is fetched before a line of this file runs. */
const COMMANDS = "./cli/main.ts";

async function start(args: readonly string[]): Promise<number> {
  try {
    await bringPackages(args);
  } catch (error) {
    return reportFailure(error);
  }
  const { main } = await import(COMMANDS) as typeof import("./cli/main.ts");
  return await main(args);
}

if (import.meta.main) Deno.exit(await start(Deno.args));
