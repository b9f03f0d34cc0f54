/**
 * Makes one binary of the command line: `deno task compile` writes `tandem`, which holds the models, the
 * kernels and the packages that the main job needs.
 */
import { parseArgs } from "node:util";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutComments } from "./specifiers.ts";
import { ROOT } from "./workspace.ts";

/** What the command line is made of: the first imports the second by no literal; the third names packages. */
const ENTRIES = ["cli.ts", "cli/main.ts", "cli/run_packages.ts"];

/** Pipelines that a user of the binary names: cli/packed.ts finds them. */
export const PACKED_PIPELINES = ["pipelines/babyai.ts"];

/** What is read or started by a path that stands in no code. */
const READ_BY_PATH = ["models/tandem-t5-babyai", "plugins/env/gymnasium/python"];

/** `besideModule("worker", import.meta.url)`, whose module runs in a thread. */
const THREAD = /\bbesideModule\("(\w+)", import\.meta\.url\)/g;

/** `new URL("./x.ts", import.meta.url)`, `import.meta.resolve("./x.ts")` */
const BESIDE =
  /\b(?:new URL\(\s*"(\.[^"]+\.(?:ts|json))",\s*import\.meta\.url|import\.meta\.resolve\("(\.[^"]+\.ts)")/g;

/** A module as `deno info --json` tells of it. */
interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier: string };
  }[];
}

/** What `deno compile` is to pack beside the modules that cli.ts imports: paths from the root, sorted. */
export async function includesOf(): Promise<string[]> {
  const found = new Set([...ENTRIES.slice(1), ...PACKED_PIPELINES, ...READ_BY_PATH]);
  const seen = new Set<string>();
  for (let fresh = [...ENTRIES, ...PACKED_PIPELINES]; fresh.length > 0;) {
    const modules = (await graphOf(fresh)).filter(({ specifier }) => !seen.has(specifier));
    modules.forEach(({ specifier }) => seen.add(specifier));
    const lazy = new Set(modules.flatMap(lazyModules).filter((path) => !found.has(path)));
    lazy.forEach((path) => found.add(path));
    const reached = (path: string) => seen.has(new URL(path, `file://${ROOT}`).href);
    fresh = [...lazy].filter((path) => path.endsWith(".ts") && !reached(path));
  }
  return [...found].sort();
}

/** The local modules that are reached from others, dynamic imports with a literal among them. */
export async function graphOf(paths: readonly string[]): Promise<GraphModule[]> {
  const graphs = await Promise.all(paths.map(async (path) => {
    const { stdout } = await deno(["info", "--json", "--lock=deno.lock", "--frozen", path]);
    return (JSON.parse(stdout) as { readonly modules: readonly GraphModule[] }).modules;
  }));
  const local = `file://${ROOT}`;
  return graphs.flat().filter(({ specifier }) => specifier.startsWith(local));
}

/** What a module imports late, starts as a thread, or names by a URL: paths from the root. */
export function lazyModules({ specifier, dependencies = [] }: GraphModule): string[] {
  const text = withoutComments(Deno.readTextFileSync(new URL(specifier)));
  const late = dependencies.filter(({ isDynamic }) => isDynamic).map(({ code }) => code?.specifier);
  const threads = [...text.matchAll(THREAD)].map(([, name]) => `./${name}.ts`);
  const urls = [...text.matchAll(BESIDE)].map(([, url, resolved]) => (url ?? resolved)!);
  const beside = [...threads, ...urls].map((each) => new URL(each, specifier).href);
  const all = [...late, ...beside].filter((url) => url?.startsWith("file:"));
  return [...new Set(all.map((url) => relative(ROOT, fileURLToPath(url!))))];
}

/** The flags of the permission set "work", which `run` has; the paths are those where the binary is started. */
export function permissionFlags(): string[] {
  const { permissions } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
    readonly permissions: { readonly work: Readonly<Record<string, true | readonly string[]>> };
  };
  return Object.entries(permissions.work).map(([name, what]) =>
    what === true ? `--allow-${name}` : `--allow-${name}=${what.join(",")}`
  );
}

/**
 * Compiles the command line.
 *
 * @param out The binary's path.
 * @throws {Error} in a sentence with a code: E_DOWNLOAD where the runtime that goes into it cannot be had.
 */
export async function compileBinary(out: string): Promise<void> {
  const included = await includesOf();
  const { success, stderr } = await deno([
    ...["compile", "--quiet", "--no-check", "--lock=deno.lock", "--frozen", "--no-prompt"],
    ...["--exclude-unused-npm", `--output=${out}`, ...permissionFlags()],
    ...included.map((each) => `--include=${each}`),
    "cli.ts",
  ]);
  if (success) return;
  if (!/denort|dl\.deno\.land/.test(stderr)) {
    const why = stderr.split("Stack backtrace")[0]!.replace(/\s+/g, " ").trim();
    throw new Error(`E_PACKAGE: deno compile failed: ${why}`);
  }
  throw new Error(
    `E_DOWNLOAD: The runtime that goes into a binary, denort of Deno ${Deno.version.deno}, cannot be ` +
      `fetched from dl.deno.land to make "${out}"; set DENORT_BIN to the path of one that you have.`,
  );
}

async function deno(args: readonly string[]) {
  const command = new Deno.Command("deno", { args: [...args], cwd: ROOT, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr) };
}

if (import.meta.main) {
  try {
    const { values } = parseArgs({ options: { out: { type: "string", default: "tandem" } } });
    await compileBinary(values.out);
    console.log(`Wrote ${values.out}.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
