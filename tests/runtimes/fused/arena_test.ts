import assert from "node:assert/strict";
import { openFused } from "../../../runtimes/fused/arena.ts";
import { compile, moduleText, TARGETS } from "../../../runtimes/fused/build.ts";

Deno.test("Blocks keep their numbers when the arena grows", async () => {
  const arena = await openFused();
  const [block, nothing] = [arena.floats(3), arena.bytes(0)];
  block.view.set([1, 2, 3]);
  arena.floats(1e6); // far beyond the first page
  assert.deepEqual([...block.view], [1, 2, 3]);
  assert.equal(nothing.view.subarray(0, 0).length, 0);
});

Deno.test("Blocks are zero, lie on cache lines and never overlap", async () => {
  const arena = await openFused();
  const blocks = [arena.bytes(1), arena.doubles(5), arena.integers(100), arena.floats(1)];
  let end = 1; // address 0 stands for none
  for (const { at, view } of blocks) {
    assert.equal(at % 64, 0);
    assert.ok(at >= end && view.every((value) => value === 0));
    end = at + view.byteLength;
  }
});

for (const target of TARGETS) {
  const { file, source, features } = target;
  Deno.test(`${file} is what the sources give, and has no data of its own: the memory is the arena's`, async () => {
    const bytes = await compile(source, features);
    const committed = await Deno.readTextFile(
      new URL(`../../../runtimes/fused/compiled/${file}`, import.meta.url),
    );
    assert.equal(committed, moduleText(target, bytes));
    assert.ok(!sections(bytes).includes(DATA_SECTION));
  });
}

const DATA_SECTION = 11;

/** Ids of a module's sections. */
function sections(module: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < module.length;) {
    ids.push(module[at++]!);
    let [length, shift, byte] = [0, 0, 0];
    do {
      byte = module[at++]!;
      length |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    at += length;
  }
  return ids;
}

Deno.test("an arena that WebAssembly cannot give is refused in a sentence", async () => {
  const arena = await openFused();
  assert.throws(() => arena.floats(2 ** 30), {
    code: "E_OPTION",
    message: /^The student needs "4097" MiB, more than this machine or WebAssembly/,
  });
});
