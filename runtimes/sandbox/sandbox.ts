/**
 * A JavaScript engine of its own (QuickJS, in WebAssembly) for code that is not trusted: no Deno, no
 * network, no files, no clock, no randomness, and an end to whatever it does. Nothing of the host is
 * reachable from it; values go in and out as copies.
 */
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from "quickjs-emscripten";
import { type Clock, type ErrorCode, systemClock, TandemError } from "@tandem/core";
import { outsideReason, outsideText } from "@tandem/core/internal";
import { type Answer, answerOf, MOST_JSON } from "./answers.ts";
import { pack, unpack } from "./codec.ts";
import type { Engine } from "./engine.ts";
import { SandboxFailure } from "./failure.ts";
import type { Calls } from "./inside.ts";
import { LimitReached, Meter } from "./meter.ts";
import type { SandboxModules } from "./modules.ts";
import { PRELUDE } from "./prelude.ts";

/** What sandboxed code may use. */
export interface SandboxLimits {
  /**
   * Ticks of one call: one is 10,000 turns of loops, calls and jumps, those within the engine's own
   * functions included, on every machine alike.
   */
  readonly ticks: number;
  /** Memory in MiB, the engine's own included; at least 16. */
  readonly memory: number;
  /** Seconds of one call by the clock, for machines on which the ticks take longer. */
  readonly seconds: number;
}

/** Some 0.2 to 0.6 s of work and more memory than any rule of ours needs. */
export const SANDBOX_LIMITS: SandboxLimits = { ticks: 15_000, memory: 64, seconds: 1.8 };

/** The engine's stack, in bytes. */
const STACK = 2 ** 18;

const ENTRY = "sandbox:entry";
/** The codes that sandboxed code may give its error: those of its options and its own making. */
const CODES: readonly ErrorCode[] = ["E_OPTION", "E_PLUGIN"];

/** What {@linkcode Sandbox.open} takes. */
export interface SandboxOptions {
  readonly engine: Engine;
  readonly modules: SandboxModules;
  readonly limits: SandboxLimits;
  /** The machine's own where it is left out. */
  readonly clock?: Clock;
}

/**
 * One rule in an engine of its own. There is no end to call for: the garbage collector takes the
 * engine whole, since one that was ended or ran out of memory cannot be trusted to clean up.
 */
export class Sandbox {
  readonly #runtime: QuickJSRuntime;
  readonly #vm: QuickJSContext;
  /** Tells of what was thrown. */
  #explain: QuickJSHandle | undefined;
  #serve: QuickJSHandle | undefined;
  #refusal: unknown;

  private constructor(
    runtime: QuickJSRuntime,
    private readonly meter: Meter,
    private readonly limits: SandboxLimits,
  ) {
    this.#runtime = runtime;
    this.#vm = runtime.newContext();
    runtime.setMaxStackSize(STACK);
  }

  /**
   * Loads a rule's module.
   *
   * @throws {TandemError} E_PLUGIN where it imports what the sandbox does not lend.
   * @throws {SandboxFailure} where it fails while it is loaded, or exports no plugin.
   */
  static async open(
    { engine, modules, limits, clock = systemClock }: SandboxOptions,
  ): Promise<Sandbox> {
    const meter = new Meter(limits.ticks, limits.seconds, clock);
    const quickjs = await engine.start(limits.memory, meter);
    const sandbox = new Sandbox(quickjs.newRuntime(), meter, limits);
    sandbox.#within(() => sandbox.#load(modules));
    return sandbox;
  }

  /**
   * Asks what runs inside.
   *
   * @throws {SandboxFailure} where it fails, reaches a limit or answers what is no answer.
   */
  call<N extends keyof Calls>(name: N, ...values: Parameters<Calls[N]>): Answer<N> {
    const { json, bytes } = packedFor(name, values);
    const [now] = values as [{ readonly advantages?: Float32Array }?];
    return this.#within(() => {
      const vm = this.#vm;
      const handles = [vm.newString(name), vm.newString(json), vm.newArrayBuffer(bytes)];
      const result = vm.callFunction(this.#serve!, vm.undefined, ...handles);
      const packed = this.#answer(result, (answer) => this.#packed(answer));
      for (const handle of handles) handle.dispose();
      const [answered] = unpack(packed) as [unknown];
      return answerOf(name, answered, now?.advantages?.length);
    });
  }

  #packed(answer: QuickJSHandle): { json: string; bytes: ArrayBuffer } {
    const vm = this.#vm;
    const json = vm.getProp(answer, "json").consume((handle) => {
      const length = vm.getProp(handle, "length").consume((it) => vm.getNumber(it));
      if (!(length <= MOST_JSON)) {
        throw new SandboxFailure(`answers with more than ${MOST_JSON} characters`);
      }
      return vm.getString(handle);
    });
    const lent = vm.getProp(answer, "bytes").consume((handle) => vm.getArrayBuffer(handle));
    const bytes = lent.value.slice().buffer; // the sandbox's own memory is not lent out
    lent.dispose();
    return { json, bytes };
  }

  #load(modules: SandboxModules): void {
    const refusing = <T>(work: () => T) => {
      try {
        return this.meter.aside(work);
      } catch (error) {
        this.#refusal ??= error;
        throw error;
      }
    };
    this.#runtime.setModuleLoader(
      (alias) => refusing(() => modules.source(alias)),
      (from, specifier) =>
        from === ENTRY ? specifier : refusing(() => modules.resolve(from, specifier)),
    );
    this.#explain = this.#vm.unwrapResult(this.#vm.evalCode(PRELUDE, "sandbox:prelude"));
    // What is ours is there before the rule can change what it is made of.
    const entry = `import { serve } from ${JSON.stringify(modules.inside)};
      import * as rule from ${JSON.stringify(modules.entry)};
      export const answer = serve(rule);`;
    const result = this.#vm.evalCode(entry, ENTRY, { type: "module" });
    this.#serve = this.#answer(result, (exports) => this.#vm.getProp(exports, "answer"));
    if (this.#vm.typeof(this.#serve) !== "function") {
      throw new SandboxFailure("waits while it is loaded, which the sandbox does not");
    }
  }

  #answer<T>(result: ReturnType<QuickJSContext["evalCode"]>, read: (value: QuickJSHandle) => T): T {
    if (!result.error) return result.value.consume(read);
    if (this.#refusal) throw this.#refusal;
    throw this.#failure(result.error);
  }

  /** Does work in the engine; whatever comes out of it is a failure of the rule. */
  #within<T>(work: () => T): T {
    this.meter.begin();
    try {
      return work();
    } catch (error) {
      if (error instanceof SandboxFailure || error === this.#refusal) throw error;
      throw this.#broken(error);
    }
  }

  /** What ended the engine, or made its answer unreadable. */
  #broken(error: unknown): SandboxFailure {
    const { ticks, seconds } = this.limits;
    if (error instanceof LimitReached) {
      return error.limit === "ticks"
        ? new SandboxFailure(`ran past its limit of ${ticks} ticks (an endless loop?)`)
        : new SandboxFailure(`took longer than ${seconds} s, before its ticks were used up`, {
          byMachine: true,
        });
    }
    // V8's stack is as deep as the machine and the thread have it.
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return new SandboxFailure("calls itself too deeply", { byMachine: true });
    }
    return new SandboxFailure("gave an answer that cannot be read");
  }

  /** What was thrown inside. */
  #failure(thrown: QuickJSHandle): SandboxFailure {
    const vm = this.#vm;
    const told = vm.callFunction(this.#explain!, vm.undefined, thrown);
    // Where no memory is left, none is left for a message.
    const outOfMemory = new SandboxFailure(
      `needs more than its ${this.limits.memory} MiB of memory`,
    );
    if (told.error) return outOfMemory;
    const [message, code] = ["message", "code"].map((name) =>
      vm.getProp(told.value, name).consume((handle) => vm.getString(handle))
    ) as [string, string];
    if (message === "out of memory") return outOfMemory;
    const text = outsideText(message);
    const known = CODES.find((one) => one === code);
    return new SandboxFailure(`failed: ${text}`, {
      input: known && { code: known, message: text },
    });
  }
}

/** @throws {SandboxFailure} where the options or a state cannot cross. */
function packedFor(name: string, values: readonly unknown[]): ReturnType<typeof pack> {
  try {
    return pack(values);
  } catch (error) {
    const what = name === "stage" ? "its options" : "what it is given";
    throw new SandboxFailure(`cannot be given ${what}: ${outsideReason(error)}`);
  }
}

/** The user's error in place of a failure. */
export function refusalOf(path: string, { message, details }: SandboxFailure): TandemError {
  const { code, message: sentence } = details.input ??
    { code: "E_PLUGIN" as const, message: `The plugin "${path}" ${message}.` };
  return new TandemError(code, sentence);
}
