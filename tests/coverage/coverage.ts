/**
 * `deno task coverage [TESTS...]`: runs the tests, counts the lines that they run, also in workers and
 * in the commands that they start, and fails where a room is below its bound. With the names of
 * tests it runs those alone and lists what they miss.
 */
import { fileURLToPath } from "node:url";
import { codeOf } from "../mutation/mutants.ts";
import { countOf, gapsOf, type Lines, parseLcov, unloaded } from "./lines.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The least share of lines in per cent, by room. */
const BOUNDS = {
  core: 100,
  runtimes: 90,
  plugins: 90,
  lab: 90,
  experiments: 90,
  cli: 90,
  models: 90,
} as const;

/** What is not counted, and why. */
const NOT_COUNTED: readonly [what: RegExp, why: string][] = [
  [/^runtimes\/fused\/assembly\//, "it is compiled to WebAssembly, which the tests run"],
];

const isCounted = (path: string) => !NOT_COUNTED.some(([what]) => what.test(path));

/** All files of program below a folder. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(ROOT + folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return filesBelow(path);
    return /(?<!\.d)\.ts$/.test(name) ? [path] : [];
  });
}

/** The command of the task "test": its environment, and its arguments but for the tests. */
function testCommand(): { env: Record<string, string>; args: string[] } {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const words: string[] = tasks.test.command.split(" ");
  const start = words.indexOf("deno");
  const env = Object.fromEntries(words.slice(0, start).map((word) => word.split("=")));
  return { env, args: words.slice(start + 1).filter((word) => word !== "tests/") };
}

/** Runs tests; the lines that they run, file by file. @throws where a test fails. */
async function linesRun(tests: readonly string[], folder: string): Promise<Map<string, Lines>> {
  const { env, args } = testCommand();
  const { code } = await new Deno.Command("deno", {
    args: [...args, "--no-check", "--coverage-raw-data-only", `--coverage=${folder}`, ...tests],
    cwd: ROOT,
    env: { ...env, DENO_COVERAGE_DIR: folder },
    stdin: "null",
  }).spawn().status;
  if (code !== 0) throw new Error("A test fails: what the tests run is not counted.");
  const rooms = Object.keys(BOUNDS).join("|");
  const { stdout } = await new Deno.Command("deno", {
    args: ["coverage", "--quiet", "--lcov", `--include=^file://${ROOT}(${rooms})[./]`, folder],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  return parseLcov(new TextDecoder().decode(stdout), ROOT);
}

const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-coverage-" });
try {
  const run = await linesRun(Deno.args.length > 0 ? Deno.args : ["tests/"], folder);
  const rooms = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[];
  const paths = [...rooms.flatMap(filesBelow), "cli.ts"].filter(isCounted).sort();
  const files = new Map(
    paths.map((path) =>
      [path, run.get(path) ?? unloaded(codeOf(Deno.readTextFileSync(ROOT + path)))] as const
    ),
  );
  for (const [path, lines] of files) {
    const gaps = gapsOf(lines);
    if (gaps) console.log(`${path}: ${gaps}`);
  }
  let isBelow = false;
  for (const room of rooms) {
    const { lines, run } = countOf(files, (path) => /^\w+/.exec(path)![0] === room);
    const share = 100 * run / lines;
    isBelow ||= share < BOUNDS[room];
    const bound = share < BOUNDS[room] ? `, below ${BOUNDS[room]} %` : "";
    console.log(`${room.padEnd(11)} ${share.toFixed(2).padStart(6)} % of ${lines} lines${bound}`);
  }
  if (isBelow && Deno.args.length === 0) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
