import assert from "node:assert/strict";
import { BoundedMap } from "../../core/kit/bounded_map.ts";

Deno.test("BoundedMap forgets what was not used for longest", () => {
  const map = new BoundedMap<string, number>(3);
  map.set("a", 1).set("b", 2).set("c", 3);
  assert.equal(map.get("a"), 1);
  map.set("b", 20);
  map.set("d", 4);
  assert.deepEqual([...map.entries()], [["a", 1], ["b", 20], ["d", 4]]);
  assert.deepEqual([...map.keys()], ["a", "b", "d"]);
  assert.equal(map.get("c"), undefined);
  assert.equal(map.size, 3);
  map.clear();
  assert.equal(map.size, 0);
});

Deno.test("BoundedMap.peek() gives a value without counting as its use", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1).set("b", 2);
  assert.deepEqual([map.peek("a"), map.peek("c")], [1, undefined]);
  map.set("c", 3);
  assert.deepEqual([...map.keys()], ["b", "c"]);
});
