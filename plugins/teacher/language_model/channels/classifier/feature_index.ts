import { mirrored } from "./mirror.ts";

/** Features by name in the order in which they came, each with what it is in the mirror. */
export class FeatureIndex {
  readonly #rows = new Map<string, number>();
  /** The row of each row's mirror image. */
  readonly #mirrors: number[] = [];

  /** @param capacity Most features; later ones are passed over. */
  constructor(private readonly capacity: number) {}

  /** Number of features. */
  get size(): number {
    return this.#rows.size;
  }

  /** The rows of those features that are known. */
  find(names: readonly string[]): number[] {
    return names.flatMap((name) => this.#rows.get(name) ?? []);
  }

  /** The rows of features, which are known from now on with their mirror images. */
  enter(names: readonly string[]): Int32Array {
    for (const name of names) this.#enter(name);
    return Int32Array.from(this.find(names));
  }

  /** Rows in the mirror. */
  mirrored(rows: Int32Array): Int32Array {
    return rows.map((row) => this.#mirrors[row]!);
  }

  /** The names in their order. */
  names(): string[] {
    return [...this.#rows.keys()];
  }

  load(names: readonly string[]): void {
    this.#rows.clear();
    this.#mirrors.length = 0;
    for (const name of names) this.#enter(name);
  }

  #enter(name: string): void {
    if (this.#rows.has(name)) return;
    const image = mirrored(name);
    const needed = image === name ? 1 : 2;
    if (this.#rows.size + needed > this.capacity) return;
    const row = this.#rows.size;
    this.#rows.set(name, row);
    this.#mirrors[row] = row;
    if (needed === 1) return;
    this.#rows.set(image, row + 1);
    this.#mirrors[row] = row + 1;
    this.#mirrors[row + 1] = row;
  }
}
