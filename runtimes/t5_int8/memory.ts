/** The kernels of a T5 with 8-bit weights, and the memory that they work in. */
import { TandemError } from "@tandem/core";
import { knowsRelaxed } from "../fused/arena.ts";
import { compiledT5 } from "../fused/modules.js";

/** The kernels; runtimes/fused/assembly/t5.ts and int8.ts say what each computes. Places are addresses. */
export interface T5Kernels {
  pack(
    w: number,
    n: number,
    k: number,
    depth: number,
    to: number,
    scales: number,
    sums: number,
  ): void;
  quantise(x: number, rows: number, k: number, q: number, depth: number, scales: number): void;
  product(
    q: number,
    rowScales: number,
    rows: number,
    depth: number,
    w: number,
    scales: number,
    sums: number,
    n: number,
    out: number,
    outRow: number,
    add: number,
  ): void;
  norm(
    x: number,
    weight: number,
    rows: number,
    k: number,
    epsilon: number,
    factor: number,
    out: number,
  ): void;
  gatedGelu(x: number, rows: number, n: number, out: number): void;
  relu(x: number, length: number): void;
  attend(
    q: number,
    qRow: number,
    queries: number,
    k: number,
    v: number,
    kRow: number,
    keys: number,
    heads: number,
    d: number,
    bias: number,
    biasRows: number,
    biasColumns: number,
    weights: number,
    out: number,
    outRow: number,
  ): void;
  greatest(x: number, n: number): number;
  sumOfExp(x: number, n: number): number;
}

const PAGE = 65_536;

/**
 * Memory in three layers: weights, which stay; what is known of a batch of prompts, until the next
 * one; and scratch, until the next step. Each layer lies behind the one before.
 */
export class T5Memory {
  readonly kernels: T5Kernels;
  readonly #memory: WebAssembly.Memory;
  #end = 64; // Address 0 stands for "none".

  private constructor(memory: WebAssembly.Memory, kernels: T5Kernels) {
    this.#memory = memory;
    this.kernels = kernels;
  }

  /** @param relaxed Whether to use relaxed SIMD; default: where the engine knows it. */
  static async open(relaxed: boolean = knowsRelaxed()): Promise<T5Memory> {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const instance = new WebAssembly.Instance(await compiledT5(relaxed), { env: { memory } });
    return new T5Memory(memory, instance.exports as unknown as T5Kernels);
  }

  /** Where free memory begins: what {@linkcode release} goes back to. */
  get mark(): number {
    return this.#end;
  }

  /** Gives back all that was taken since a mark. */
  release(mark: number): void {
    this.#end = mark;
  }

  /**
   * The address of so many bytes; what stands there is not defined.
   *
   * @throws TandemError E_MODEL where there is no room.
   */
  bytes(length: number): number {
    const at = this.#end;
    // Kernels read up to 15 bytes beyond a row's end.
    this.#end = Math.ceil((at + length + 16) / 64) * 64;
    const missing = this.#end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#grow(missing);
    return at;
  }

  #grow(missing: number): void {
    try {
      this.#memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      const most = `${Math.ceil(this.#end / 2 ** 20)} MiB`;
      throw new TandemError(
        "E_MODEL",
        `The runtime "fused" has no room for "${most}"; WebAssembly has 4096 MiB at most, so a smaller model or shorter prompts are needed.`,
        { cause },
      );
    }
  }

  /** The address of so many 32-bit numbers. */
  floats(length: number): number {
    return this.bytes(4 * length);
  }

  /** The address of a copy of numbers. */
  copy(values: Float32Array): number {
    const at = this.floats(values.length);
    this.view(at, values.length).set(values);
    return at;
  }

  /** The numbers at an address, until more memory is taken. */
  view(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  /** Fills bytes. */
  fill(at: number, length: number, value: number): void {
    new Uint8Array(this.#memory.buffer, at, length).fill(value);
  }
}
