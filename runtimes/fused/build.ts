/**
 * Compiles the fused kernels with AssemblyScript, once with relaxed SIMD's multiply-add and once
 * with SIMD alone: `deno task fused:build`. With `--check` nothing is written: the compiled modules
 * of the repository must be what the sources give, byte for byte (`deno task fused:check`).
 */
import asc from "assemblyscript/asc";
import { TandemError } from "@tandem/core";
import { SHARED_PAGES } from "./pages.ts";

const SOURCES = new URL("./assembly/", import.meta.url);

/** The compiled modules and what they may use. */
export const TARGETS = [
  { file: "kernels.wasm", source: "index.ts", features: ["simd"] },
  { file: "kernels.relaxed.wasm", source: "index.ts", features: ["simd", "relaxed-simd"] },
  { file: "kernels.shared.wasm", source: "index.ts", features: ["simd", "threads"] },
  {
    file: "kernels.shared.relaxed.wasm",
    source: "index.ts",
    features: ["simd", "relaxed-simd", "threads"],
  },
  { file: "t5.wasm", source: "t5.ts", features: ["simd"] },
  { file: "t5.relaxed.wasm", source: "t5.ts", features: ["simd", "relaxed-simd"] },
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
    return Deno.readTextFileSync(new URL(name, SOURCES));
  } catch {
    return null; // The compiler tries several places for an import.
  }
}

async function build(check: boolean): Promise<boolean> {
  let same = true;
  for (const { file, source, features } of TARGETS) {
    const bytes = await compile(source, features);
    const at = new URL(file, import.meta.url);
    if (!check) await Deno.writeFile(at, bytes);
    const equal = equalBytes(await Deno.readFile(at), bytes);
    console.log(`${file}: ${bytes.length} bytes${equal ? "" : ", not what the sources give"}`);
    same &&= equal;
  }
  return same;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}

if (import.meta.main && !await build(Deno.args.includes("--check"))) Deno.exit(1);
