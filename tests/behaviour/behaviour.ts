/**
 * Compares what the recorded runs and comparisons come to with recorded.json:
 * `deno task behaviour`, or `deno task behaviour --write` where a change was meant.
 */
import { digestsOfComparisons } from "./comparisons.ts";
import { digestOfRun } from "./digest.ts";
import { recordedPipelines } from "./runs.ts";

const RECORD = new URL("./recorded.json", import.meta.url);

const found: Record<string, string> = {};
for (const [name, pipeline] of Object.entries(recordedPipelines())) {
  found[name] = await digestOfRun(pipeline);
  console.log(`${found[name]}  ${name}`);
}
Object.assign(found, await digestsOfComparisons());

if (Deno.args.includes("--write")) {
  await Deno.writeTextFile(RECORD, `${JSON.stringify(found, null, 2)}\n`);
} else {
  const recorded: Record<string, string> = JSON.parse(await Deno.readTextFile(RECORD));
  const names = new Set([...Object.keys(recorded), ...Object.keys(found)]);
  const changed = [...names].filter((name) => recorded[name] !== found[name]);
  for (const name of changed) console.error(`changed: ${name}`);
  console.log(`${names.size - changed.length} of ${names.size} as recorded`);
  if (changed.length > 0) Deno.exit(1);
}
