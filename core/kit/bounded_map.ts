/**
 * A map of bounded size that forgets what was not used for longest.
 *
 * @example
 * ```ts
 * import { BoundedMap } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * const map = new BoundedMap<string, number>(2);
 * map.set("a", 1).set("b", 2);
 * map.get("a");
 * map.set("c", 3);
 * assert.deepEqual([...map.keys()], ["a", "c"]);
 * ```
 */
export class BoundedMap<K, V> {
  // A Map remembers the order of insertion: what is used is taken out and put in again.
  readonly #entries = new Map<K, V>();

  /**
   * An empty map.
   *
   * @param capacity The most entries, at least 1.
   */
  constructor(readonly capacity: number) {}

  /** Number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key, which counts as its use; undefined where there is none. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  /** The value of a key without counting as its use. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** Sets a value, which counts as its use, and forgets what is too much. */
  set(key: K, value: V): this {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.capacity) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
    return this;
  }

  /** Forgets all. */
  clear(): void {
    this.#entries.clear();
  }

  /** The keys, that not used for longest first. */
  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }

  /** The entries in the same order. */
  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries();
  }
}
