/** What is wrong with a plugin, in sentences. */
import { TandemError } from "../base/errors.ts";
import { outsideReason } from "../base/outside.ts";
import { placeOf } from "../base/place.ts";

/** Collects sentences; the same one is kept once. */
export class Findings {
  readonly #sentences = new Set<string>();

  /** Notes the sentence unless the condition holds. */
  expect(condition: boolean, sentence: string): void {
    if (!condition) this.#sentences.add(sentence);
  }

  /**
   * Does some work; what it throws becomes a sentence, with its place in the plugin's file, and undefined is returned.
   *
   * @param what What was attempted, as the sentence begins: "reset()".
   */
  async attempt<T>(what: string, work: () => T): Promise<Awaited<T> | undefined> {
    try {
      return await work();
    } catch (error) {
      const place = placeOf(error);
      const reason = outsideReason(error).replace(/\.$/, "");
      this.#sentences.add(`${what} fails: ${reason}${place ? ` (at ${place})` : ""}.`);
      return undefined;
    }
  }

  /** Notes the sentence unless the work throws a {@linkcode TandemError}. */
  async expectRefusal(sentence: string, work: () => unknown): Promise<void> {
    try {
      await work();
      this.#sentences.add(sentence);
    } catch (error) {
      this.expect(error instanceof TandemError, sentence);
    }
  }

  list(): string[] {
    return [...this.#sentences];
  }
}

/** Whether two values are the same to the last bit, typed arrays and objects within them included. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  if (a.constructor !== b.constructor || keys.length !== others.length) return false;
  return keys.every((key) =>
    same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
  );
}

/** The first place at which a value does not fit, or -1. */
export function firstUnfit(values: ArrayLike<number>, fits: (value: number) => boolean): number {
  for (let k = 0; k < values.length; k++) if (!fits(values[k]!)) return k;
  return -1;
}

/** Notes a wrong length; tells whether it is right. */
export function expectShape(
  findings: Findings,
  what: string,
  values: ArrayLike<unknown> | undefined,
  length: number,
): values is ArrayLike<unknown> {
  const right = values?.length === length;
  const found = values ? `have length "${values.length}"` : `are "${values}"`;
  findings.expect(right, `${what} ${found}; right would be ${length}.`);
  return right;
}

/** Notes the first value that does not fit. */
export function expectAll(
  findings: Findings,
  what: string,
  values: ArrayLike<number>,
  fits: (value: number) => boolean,
  right: string,
): void {
  const at = firstUnfit(values, fits);
  findings.expect(at < 0, `${what} hold "${values[at]}" at ${at}; right would be ${right}.`);
}
