/** Shows what happens in a simulated world: `deno run --allow-read tests/simulation/replay.ts SEED`. */
import { simulate } from "./simulate.ts";

const { trace, digest } = await simulate(Number(Deno.args[0] ?? 0));
for (const line of trace) console.log(line);
console.log(digest);
