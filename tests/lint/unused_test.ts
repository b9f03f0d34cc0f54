/** What nothing but tests needs is no part of the program. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { ROOT } from "../cli/command.ts";
import { fileBehind, PACKAGES } from "./packages.ts";

const PROGRAM = [
  ...["core", "runtimes", "plugins", "lab", "models", "pipelines", "experiments", "cli"],
  ...["cli.ts", "release"],
];

/** What users import by a package's name: all that it passes on is theirs. */
const PUBLIC = PACKAGES.flatMap(({ doors }) => [...doors.values()]);

/** Names that are exported though no other file of the program imports them, and why. */
const EXCEPTIONS: readonly [what: RegExp, why: string][] = [
  [/^runtimes\/fused\/assembly\//, "compiled to WebAssembly: the host calls what is exported"],
  [/^runtimes\/fused\/build\.ts module$/, "stands in the text of the modules that it writes"],
  [/^runtimes\/sandbox\/inside\.ts serve$/, "called within the sandbox, by its name"],
  [/^runtimes\/fused\/losses\.ts squaredError$/, "the plainest loss, on which kernels are tested"],
  [
    /^pipelines\/tune_\w+\.ts (space|variants)$/,
    "what deno task tune reads of a plan, by its name",
  ],
  [/^runtimes\/language_model\/reference\.ts readReference$/, "what users' models are tested with"],
];

interface Source {
  /** Names that it declares and exports, with whether they are values. */
  readonly exported: ReadonlyMap<string, boolean>;
  /** "path name" of what it imports or passes on by name; "path *" of what it takes whole. */
  readonly taken: readonly string[];
  readonly text: string;
}

async function read(path: string): Promise<Source> {
  const text = (await Deno.readTextFile(join(ROOT, path))).replace(/\/\*\*?[^]*?\*\//g, "");
  const declared = /^export (?:default |async |abstract |declare )*(\w+)\*? +(\w+)/gm;
  const exported = [...text.matchAll(declared)]
    .filter(([, keyword]) => /^(const|let|function|class|enum|interface|type)$/.test(keyword!))
    .map(([, keyword, name]) => [name!, !/^(interface|type)$/.test(keyword!)] as const);
  const at = (specifier: string) =>
    fileBehind(specifier) ?? relative(".", join(dirname(path), specifier));
  const named = [
    ...text.matchAll(
      /\b(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*"(\.[^"]+|@tandem\/[^"]+)"/g,
    ),
    ...text.matchAll(/\{([^{}]*)\}\s*=\s*await\s+import\("(\.[^"]+)"\)/g),
  ];
  const whole = [
    ...text.matchAll(/\*(?:\s+as\s+\w+)?\s+from\s*"(\.[^"]+)"/g),
    ...text.matchAll(/(?<!=\s*await\s+)import\("(\.[^"]+)"\)/g),
  ];
  const taken = [
    ...named.flatMap(([, names, specifier]) =>
      names!.split(",").map((name) => /^\s*(?:type\s+)?(\w+)/.exec(name)?.[1])
        .filter((name) => name !== undefined).map((name) => `${at(specifier!)} ${name}`)
    ),
    ...whole.map(([, specifier]) => `${at(specifier!)} *`),
  ];
  return { exported: new Map(exported), taken, text };
}

async function sourcesIn(places: readonly string[]): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>();
  const visit = async (path: string): Promise<void> => {
    if (path.endsWith(".ts")) return void sources.set(path, await read(path));
    if (/\.\w+$/.test(path)) return;
    for await (const { name, isDirectory } of Deno.readDir(join(ROOT, path))) {
      if (isDirectory || name.endsWith(".ts")) await visit(`${path}/${name}`);
    }
  };
  for (const place of places) await visit(place);
  return sources;
}

/**
 * "path name" of what the program exports and does not use: what only tests take, and values that
 * nobody takes. Types of what a file exports belong to it.
 */
function unused(program: ReadonlyMap<string, Source>, others: ReadonlyMap<string, Source>) {
  const takenBy = (sources: ReadonlyMap<string, Source>) =>
    new Set([...sources.values()].flatMap(({ taken }) => taken));
  const [inside, outside] = [takenBy(program), takenBy(others)];
  const found: string[] = [];
  for (const [path, { exported, text }] of program) {
    if (PUBLIC.includes(path) || inside.has(`${path} *`)) continue;
    for (const [name, isValue] of exported) {
      const id = `${path} ${name}`;
      if (inside.has(id) || EXCEPTIONS.some(([what]) => what.test(id))) continue;
      const own = text.match(new RegExp(`\\b${name}\\b`, "g"))!.length - 1;
      const isTypeOf = new RegExp(`\\btypeof ${name}\\b`).test(text);
      if (own === 0 || isValue && !isTypeOf && !outside.has(id)) found.push(id);
    }
  }
  return found;
}

Deno.test("everything that is exported is used by the program, or is its users'", async () => {
  const program = await sourcesIn(PROGRAM);
  assert.ok(program.size > 300, `only ${program.size} files were found`);
  assert.deepEqual(unused(program, await sourcesIn(["tests", "bench"])), []);
});

Deno.test("what packages share without a promise, another package uses", async () => {
  const program = await sourcesIn(PROGRAM);
  const { taken: passed, text } = program.get("core/internal.ts")!;
  const shared = passed.map((id) => id.split(" ")[1]!)
    .filter((name) => !new RegExp(`\\btype ${name}\\b`).test(text)); // types belong to what needs them
  assert.ok(shared.length > 10);
  const taken = new Set([...program.values()].flatMap((source) => source.taken));
  assert.deepEqual(shared.filter((name) => !taken.has(`core/internal.ts ${name}`)), []);
});

Deno.test("what only tests use would be found, and every exception is one", async () => {
  const source = (text: string, exported: Record<string, boolean>, taken: string[] = []) =>
    ({ text, exported: new Map(Object.entries(exported)), taken }) satisfies Source;
  const program = new Map([
    ["a.ts", source("dead own shape", { dead: true, own: true, Shape: false, used: true })],
    ["b.ts", source("", {}, ["a.ts used"])],
  ]);
  program.set("a.ts", { ...program.get("a.ts")!, text: "dead own own Shape Shape used" });
  assert.deepEqual(unused(program, new Map()), ["a.ts dead", "a.ts own"]);
  assert.deepEqual(
    unused(program, new Map([["t.ts", source("", {}, ["a.ts own", "a.ts dead"])]])),
    [
      "a.ts dead",
    ],
  );
  const all = await sourcesIn(PROGRAM);
  for (const [what] of EXCEPTIONS) {
    const names = [...all].flatMap(([path, { exported }]) =>
      [...exported.keys()].map((name) => `${path} ${name}`)
    );
    assert.ok(names.some((name) => what.test(name)), `${what} excepts nothing`);
  }
});
