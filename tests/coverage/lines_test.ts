import assert from "node:assert/strict";
import { codeOf } from "../mutation/mutants.ts";
import { countOf, gapsOf, parseLcov, unloaded } from "./lines.ts";

const REPORT = `SF:/home/core/a.ts
FN:1,f
DA:1,3
DA:2,0
DA:4,0
DA:5,1
DA:9,0
end_of_record
SF:/home/lab/b.ts
DA:1,1
end_of_record
`;

Deno.test("parseLcov() tells lines that were run from those that were not", () => {
  const files = parseLcov(REPORT, "/home/");
  assert.deepEqual([...files.keys()], ["core/a.ts", "lab/b.ts"]);
  assert.deepEqual(countOf(files, (path) => path.startsWith("core/")), { lines: 5, run: 2 });
  assert.deepEqual(countOf(files, () => true), { lines: 6, run: 3 });
  assert.equal(gapsOf(files.get("core/a.ts")!), "2-4, 9");
  assert.equal(gapsOf(files.get("lab/b.ts")!), "");
});

Deno.test("a file that nobody loads counts with all its code, and types alone count nothing", () => {
  const types = `/** What it is. */
export interface A {
  b: 1;
  c: 2;
}
import { c } from "./c.ts";
type B =
  & { readonly d: 1; readonly e: 2 }
  & {
    f: 3;
  };
`;
  assert.equal(unloaded(codeOf(types)).size, 0);
  assert.equal(
    gapsOf(unloaded(codeOf(`${types}export function f() {\n  return 1;\n}\n`))),
    "12-13",
  );
});
