/** The command line's beginning; the commands are in cli/main.ts. */
import { main } from "./cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
