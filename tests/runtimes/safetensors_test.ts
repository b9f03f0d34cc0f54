import assert from "node:assert/strict";
import { TandemError } from "../../core/base/errors.ts";
import {
  type Dtype,
  float32Of,
  readSafetensors,
  storeFloat32,
  writeSafetensors,
} from "../../runtimes/weights/safetensors.ts";

/** A file of any header and any data. */
function file(header: unknown, dataBytes = 0, length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function rejects(bytes: Uint8Array, message: RegExp): void {
  assert.throws(
    () => readSafetensors(bytes, "m.safetensors"),
    (error) =>
      error instanceof TandemError && error.code === "E_MODEL" && message.test(error.message),
  );
}

Deno.test("safetensors round-trip names, shapes, types and metadata", () => {
  const tensors = new Map([
    ["b", storeFloat32(Float32Array.of(1, -2, 0.5, 3), [2, 2])],
    ["a", storeFloat32(Float32Array.of(1.5), [], "F16")],
    ["__proto__", storeFloat32(Float32Array.of(7), [1])],
    ["ü", storeFloat32(Float32Array.of(), [0, 3], "BF16")],
  ]);
  const bytes = writeSafetensors(tensors, { format: "pt" });
  const again = readSafetensors(bytes, "m");
  assert.deepEqual(again.metadata, { format: "pt" });
  assert.deepEqual([...again.tensors.keys()].sort(), ["__proto__", "a", "b", "ü"]);
  for (const [name, tensor] of tensors) {
    assert.deepEqual(again.tensors.get(name)?.shape, tensor.shape);
    assert.equal(again.tensors.get(name)?.dtype, tensor.dtype);
    assert.deepEqual(float32Of(again.tensors.get(name)!), float32Of(tensor));
  }
  assert.equal((bytes.length - 20 - 2) % 8, 0, "the data starts on a multiple of eight");
});

Deno.test("safetensors read every type", () => {
  const cases: [Dtype, number[], number[]][] = [
    ["F32", [0, 0, 0x80, 0x3f], [1]],
    ["F16", [0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc], [1, 2 ** -24, -Infinity]],
    ["BF16", [0x80, 0x3f, 0x49, 0xc0], [1, -3.140625]],
    ["I64", [0xfe, 255, 255, 255, 255, 255, 255, 255], [-2]],
    ["I32", [0, 1, 0, 0], [256]],
    ["U8", [7, 255], [7, 255]],
  ];
  for (const [dtype, bytes, expected] of cases) {
    const header = { x: { dtype, shape: [expected.length], data_offsets: [0, bytes.length] } };
    const whole = file(header, bytes.length);
    whole.set(bytes, whole.length - bytes.length);
    const stored = readSafetensors(whole, "m").tensors.get("x")!;
    assert.deepEqual([...float32Of(stored)], expected, dtype);
  }
});

Deno.test("storeFloat32() rounds BF16 to nearest even", () => {
  const round = (value: number) => float32Of(storeFloat32(Float32Array.of(value), [], "BF16"))[0];
  assert.equal(round(1 + 2 ** -8), 1, "a tie goes to the even side");
  assert.equal(round(1 + 3 * 2 ** -8), 1 + 2 ** -6);
  assert.equal(round(1 + 2 ** -8 + 2 ** -20), 1 + 2 ** -7);
  assert.ok(Number.isNaN(round(NaN)));
  assert.equal(round(-Infinity), -Infinity);
});

Deno.test("readSafetensors() rejects hostile and broken files in one sentence", () => {
  const entry = (change: object) =>
    file({ x: { dtype: "F32", shape: [1], data_offsets: [0, 4], ...change } }, 4);
  rejects(new Uint8Array(3), /it has 3 bytes/);
  rejects(file("{}", 0, 2n ** 63n), /claims 9223372036854775808 bytes/);
  rejects(file("{}", 0, 3n), /claims 3 bytes/);
  rejects(file("{x"), /not JSON/);
  rejects(file("[".repeat(200_000)), /not JSON/);
  rejects(file("[]"), /not an object/);
  rejects(file({ x: null }), /type "undefined"/);
  rejects(entry({ dtype: "toString" }), /type "toString", known are F32/);
  rejects(entry({ shape: [-1] }), /shape \[-1\]/);
  rejects(entry({ shape: [0.5] }), /shape/);
  rejects(entry({ shape: [2 ** 40, 2 ** 40] }), /does not fit/);
  rejects(entry({ data_offsets: [0, 8] }), /cut short/);
  rejects(entry({ data_offsets: [4, 0] }), /cut short/);
  rejects(entry({ data_offsets: "04" }), /cut short/);
  const one = { dtype: "U8", shape: [1], data_offsets: [0, 1] };
  rejects(file({ x: one, y: one }, 1), /overlap/);
  const twice = JSON.stringify({ x: one }).slice(0, -1) + ',"\\u0078":' + JSON.stringify(one) + "}";
  rejects(file(twice, 1), /it has "x" twice/);
  rejects(file({ "\x1b[2J": { ...one, shape: [2] } }, 1), /"\\x1b\[2J" has 1 bytes/);
  rejects(entry({ dtype: "F64" }), /does not fit/);
  rejects(file({ x: one }, 2), /1 bytes belong to no tensor/);
  rejects(file({ __metadata__: { a: 1 } }), /metadata/);
});

Deno.test("readSafetensors() rejects every cut of a good file", () => {
  const whole = writeSafetensors(new Map([["w", storeFloat32(Float32Array.of(1, 2, 3), [3])]]));
  for (let length = 0; length < whole.length; length++) {
    rejects(whole.subarray(0, length), /no whole safetensors file/);
  }
});
