import assert from "node:assert/strict";
import { crc32c } from "../../../lab/export/crc32c.ts";
import { tensorBoardFile } from "../../../lab/export/tensorboard.ts";

Deno.test("crc32c() gives the values of RFC 3720, appendix B.4", () => {
  const cases: [bytes: Uint8Array, crc: number][] = [
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(255), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    [Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    [new Uint8Array(0), 0],
  ];
  for (const [bytes, crc] of cases) assert.equal(crc32c(bytes), crc);
});

/** The records of a file, their checksums checked. */
function recordsOf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer);
  const masked = (bytes: Uint8Array) => {
    const crc = crc32c(bytes);
    return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  };
  const records: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(view.getUint32(at + 8, true), masked(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    assert.equal(view.getUint32(at + 12 + length, true), masked(data));
    records.push(data);
    at += length + 16;
  }
  return records;
}

Deno.test("an event file begins as TensorFlow's do", () => {
  const file = tensorBoardFile([], 1_795_205_876.5);
  // The length 24, its masked checksum, the key of the wall time: the same in every event file.
  assert.deepEqual(
    [...file.subarray(0, 13)],
    [0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22, 0x09],
  );
  const [header] = recordsOf(file);
  assert.equal(new TextDecoder().decode(header!.subarray(11)), "brain.Event:2");
});

Deno.test("a scalar is an event of wall time, step, tag and value", () => {
  const scalar = { tag: "eval/success_rate", step: 300, value: 0.5, wallTime: 2 };
  const nothing = { ...scalar, value: NaN };
  const [, event, ...more] = recordsOf(tensorBoardFile([scalar, nothing], 1));
  assert.deepEqual(more, []);
  const text = [...new TextEncoder().encode(scalar.tag)];
  assert.deepEqual([...event!], [
    ...[0x09, 0, 0, 0, 0, 0, 0, 0, 0x40], // 1: double 2
    ...[0x10, 0xac, 0x02], // 2: varint 300
    ...[0x2a, 26, 0x0a, 24], // 5: summary of 26 bytes, 1: value of 24 bytes
    ...[0x0a, text.length, ...text], // 1: tag
    ...[0x15, 0, 0, 0, 0x3f], // 2: float 0.5
  ]);
});

Deno.test("what 32 bits cannot hold stays a number, and what is none is left out", () => {
  const valueOf = (value: number) => {
    const file = tensorBoardFile([{ tag: "a", step: 1, value, wallTime: 1 }], 1);
    const records = recordsOf(file);
    return records.length === 1
      ? undefined
      : new DataView(file.buffer).getFloat32(file.length - 8, true);
  };
  assert.equal(valueOf(1e39), 3.4028234663852886e38);
  assert.equal(valueOf(-1e308), -3.4028234663852886e38);
  assert.equal(valueOf(1e-320), 0);
  assert.equal(valueOf(0.5), 0.5);
  assert.equal(valueOf(NaN), undefined);
  assert.equal(valueOf(Infinity), undefined);
  for (const step of [Infinity, NaN, -1, 0.5, 1e300]) {
    const scalar = { tag: "a", step, value: 1, wallTime: 1 };
    assert.equal(recordsOf(tensorBoardFile([scalar], 1)).length, 1, String(step));
  }
  const [, record] = recordsOf(
    tensorBoardFile([{ tag: "a\x1b[2J\n", step: 1, value: 1, wallTime: 1 }], 1),
  );
  assert.match(new TextDecoder().decode(record), /a\\x1b\[2J /);
});
