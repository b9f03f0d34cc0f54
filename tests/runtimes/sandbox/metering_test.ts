import assert from "node:assert/strict";
import { metered } from "../../../runtimes/sandbox/metering.ts";

/** A module of one exported function "f" with this body, without its locals and end. */
function module(body: readonly number[], { memory = false } = {}): Uint8Array {
  const section = (id: number, ...bytes: number[]) => [id, bytes.length, ...bytes];
  return Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 0),
    ...section(3, 1, 0),
    ...(memory ? section(5, 1, 0, 1) : []),
    ...section(7, 1, 1, 102, 0, 0),
    ...section(10, 1, body.length + 2, 0, ...body, 0x0b),
  );
}

/** Runs "f" with so much fuel; how often the meter called, which refuels it so many times. */
function calls(binary: Uint8Array, fuel: number, refuels = 0): { calls: number; left: number } {
  let calls = 0;
  const spent = () => {
    if (calls++ === refuels) throw new Error("enough");
    (exports.fuel as WebAssembly.Global).value = fuel;
  };
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(metered(binary) as BufferSource),
    {
      meter: { spent },
    },
  );
  const { exports } = instance;
  (exports.fuel as WebAssembly.Global).value = fuel;
  try {
    (exports.f as () => void)();
  } catch (error) {
    assert.equal((error as Error).message, "enough");
  }
  return { calls, left: (exports.fuel as WebAssembly.Global).value };
}

Deno.test("metered() ends a loop that never ends", () => {
  assert.equal(calls(module([0x03, 0x40, 0x0c, 0, 0x0b]), 1000, 3).calls, 4);
});

Deno.test("metered() ends a function that calls itself", () => {
  assert.equal(calls(module([0x10, 0, 0x10, 0]), 500).calls, 1);
});

Deno.test("metered() lets what is done within its fuel be done", () => {
  assert.deepEqual(calls(module([0x01]), 10), { calls: 0, left: 10 });
});

Deno.test("metered() charges for each 64 bytes that are filled or copied", () => {
  const fill = [0x41, 0, 0x41, 0, 0x41, 0x80, 0x80, 0x02, 0xfc, 11, 0]; // 2 ** 15 bytes
  assert.deepEqual(calls(module(fill, { memory: true }), 1000), { calls: 0, left: 1000 - 512 });
  const copy = [0x41, 0, 0x41, 0, 0x41, 0x80, 0x80, 0x02, 0xfc, 10, 0, 0];
  assert.equal(calls(module(copy, { memory: true }), 500).calls, 1);
});

Deno.test("metered() refuses an instruction that it does not know", () => {
  assert.throws(() => metered(module([0xfd, 0x0c])), /the instruction 0xfd is not known/);
  assert.throws(() => metered(module([0xfc, 17, 0])), /the instruction 0xfc 17 is not known/);
});
