/** What a machine computes with: trials go where their results are bit-identical. */
import { fileURLToPath } from "node:url";
import { canonical, sha256 } from "../../lab/digest.ts";
import { contentOf } from "../fingerprints.ts";
import { VERSION } from "../version.ts";

/** What must be alike for two machines to give bit-identical results. */
export interface Machine {
  /** Tandem's version. */
  readonly version: string;
  /** SHA-256 of its code. */
  readonly code: string;
  readonly deno: string;
  /** The processor's architecture. */
  readonly processor: string;
  /** Where tensors live: "webgpu", "wasm" or "cpu". */
  readonly device: string;
}

/** Where code lies that results depend on. */
const CODE = ["core", "runtimes", "plugins", "lab", "experiments", "cli", "deno.lock"];

/** This machine, with a device as `auto` was resolved. */
export async function thisMachine(device: string): Promise<Machine> {
  return {
    version: VERSION,
    code: await codeHash(),
    deno: Deno.version.deno,
    processor: Deno.build.arch,
    device,
  };
}

/** A short name that machines have in common if and only if they are alike. */
export function machineClassOf(machine: Machine): string {
  return sha256(canonical(machine)).slice(0, 24);
}

const WORDS: Readonly<Record<keyof Machine, string>> = {
  version: "Tandem",
  code: "code",
  deno: "Deno",
  processor: "processor",
  device: "device",
};

/** In what two machines differ, in words; empty where they are alike. */
export function differences(asked: Machine, here: Machine): string[] {
  const short = (text: string) => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text);
  return (Object.keys(WORDS) as (keyof Machine)[])
    .filter((key) => asked[key] !== here[key])
    .map((key) => `${WORDS[key]} "${short(asked[key])}" (here "${short(here[key])}")`);
}

async function codeHash(): Promise<string> {
  const own = CODE.map((name) => contentOf(fileURLToPath(import.meta.resolve(`../../${name}`))));
  return sha256((await Promise.all(own)).join());
}
