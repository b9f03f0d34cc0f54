/** Golden values of SciPy and rliable, and how near to them is near enough. */
import assert from "node:assert/strict";
import golden from "../../fixtures/statistics.json" with { type: "json" };

export { golden };

/** Asserts that numbers agree to a relative 1e-9, or to 1e-12 near 0. */
export function near(
  actual: number | readonly number[],
  expected: number | readonly number[],
  what = "",
): void {
  const [a, b] = [[actual].flat(), [expected].flat()];
  assert.equal(a.length, b.length, what);
  for (const [i, value] of a.entries()) {
    const bound = 1e-12 + 1e-9 * Math.abs(b[i]!);
    assert.ok(Math.abs(value - b[i]!) <= bound, `${what} ${value} is not ${b[i]}`);
  }
}
