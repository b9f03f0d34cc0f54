/**
 * A JavaScript engine of its own (QuickJS, in WebAssembly) for code that is not trusted: no Deno, no
 * network, no files, no clock, no randomness, and an end to loops and memory. Nothing of the host is
 * reachable from it; values go in and out as copies.
 */
import {
  newQuickJSWASMModule,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  RELEASE_SYNC,
} from "quickjs-emscripten";
import { ERROR_CODES, type ErrorCode } from "../../core/errors.ts";
import { pack, unpack } from "./codec.ts";
import type { Calls } from "./inside.ts";
import type { SandboxModules } from "./modules.ts";

/** What sandboxed code may use. */
export interface SandboxLimits {
  /** Ticks of one call: QuickJS counts one about every 10,000 jumps, on every machine alike. */
  readonly ticks: number;
  /** Memory in MiB, the engine's own included; at least 16. */
  readonly memory: number;
}

/** Half a second of work and more memory than any rule of ours needs. */
export const SANDBOX_LIMITS: SandboxLimits = { ticks: 10_000, memory: 64 };

/** Sandboxed code failed or reached a limit; the message ends a sentence that begins with its name. */
export class SandboxFailure extends Error {
  /** @param input What the code says of its input, where it was that. */
  constructor(message: string, readonly input?: { readonly code: ErrorCode; message: string }) {
    super(message);
  }
}

/** The engine's stack, in bytes. */
const STACK = 2 ** 18;
/** MiB that the engine itself begins with. */
const LEAST_MEMORY = 16;
const PAGES_A_MIB = 16;

const ENTRY = "sandbox:entry";

/** Runs before anything else: takes away time, chance and what would loop outside the tick count. */
const PRELUDE = `
  const refuse = (what) => () => {
    throw new Error("there is no " + what + " in the sandbox");
  };
  globalThis.Date = function Date() { refuse("clock")(); };
  Date.now = Date.parse = Date.UTC = refuse("clock");
  Math.random = refuse("chance but that of the context");
  for (const name of ["WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics"]) {
    delete globalThis[name];
  }
  // Loops of the engine itself count no ticks: what they run over must not be endless.
  const most = 2 ** 24, { apply, ownKeys } = Reflect;
  const check = (value) => {
    if (typeof value !== "object" || value === null || !(value.length > most)) return;
    throw new RangeError("an array is too long for the sandbox");
  };
  const bound = (owner, name, checkAll) => {
    const method = owner[name];
    if (typeof method !== "function") return;
    owner[name] = function (...values) {
      checkAll(this, values);
      return apply(method, this, values);
    };
  };
  const lists = Array.prototype;
  for (const name of ownKeys(lists)) if (name !== "constructor") bound(lists, name, check);
  bound(lists, "concat", (_self, values) => {
    for (let i = 0; i < values.length; i++) check(values[i]);
  });
  bound(String, "raw", (_self, values) => check(values[0]?.raw));
`;

/**
 * One rule in an engine of its own. There is no end to call for: the garbage collector takes the
 * engine whole, since one that ran out of memory cannot be trusted to clean up after itself.
 */
export class Sandbox {
  readonly #limits: SandboxLimits;
  readonly #runtime: QuickJSRuntime;
  readonly #vm: QuickJSContext;
  #serve: QuickJSHandle | undefined;
  #ticks = 0;
  #refusal: unknown;

  private constructor(runtime: QuickJSRuntime, limits: SandboxLimits) {
    this.#limits = limits;
    this.#runtime = runtime;
    this.#vm = runtime.newContext();
    runtime.setMaxStackSize(STACK);
    runtime.setInterruptHandler(() => ++this.#ticks > limits.ticks);
  }

  /**
   * Loads a rule's module.
   *
   * @throws {TandemError} E_PLUGIN where it imports what the sandbox does not lend.
   * @throws {SandboxFailure} where it fails while it is loaded, or exports no plugin.
   */
  static async open(modules: SandboxModules, limits: SandboxLimits): Promise<Sandbox> {
    // QuickJS's own limit does not count what arrays hold in this build: the memory itself ends.
    const [initial, maximum] = [LEAST_MEMORY, Math.max(LEAST_MEMORY, limits.memory)]
      .map((mib) => mib * PAGES_A_MIB) as [number, number];
    const wasmMemory = new WebAssembly.Memory({ initial, maximum });
    const engine = await newQuickJSWASMModule(newVariant(RELEASE_SYNC, { wasmMemory }));
    const sandbox = new Sandbox(engine.newRuntime(), limits);
    sandbox.#load(modules);
    return sandbox;
  }

  /** Asks what runs inside. @throws {SandboxFailure} where it fails or reaches a limit. */
  call<N extends keyof Calls>(name: N, ...values: Parameters<Calls[N]>): ReturnType<Calls[N]> {
    const vm = this.#vm;
    const { json, bytes } = pack(values);
    const handles = [vm.newString(name), vm.newString(json), vm.newArrayBuffer(bytes)];
    this.#ticks = 0;
    const result = vm.callFunction(this.#serve!, vm.undefined, ...handles);
    for (const handle of handles) handle.dispose();
    return this.#answer(result, (answer) => {
      const packed = vm.getProp(answer, "bytes").consume((handle) => vm.getArrayBuffer(handle));
      const answered = vm.getProp(answer, "json").consume((handle) => vm.getString(handle));
      try {
        const copy = packed.value.slice(); // the sandbox's own memory is not lent out
        return unpack({ json: answered, bytes: copy.buffer }) as ReturnType<Calls[N]>;
      } finally {
        packed.dispose();
      }
    });
  }

  #load(modules: SandboxModules): void {
    const refusing = <T>(work: () => T) => {
      try {
        return work();
      } catch (error) {
        this.#refusal ??= error;
        throw error;
      }
    };
    this.#runtime.setModuleLoader(
      (url) => refusing(() => modules.source(url)),
      (from, specifier) =>
        from === ENTRY ? specifier : refusing(() => modules.resolve(from, specifier)),
    );
    this.#answer(this.#vm.evalCode(`"use strict";{${PRELUDE}}`, "sandbox:prelude"), () => {});
    const inside = new URL("./inside.ts", import.meta.url).href;
    const entry = `import * as rule from ${JSON.stringify(modules.entry)};
      import { serve } from ${JSON.stringify(inside)};
      export const answer = serve(rule);`;
    const result = this.#vm.evalCode(entry, ENTRY, { type: "module" });
    this.#serve = this.#answer(result, (exports) => this.#vm.getProp(exports, "answer"));
    if (this.#vm.typeof(this.#serve) !== "function") {
      throw new SandboxFailure("waits while it is loaded, which the sandbox does not");
    }
  }

  #answer<T>(result: ReturnType<QuickJSContext["evalCode"]>, read: (value: QuickJSHandle) => T): T {
    if (!result.error) return result.value.consume(read);
    const error = result.error.consume((handle) => this.#vm.dump(handle)) as unknown;
    if (this.#refusal) throw this.#refusal;
    throw this.#failure(error);
  }

  #failure(error: unknown): SandboxFailure {
    const { ticks, memory } = this.#limits;
    if (this.#ticks > ticks) {
      return new SandboxFailure(`ran past its limit of ${ticks} ticks (an endless loop?)`);
    }
    const { message, code } = error instanceof Object
      ? error as { message?: unknown; code?: unknown }
      : { message: error };
    // Where no memory is left, none is left for a message.
    if (message === "out of memory" || message === undefined) {
      return new SandboxFailure(`needs more than its ${memory} MiB of memory`);
    }
    const text = String(message).slice(0, 400);
    const known = typeof code === "string" && Object.hasOwn(ERROR_CODES, code);
    const input = known ? { code: code as ErrorCode, message: text } : undefined;
    return new SandboxFailure(`failed: ${text}`, input);
  }
}
