/** `deno task fuzz [CASES] [SEED]`: tries mangled input of every kind, 100,000 cases in all. */
import * as fc from "fast-check";
import { makeTargets, tryCase } from "./targets.ts";

const cases = Number(Deno.args[0] ?? 100_000);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
const targets = Object.entries(await makeTargets());
const shares = targets.reduce((sum, [, { share = 1 }]) => sum + share, 0);
const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-fuzz-" });
console.log(`seed ${seed}`);
try {
  for (const [name, target] of targets) {
    const numRuns = Math.ceil(cases * (target.share ?? 1) / shares);
    const property = fc.asyncProperty(target.input, (input) => tryCase(target, input, folder));
    await fc.assert(property, { numRuns, seed });
    console.log(`${String(numRuns).padStart(7)} ${name}`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
