/** What is made of a world lasts as long as the world stays as it is. */
export class VersionedCache<T> {
  readonly #known: Uint32Array;
  readonly #values: T[] = [];

  /**
   * @param versions [N] numbers from 1 on that count the changes of the worlds.
   * @param make Makes the value of world i.
   */
  constructor(private readonly versions: Uint32Array, private readonly make: (i: number) => T) {
    this.#known = new Uint32Array(versions.length);
  }

  /** The value of world i, made anew where the world has changed since it was asked for. */
  of(i: number): T {
    const version = this.versions[i]!;
    if (this.#known[i] !== version) {
      this.#values[i] = this.make(i);
      this.#known[i] = version;
    }
    return this.#values[i]!;
  }
}
