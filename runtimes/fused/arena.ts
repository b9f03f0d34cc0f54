/** One instance of the fused kernels, and the memory in which its networks live. */
import { TandemError } from "@tandem/core";
import { type Lanes, openLanes } from "./lanes.ts";
import { compiled } from "./modules.js";
import { PAGE, SHARED_PAGES } from "./pages.ts";

/** How {@linkcode openFused} chooses a module. */
export interface FusedOptions {
  /**
   * Whether multiply-add rounds once (relaxed SIMD). Unset: where the engine knows it. The two differ
   * in the last bits; either gives the same bits every time on the same processor.
   */
  readonly relaxed?: boolean;
  /** Threads that compute together: 0 for one a core, 1 unless told otherwise. Results do not depend on it. */
  readonly threads?: number;
}

/** A module that only compiles where relaxed SIMD is known: f32x4.relaxed_madd of three zeros. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // "\0asm", version 1
  ...[1, 5, 1, 96, 0, 1, 123], // type: () -> v128
  ...[3, 2, 1, 0], // function 0 has type 0
  ...[10, 19, 1, 17, 0], // code: one body of 17 bytes without locals
  ...[65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15], // i32.const 0, i8x16.splat, three times
  ...[253, 133, 2, 11], // f32x4.relaxed_madd, end
);

/**
 * Opens the fused kernels with a memory of their own.
 *
 * @example
 * ```ts
 * import { openFused } from "@tandem/runtimes/fused";
 * import assert from "node:assert/strict";
 * const arena = await openFused();
 * const numbers = arena.floats(3);
 * assert.deepEqual([...numbers.view], [0, 0, 0]);
 * assert.equal(numbers.at % 64, 0);
 * ```
 */
export async function openFused(options: FusedOptions = {}): Promise<Arena> {
  const threads = options.threads === 0 ? navigator.hardwareConcurrency : options.threads ?? 1;
  const relaxed = options.relaxed ?? knowsRelaxed();
  const memory = threads > 1
    ? new WebAssembly.Memory({ initial: SHARED_PAGES, maximum: SHARED_PAGES, shared: true })
    : new WebAssembly.Memory({ initial: 1 });
  const module = await compiled(relaxed, threads > 1);
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
  const lanes = threads > 1 ? await openLanes({ memory, relaxed, threads }) : undefined;
  return new Arena(memory, kernels, relaxed, lanes);
}

/** Whether the engine knows relaxed SIMD. */
export function knowsRelaxed(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/** What the compiled module gives; assembly/index.ts says what each does. */
interface Kernels extends WebAssembly.Exports {
  run(program: number, order: number, length: number): void;
  lead(program: number, order: number, length: number, words: number, lanes: number): void;
}

/** Numbers in an arena. */
export class Block<T extends Float32Array | Float64Array | Int32Array | Uint8Array> {
  #view: T;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly type: new (buffer: ArrayBufferLike, at: number, length: number) => T,
    /** Address. */
    readonly at: number,
    readonly length: number,
  ) {
    this.#view = new type(memory.buffer, at, length);
  }

  /** The numbers themselves. Ask anew after the arena has given out more: growing replaces views. */
  get view(): T {
    // A view that was replaced has length 0; an empty one does not tell.
    if (this.#view.length !== this.length || this.length === 0) {
      this.#view = new this.type(this.memory.buffer, this.at, this.length);
    }
    return this.#view;
  }
}

/** Where memory is handed out: address 0 stands for "none", and lanes meet at the words after it. */
const FIRST = 128;

/**
 * Memory that is handed out once and never taken back: a network plans all it needs when it is made,
 * and steps take none.
 */
export class Arena {
  #end = FIRST;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly kernels: Kernels,
    /** Whether multiply-add rounds once. */
    readonly relaxed: boolean,
    private readonly threads?: Lanes,
  ) {}

  /** Threads that compute together. */
  get lanes(): number {
    return this.threads?.count ?? 1;
  }

  /** `length` numbers at an address. */
  read(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** `length` zeros. */
  floats(length: number): Block<Float32Array> {
    return new Block(this.memory, Float32Array, this.#allocate(4 * length), length);
  }

  /** `length` zeros. */
  doubles(length: number): Block<Float64Array> {
    return new Block(this.memory, Float64Array, this.#allocate(8 * length), length);
  }

  /** `length` zeros. */
  integers(length: number): Block<Int32Array> {
    return new Block(this.memory, Int32Array, this.#allocate(4 * length), length);
  }

  /** `length` zeros. */
  bytes(length: number): Block<Uint8Array> {
    return new Block(this.memory, Uint8Array, this.#allocate(length), length);
  }

  /**
   * Runs a program on rows of its data.
   *
   * @param program Its address. @param order Address of the rows' numbers; 0 for 0, 1, 2, ...
   * @param together Whether the work is worth sharing among the lanes.
   * @throws TandemError E_STAGE where a lane broke.
   */
  run(program: number, order: number, length: number, together = false): void {
    const { threads, kernels } = this;
    if (!threads || !together) kernels.run(program, order, length);
    else threads.lead((words, lanes) => kernels.lead(program, order, length, words, lanes));
  }

  /** Ends the threads. */
  dispose(): void {
    this.threads?.dispose();
  }

  /** Addresses are multiples of 64, the length of a cache line. */
  #allocate(bytes: number): number {
    const at = this.#end;
    this.#end = at + Math.ceil(bytes / 64) * 64;
    const pages = Math.ceil(this.#end / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) this.#grow(pages);
    return at;
  }

  #grow(pages: number): void {
    const needed = `The student needs "${Math.ceil(this.#end / 2 ** 20)}" MiB`;
    if (this.threads) {
      this.dispose();
      throw new TandemError(
        "E_OPTION",
        `${needed}, and threads share ${SHARED_PAGES * PAGE / 2 ** 20}: smaller rollouts, or ` +
          "student.threads=1, which has no such bound.",
      );
    }
    try {
      this.memory.grow(pages);
    } catch (cause) {
      throw new TandemError(
        "E_OPTION",
        `${needed}, more than this machine or WebAssembly, which ends at 4096, can give: smaller ` +
          "rollouts, minibatches or layers.",
        { cause },
      );
    }
  }
}
