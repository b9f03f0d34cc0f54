/**
 * Compiles the fused kernels with AssemblyScript, once with relaxed SIMD's multiply-add and once
 * with SIMD alone, into TypeScript modules: `deno task fused:build`. With `--check` nothing is
 * written: the modules of the repository must be what the sources give, character for character
 * (`deno task fused:check`).
 */
import asc from "assemblyscript/asc";
import { readFileSync, writeFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { TandemError } from "@tandem/core";
import { toBase64 } from "@tandem/core/internal";
import { SHARED_PAGES } from "./pages.ts";

const SOURCES = new URL("./assembly/", import.meta.url);
/** Where the modules stand. */
const COMPILED = new URL("./compiled/", import.meta.url);

/** The compiled modules and what they may use. */
export const TARGETS = [
  { file: "kernels.ts", source: "index.ts", features: ["simd"] },
  { file: "kernels_relaxed.ts", source: "index.ts", features: ["simd", "relaxed-simd"] },
  { file: "kernels_shared.ts", source: "index.ts", features: ["simd", "threads"] },
  {
    file: "kernels_shared_relaxed.ts",
    source: "index.ts",
    features: ["simd", "relaxed-simd", "threads"],
  },
  { file: "t5.ts", source: "t5.ts", features: ["simd"] },
  { file: "t5_relaxed.ts", source: "t5.ts", features: ["simd", "relaxed-simd"] },
] as const;

const OPTIONS = [
  ..."--optimizeLevel 2 --noAssert --runtime stub --use abort=".split(" "),
  ..."--importMemory --disableWarning 112".split(" "),
];
/** Memory that nobody shares begins with a page; a shared one has a fixed size, see arena.ts. */
const OWN = ["--initialMemory", "1"];
const SHARED = [
  ...["--sharedMemory", "--initialMemory", String(SHARED_PAGES)],
  ...["--maximumMemory", String(SHARED_PAGES)],
];

/** The compiled module. @throws TandemError E_STAGE with the compiler's words where it refuses. */
export async function compile(
  source: string,
  features: readonly string[],
): Promise<Uint8Array> {
  let compiled: Uint8Array | undefined;
  const enable = features.flatMap((feature) => ["--enable", feature]);
  const memory = features.includes("threads") ? SHARED : OWN;
  const { error, stderr } = await asc.main(
    [source, "--outFile", "kernels.wasm", ...OPTIONS, ...memory, ...enable],
    {
      readFile: (name) => readSource(name),
      writeFile: (_name, contents) => void (compiled = contents as Uint8Array),
      listFiles: () => [],
    },
  );
  if (!error && compiled) return compiled;
  throw new TandemError("E_STAGE", `The fused kernels do not compile: ${stderr}`, { cause: error });
}

function readSource(name: string): string | null {
  try {
    return readFileSync(new URL(name, SOURCES), "utf8");
  } catch {
    return null; // The compiler tries several places for an import.
  }
}

/** The text of the TypeScript module that holds a compiled one. */
export function moduleText(
  { source, features }: typeof TARGETS[number],
  bytes: Uint8Array,
): string {
  const base64 = toBase64(bytes);
  return `// Written by "deno task fused:build" of assembly/${source}.
import { compileBase64 } from "../wasm.ts";

/** With ${features.join(" and ")}. */
export const module: Promise<WebAssembly.Module> = compileBase64(
  "${base64}",
);
`;
}

async function build(check: boolean): Promise<boolean> {
  let same = true;
  for (const target of TARGETS) {
    const text = moduleText(target, await compile(target.source, target.features));
    const at = new URL(target.file, COMPILED);
    if (!check) writeFileSync(at, text);
    const equal = readFileSync(at, "utf8") === text;
    console.log(
      `${target.file}: ${text.length} bytes${equal ? "" : ", not what the sources give"}`,
    );
    same &&= equal;
  }
  return same;
}

if (import.meta.main && !await build(argv.includes("--check"))) exit(1);
