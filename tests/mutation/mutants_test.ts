import assert from "node:assert/strict";
import { mutantsOf, mutated } from "./mutants.ts";

const SOURCE = `import { a } from "./a.ts";
/** a === b */
export function f(x: number): boolean {
  if (x > 1) return true; // x < 2
  const text = "a && b";
  return x === 0 && g(x + 1, 1);
}
const random = new Pcg64(10 + 1);
const other = new Pcg64(1);
`;

Deno.test("mutantsOf() changes code and leaves comments, imports and texts alone", () => {
  const mutants = mutantsOf("f.ts", SOURCE);
  assert.deepEqual(mutants.map(({ line, from, to }) => `${line}: ${from} to ${to}`), [
    "4:  to !",
    "4: > to >=",
    "4: true to false",
    "6: === to !==",
    "6: && to ||",
    "6: + to -",
    "6: 1 to 0",
  ]);
  assert.match(mutated(SOURCE, mutants[3]!), /return x !== 0 && g/);
});

Deno.test("mutantsOf() takes a round from a loop, and neither turns it round nor lengthens it", () => {
  const loop = "for (let i = 1; i < n; i++) sum += i > 2 ? 1 : 0;\n";
  assert.deepEqual(mutantsOf("f.ts", loop).map((mutant) => mutated(loop, mutant).trim()), [
    "for (let i = 2; i < n; i++) sum += i > 2 ? 1 : 0;",
    "for (let i = 1; i + 1 < n; i++) sum += i > 2 ? 1 : 0;",
    "for (let i = 1; i < n; i++) sum -= i > 2 ? 1 : 0;",
    "for (let i = 1; i < n; i++) sum += i >= 2 ? 1 : 0;",
    "for (let i = 1; i < n; i++) sum += i > 2 ? 0 : 0;",
    "for (let i = 1; i < n; i++) sum += i > 2 ? 1 : 1;",
  ]);
});
