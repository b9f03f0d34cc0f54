/**
 * `deno task mutate [MUTANTS] [SEED]`: changes core/ in small ways in a copy of the project, and counts
 * the changes that the tests of core notice.
 */
import { join } from "node:path";
import { Pcg64 } from "../../core/random.ts";
import { type Mutant, mutantsOf, mutated } from "./mutants.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const WANTED = Number(Deno.args[0] ?? 200);
const SEED = Number(Deno.args[1] ?? 0);

/** Tests that take long and hold what mutants of single lines do not change. */
const SLOW = ["flat_memory_test.ts"];
/** A test of a mutant that takes longer runs for ever. */
const PATIENCE = 120_000;

const PERMISSIONS = [
  "--allow-read",
  "--allow-write=/tmp",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
];

async function noticed(copy: string, tests: readonly string[]): Promise<boolean> {
  if (tests.length === 0) return false;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", "--no-prompt", "--fail-fast", ...PERMISSIONS, ...tests],
    cwd: copy,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(PATIENCE),
  }).output();
  return !success;
}

/** The tests that name the mutant's file, and all others of core. */
function testsOf(copy: string, { file }: Mutant): [own: string[], others: string[]] {
  const all = Array.from(Deno.readDirSync(join(copy, "tests/core")), ({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && !SLOW.includes(name))
    .map((name) => `tests/core/${name}`);
  const isOwn = (test: string) => Deno.readTextFileSync(join(copy, test)).includes(`${file}"`);
  const own = all.filter(isOwn);
  return [own, all.filter((test) => !own.includes(test))];
}

async function copied(): Promise<string> {
  const copy = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-mutate-" });
  const parts = [
    "core",
    "runtimes",
    "plugins",
    "lab",
    "cli",
    "pipelines",
    "models",
    "tests",
    "types",
  ];
  const files = ["deno.json", "deno.lock", "import_map.json", "mod.ts", "cli.ts"];
  await new Deno.Command("cp", {
    args: ["-r", ...[...parts, ...files].map((name) => join(ROOT, name)), copy],
  }).output();
  // Deno.symlink would ask for all permissions of both places.
  await new Deno.Command("ln", { args: ["-s", join(ROOT, "node_modules"), copy] }).output();
  return copy;
}

const copy = await copied();
try {
  const sources = new Map<string, string>();
  for (const { name, isFile } of Deno.readDirSync(join(copy, "core"))) {
    if (isFile) sources.set(`core/${name}`, Deno.readTextFileSync(join(copy, "core", name)));
  }
  const all = [...sources].sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, source]) => mutantsOf(file, source));
  const chosen = new Pcg64(SEED).shuffle([...all]).slice(0, WANTED);
  console.log(`${chosen.length} of ${all.length} mutants of core/, seed ${SEED}`);
  let killed = 0;
  for (const [i, mutant] of chosen.entries()) {
    const { file, line, from, to } = mutant;
    const source = sources.get(file)!;
    Deno.writeTextFileSync(join(copy, file), mutated(source, mutant));
    const [own, others] = testsOf(copy, mutant);
    const dies = await noticed(copy, own) || await noticed(copy, others);
    Deno.writeTextFileSync(join(copy, file), source);
    if (dies) killed++;
    else console.log(`survived: ${file}:${line} "${from}" became "${to}"`);
    if ((i + 1) % 20 === 0) console.log(`${killed} of ${i + 1} noticed`);
  }
  console.log(
    `${killed} of ${chosen.length} noticed: ${(100 * killed / chosen.length).toFixed(1)} %`,
  );
} finally {
  await Deno.remove(copy, { recursive: true });
}
