import assert from "node:assert/strict";
import { mutantsOf, mutated } from "./mutants.ts";

const SOURCE = `import { a } from "./a.ts";
/** a === b */
export function f(x: number): boolean {
  if (x > 1) return true; // x < 2
  const text = "a && b";
  return x === 0 && g(x + 1, 1);
}
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
