/**
 * Saves bench results, and compares two saved ones or two revisions:
 *
 *     deno task bench:save FILE [--repeats N] [--filter TEXT]
 *     deno task bench:compare A B [--repeats N] [--filter TEXT]
 *
 * A and B are files that bench:save (or `deno bench --json`) wrote, or revisions that git knows.
 * Revisions are benched in turns, A B A B, so that both see the same moods of the machine.
 */
import { parseArgs } from "node:util";
import { type BenchRun, ratiosOf, ratioTable } from "./ratios.ts";

const FILE = "bench/variants_bench.ts";
const { values, positionals } = parseArgs({
  args: Deno.args,
  options: { repeats: { type: "string", default: "5" }, filter: { type: "string" } },
  allowPositionals: true,
});
const [command, ...names] = positionals;
const repeats = Number(values.repeats);
if (!(repeats >= 1) || !await main()) {
  console.error(
    "Usage: bench:save FILE or bench:compare A B; both take --repeats N, --filter TEXT",
  );
  Deno.exit(2);
}

/** Whether the arguments were understood. */
async function main(): Promise<boolean> {
  const [a, b] = names;
  if (command === "save" && a !== undefined && b === undefined) {
    const runs: BenchRun[] = [];
    for (let i = 0; i < repeats; i++) runs.push(await bench("."));
    await Deno.writeTextFile(a, JSON.stringify(runs));
    return true;
  }
  if (command !== "compare" || a === undefined || b === undefined) return false;
  const saved = [await savedRuns(a), await savedRuns(b)];
  const [first, second] = saved.every((runs) => runs !== undefined)
    ? saved
    : await benchRevisions(a, b);
  console.log(ratioTable(ratiosOf(first!, second!)));
  return true;
}

/** The runs in a file; undefined where there is no such file. */
async function savedRuns(path: string): Promise<BenchRun[] | undefined> {
  const text = await Deno.readTextFile(path).catch(() => undefined);
  return text === undefined ? undefined : [JSON.parse(text)].flat();
}

async function benchRevisions(a: string, b: string): Promise<[BenchRun[], BenchRun[]]> {
  const folders = [await checkOut(a), await checkOut(b)] as const;
  const runs: [BenchRun[], BenchRun[]] = [[], []];
  try {
    for (let i = 0; i < repeats; i++) {
      for (const side of [0, 1] as const) {
        console.error(`run ${i + 1} of ${repeats}: ${names[side]}`);
        runs[side].push(await bench(folders[side]));
      }
    }
  } finally {
    for (const folder of folders) await Deno.remove(folder, { recursive: true });
  }
  return runs;
}

/** A folder that holds a revision. */
async function checkOut(revision: string): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-bench-" });
  const tar = `${folder}.tar`;
  await run("git", ["archive", "--format=tar", "-o", tar, revision], ".");
  await run("tar", ["-x", "-f", tar, "-C", folder], ".");
  await Deno.remove(tar);
  return folder;
}

async function bench(folder: string): Promise<BenchRun> {
  const filter = values.filter === undefined ? [] : ["--filter", values.filter];
  const args = ["bench", "--json", "--no-prompt", "--allow-read", ...filter, FILE];
  return JSON.parse(await run("deno", args, folder));
}

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const command = new Deno.Command(program, { args, cwd, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  if (success) return new TextDecoder().decode(stdout);
  console.error(`${program} ${args.join(" ")} failed:\n${new TextDecoder().decode(stderr)}`);
  Deno.exit(1);
}
