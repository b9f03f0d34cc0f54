/** QuickJS with a meter: compiled once, started for each rule. */
import {
  newQuickJSWASMModule,
  newVariant,
  type QuickJSWASMModule,
  RELEASE_SYNC,
} from "quickjs-emscripten";
import { builtin } from "../files/builtin.ts";
import type { Meter } from "./meter.ts";
import { FUEL_EXPORT, metered } from "./metering.ts";

/** MiB that the engine itself begins with. */
const LEAST_MEMORY = 16;
const PAGES_A_MIB = 16;

/** A compiled engine. */
export class Engine {
  readonly #module = new WebAssembly.Module(metered(builtin("node:fs").readFileSync(binary())));

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
  const require = builtin("node:module").createRequire(import.meta.resolve("quickjs-emscripten"));
  return require.resolve("@jitl/quickjs-wasmfile-release-sync/wasm");
}
