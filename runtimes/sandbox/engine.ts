/** QuickJS with a meter: compiled once, started for each rule. */
import type { QuickJSWASMModule } from "quickjs-emscripten";
import { builtin, importOptional } from "@tandem/core/internal";
import type { Meter } from "./meter.ts";
import { FUEL_EXPORT, metered } from "./metering.ts";

/** MiB that the engine itself begins with. */
const LEAST_MEMORY = 16;
const PAGES_A_MIB = 16;

type QuickJs = typeof import("quickjs-emscripten");

const PACKAGE = "quickjs-emscripten";

/** A compiled engine. */
export class Engine {
  readonly #package: QuickJs;
  readonly #module = new WebAssembly.Module(metered(builtin("node:fs").readFileSync(binary())));

  private constructor(quickJs: QuickJs) {
    this.#package = quickJs;
  }

  /** @throws TandemError E_PACKAGE where QuickJS is not installed. */
  static async load(): Promise<Engine> {
    const load = (name: string) => import(name);
    return new Engine(await importOptional<QuickJs>(PACKAGE, "runs rules in a sandbox", load));
  }

  /**
   * A running engine that shares nothing with others.
   *
   * @param memory The most it takes, in MiB.
   */
  start(memory: number, meter: Meter): Promise<QuickJSWASMModule> {
    // QuickJS's own limit does not count what arrays hold in this build: the memory itself ends.
    const [initial, maximum] = [LEAST_MEMORY, Math.max(LEAST_MEMORY, memory)]
      .map((mib) => mib * PAGES_A_MIB) as [number, number];
    const wasmMemory = new WebAssembly.Memory({ initial, maximum });
    const silent = () => {};
    const instantiateWasm = (
      imports: WebAssembly.Imports,
      done: (it: WebAssembly.Instance) => void,
    ) => {
      const instance = new WebAssembly.Instance(this.#module, withMeter(imports, meter));
      meter.attach(instance.exports[FUEL_EXPORT] as WebAssembly.Global);
      done(instance);
      return instance.exports;
    };
    // An engine that breaks has nothing to say on the terminal.
    const emscriptenModule = { instantiateWasm, print: silent, printErr: silent };
    const { newQuickJSWASMModule, newVariant, RELEASE_SYNC } = this.#package;
    return newQuickJSWASMModule(newVariant(RELEASE_SYNC, { wasmMemory, emscriptenModule }));
  }
}

/** What the engine calls costs it something, and the meter is there. */
function withMeter(imports: WebAssembly.Imports, meter: Meter): WebAssembly.Imports {
  const charged = Object.entries(imports).map(([name, values]) => {
    const each = Object.entries(values).map(([key, value]) =>
      [key, typeof value === "function" ? meter.charged(value as () => unknown) : value] as const
    );
    return [name, Object.fromEntries(each)] as const;
  });
  return { ...Object.fromEntries(charged), meter: { spent: meter.spent } };
}

/** The engine's file in its package. */
function binary(): string {
  const require = builtin("node:module").createRequire(import.meta.resolve(PACKAGE));
  return require.resolve("@jitl/quickjs-wasmfile-release-sync/wasm");
}
