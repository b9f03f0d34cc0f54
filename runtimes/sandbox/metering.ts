/**
 * Puts a meter into a WebAssembly module: every turn of a loop and every call costs one unit of fuel,
 * and where it is used up the module calls out. Whatever a program does then comes to an end after the
 * same work on every machine, also within the functions that an engine brings along (sort, JSON,
 * BigInt, regular expressions): they are loops and calls of the same module.
 *
 * See https://webassembly.github.io/spec/core/binary for the format and its terms.
 */

/** Where the module calls when its fuel is below zero: an import of this module and name. */
const METER_IMPORT = { module: "meter", name: "spent" } as const;
/** The exported global that holds the fuel, a mutable i32. */
export const FUEL_EXPORT = "fuel";

/** Bytes that a unit of fuel copies or fills. */
const BYTES_A_UNIT = 64;

/** The sections' ids that matter here. */
const SECTION = {
  ...{ custom: 0, type: 1, import: 2, global: 6, export: 7, start: 8, element: 9, code: 10 },
  dataCount: 12,
};
/** Bytes before the first section. */
const HEADER = 8;
const FUNCTION = 0x00, GLOBAL = 0x03, I32 = 0x7f, MUTABLE = 0x01, EMPTY = 0x40;
const LOOP = 0x03, IF = 0x04, END = 0x0b, BR_TABLE = 0x0e, CALL = 0x10, CALL_INDIRECT = 0x11;
const EXTENDED = 0xfc, MEMORY_INIT = 8, MEMORY_COPY = 10, MEMORY_FILL = 11;
/** An interpreter knows at least so many bytecodes; the table of no other loop is as long. */
const LEAST_BYTECODES = 200;
/** A variable of 32 bits that begins at 0. */
const NEW_GLOBAL = [I32, MUTABLE, 0x41, 0, END];
const GLOBAL_GET = 0x23, GLOBAL_SET = 0x24, I32_CONST = 0x41, LT_S = 0x48, SUB = 0x6b, SHR_U = 0x76;
/** Instructions that one number follows: blocks, branches, variables, size of memory, constants. */
const NUMBERED = new Set([
  ...[0x02, LOOP, IF, 0x0c, 0x0d],
  ...[0x20, 0x21, 0x22, GLOBAL_GET, GLOBAL_SET, 0x3f, 0x40, I32_CONST, 0x42],
]);

/**
 * The same module with a meter.
 *
 * @param binary A module of WebAssembly 1.0 with sign extension, saturating conversions and bulk
 * memory, as C compilers make it.
 * @throws {RangeError} where it holds an instruction that is not known: it might hide a loop.
 * @example
 * ```ts
 * import { metered } from "./metering.ts";
 * import assert from "node:assert/strict";
 * // (func (export "f") (loop (br 0))): it never ends.
 * const endless = Uint8Array.of(
 *   ...[0, 97, 115, 109, 1, 0, 0, 0], ...[1, 4, 1, 96, 0, 0], ...[2, 1, 0], ...[3, 2, 1, 0],
 *   ...[6, 1, 0], ...[7, 5, 1, 1, 102, 0, 0], ...[10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11],
 * );
 * const module = new WebAssembly.Module(metered(endless));
 * const spent = () => {
 *   throw new Error("enough");
 * };
 * const { exports } = new WebAssembly.Instance(module, { meter: { spent } });
 * assert.throws(exports.f as () => void, /enough/);
 * ```
 */
export function metered(binary: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(binary);
  const count = (id: number) => new Reader(sections.get(id) ?? Uint8Array.of(0)).u32();
  const imports = importsOf(new Reader(sections.get(SECTION.import) ?? Uint8Array.of(0)));
  const fuel = imports.globals + count(SECTION.global);
  const meter: Meter = {
    ...{ type: count(SECTION.type), spent: imports.functions, fuel, size: fuel + 1 },
    shifted: (index) => index < imports.functions ? index : index + 1,
  };
  const out = new Writer();
  out.bytes(binary.subarray(0, HEADER));
  for (const [id, body] of sections) {
    out.byte(id);
    out.sized(rewritten(id, new Reader(body), meter).done());
  }
  return out.done();
}

/** Where the meter is in the new module. */
interface Meter {
  /** The type of a function that takes and gives nothing. */
  readonly type: number;
  /** The function that is called where the fuel is used up; it stands behind the other imports. */
  readonly spent: number;
  /** The global that holds the fuel, and one for the size of what is copied. */
  readonly fuel: number;
  readonly size: number;
  /** A function's index, now that there is an import more. */
  shifted(index: number): number;
}

/** The sections that a meter changes are there even where they were empty. */
function sectionsOf(binary: Uint8Array): Map<number, Uint8Array> {
  const read = new Reader(binary.subarray(HEADER));
  const found = new Map<number, Uint8Array>();
  while (!read.isDone) {
    const id = read.byte();
    const body = read.take(read.u32());
    if (id !== SECTION.custom) found.set(id, body);
  }
  const changed = [SECTION.type, SECTION.import, SECTION.global, SECTION.export];
  const ids = [...new Set([...found.keys(), ...changed])].sort((a, b) => place(a) - place(b));
  return new Map(ids.map((id) => [id, found.get(id) ?? Uint8Array.of(0)]));
}

/** Sections stand in the order of their ids, but that which counts the data. */
function place(id: number): number {
  return id === SECTION.dataCount ? SECTION.code - 0.5 : id;
}

function importsOf(read: Reader): { functions: number; globals: number } {
  const counts = { functions: 0, globals: 0 };
  for (let rest = read.u32(); rest > 0; rest--) {
    read.take(read.u32());
    read.take(read.u32());
    const kind = read.byte();
    if (kind === FUNCTION) counts.functions++;
    else if (kind === GLOBAL) counts.globals++;
    if (kind === FUNCTION) read.u32();
    else if (kind === GLOBAL) read.take(2);
    else skipLimits(kind, read);
  }
  return counts;
}

/** A table's type or a memory's, with its limits. */
function skipLimits(kind: number, read: Reader): void {
  if (kind === 0x01) read.byte();
  const hasMaximum = read.byte() & 1;
  read.u32();
  if (hasMaximum) read.u32();
}

function rewritten(id: number, read: Reader, meter: Meter): Writer {
  const out = new Writer();
  switch (id) {
    case SECTION.type:
      extend(read, out, (more) => more.bytes([0x60, 0x00, 0x00]));
      break;
    case SECTION.import:
      extend(read, out, (more) => {
        more.name(METER_IMPORT.module);
        more.name(METER_IMPORT.name);
        more.byte(FUNCTION);
        more.u32(meter.type);
      });
      break;
    case SECTION.global:
      extend(read, out, (more) => more.bytes(NEW_GLOBAL), 2);
      break;
    case SECTION.export:
      rewriteExports(read, out, meter);
      break;
    case SECTION.element:
      rewriteElements(read, out, meter);
      break;
    case SECTION.code:
      rewriteCode(read, out, meter);
      break;
    case SECTION.start:
      out.u32(meter.shifted(read.u32()));
      break;
    default: // tables, memories and data name no function
      out.bytes(read.rest());
  }
  return out;
}

/** A vector with more elements, all alike. */
function extend(read: Reader, out: Writer, element: (out: Writer) => void, times = 1): void {
  out.u32(read.u32() + times);
  out.bytes(read.rest());
  for (let i = 0; i < times; i++) element(out);
}

function rewriteExports(read: Reader, out: Writer, meter: Meter): void {
  const count = read.u32();
  out.u32(count + 1);
  for (let i = 0; i < count; i++) {
    out.sized(read.take(read.u32()));
    const kind = read.byte();
    const index = read.u32();
    out.byte(kind);
    out.u32(kind === FUNCTION ? meter.shifted(index) : index);
  }
  out.name(FUEL_EXPORT);
  out.byte(GLOBAL);
  out.u32(meter.fuel);
}

/** Segments of function pointers for the only table, from a constant place on. */
function rewriteElements(read: Reader, out: Writer, meter: Meter): void {
  const segments = read.u32();
  out.u32(segments);
  for (let i = 0; i < segments; i++) {
    const from = read.at;
    for (const byte of [0, I32_CONST]) read.expect(byte);
    read.number();
    read.expect(END);
    out.bytes(read.since(from));
    const functions = read.u32();
    out.u32(functions);
    for (let j = 0; j < functions; j++) out.u32(meter.shifted(read.u32()));
  }
}

function rewriteCode(read: Reader, out: Writer, meter: Meter): void {
  const functions = read.u32();
  out.u32(functions);
  for (let i = 0; i < functions; i++) {
    const code = new Reader(read.take(read.u32()));
    const whole = new Writer();
    for (let locals = code.u32(); locals > 0; locals--) {
      code.u32();
      code.byte();
    }
    whole.bytes(code.since(0));
    const body = new Writer();
    let calls = false;
    while (!code.isDone) {
      const op = rewriteInstruction(code, body, meter);
      calls ||= op === CALL || op === CALL_INDIRECT;
    }
    // What calls nothing cannot come back to itself: its loops alone count.
    if (calls) charge(whole, meter);
    whole.bytes(body.done());
    out.sized(whole.done());
  }
}

/** fuel -= 1; where that is below zero, it calls out. */
function charge(out: Writer, meter: Meter): void {
  spend(out, meter, () => out.bytes([I32_CONST, 1]));
}

/** fuel -= size / {@linkcode BYTES_A_UNIT}, for the size that lies on the stack, which stays there. */
function chargeBySize(out: Writer, meter: Meter): void {
  out.op(GLOBAL_SET, meter.size);
  spend(out, meter, () => {
    out.op(GLOBAL_GET, meter.size);
    out.bytes([I32_CONST, Math.log2(BYTES_A_UNIT), SHR_U]);
  });
  out.op(GLOBAL_GET, meter.size);
}

function spend(out: Writer, meter: Meter, amount: () => void): void {
  const { fuel, spent } = meter;
  take(out, meter, amount);
  out.op(GLOBAL_GET, fuel);
  out.bytes([I32_CONST, 0, LT_S, IF, EMPTY]);
  out.op(CALL, spent);
  out.byte(END);
}

/** fuel -= amount */
function take(out: Writer, { fuel }: Meter, amount: () => void): void {
  out.op(GLOBAL_GET, fuel);
  amount();
  out.bytes([SUB]);
  out.op(GLOBAL_SET, fuel);
}

/**
 * Whether a loop is that of an interpreter: it goes by a table of bytecodes. It is the one place where
 * looking whether there is fuel costs much, and it is left to the functions that bytecode calls: QuickJS
 * calls one at every call and every 10,000 jumps.
 */
function isInterpreter(read: Reader): boolean {
  const ahead = read.copy();
  for (;;) {
    const op = ahead.byte();
    if (op === BR_TABLE) return ahead.u32() >= LEAST_BYTECODES;
    if (op === LOOP || op === END) return false;
    skip(op, ahead);
  }
}

/** Copies an instruction; a loop begins with a charge, and calls name functions by their new index. */
function rewriteInstruction(read: Reader, out: Writer, meter: Meter): number {
  const from = read.at;
  const op = read.byte();
  if (op === CALL) {
    out.op(CALL, meter.shifted(read.u32()));
    return op;
  }
  if (op === EXTENDED && read.copy().u32() > MEMORY_INIT) chargeBySize(out, meter);
  skip(op, read);
  out.bytes(read.since(from));
  if (op !== LOOP) return op;
  if (isInterpreter(read)) take(out, meter, () => out.bytes([I32_CONST, 1]));
  else charge(out, meter);
  return op;
}

/** Skips what follows an instruction. */
function skip(op: number, read: Reader): void {
  const isPlain = op <= 0x01 || op === 0x05 || op === END || op === 0x0f || op === 0x1a ||
    op === 0x1b || (op >= 0x45 && op <= 0xc4);
  if (isPlain) return;
  if (op === BR_TABLE) {
    for (let targets = read.u32(); targets >= 0; targets--) read.u32();
  } else if (op === CALL_INDIRECT || (op >= 0x28 && op <= 0x3e)) { // or loads and stores
    read.u32();
    read.u32();
  } else if (op === 0x43) read.take(4);
  else if (op === 0x44) read.take(8);
  else if (op === EXTENDED) skipExtended(read);
  else if (op === CALL || NUMBERED.has(op)) read.number();
  else throw new RangeError(`the instruction 0x${op.toString(16)} is not known`);
}

/** Skips an instruction of two numbers: conversions, and work on memory. */
function skipExtended(read: Reader): void {
  const op = read.u32();
  if (op < MEMORY_INIT) return;
  const places = { [MEMORY_COPY]: 2, [MEMORY_FILL]: 1 }[op];
  if (!places) throw new RangeError(`the instruction 0xfc ${op} is not known`);
  for (let i = 0; i < places; i++) read.u32();
}

/** Reads the parts of a module. */
class Reader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isDone(): boolean {
    return this.at >= this.bytes.length;
  }

  /** A reader of the same bytes, which goes on from here by itself. */
  copy(): Reader {
    const copy = new Reader(this.bytes);
    copy.at = this.at;
    return copy;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError("it ends too early");
    return byte;
  }

  /** The next byte, which must be this one. */
  expect(byte: number): number {
    const found = this.byte();
    if (found === byte) return byte;
    throw new RangeError(`0x${found.toString(16)} is not known here`);
  }

  /** A whole number in LEB128, without a sign. */
  u32(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over a number in LEB128, whatever its size and sign. */
  number(): void {
    while (this.byte() >= 0x80);
  }

  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, this.at += length);
    if (taken.length < length) throw new RangeError("it ends too early");
    return taken;
  }

  /** What was read from a place on. */
  since(from: number): Uint8Array {
    return this.bytes.subarray(from, this.at);
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.at);
  }
}

/** Writes the parts of a module. */
class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  u32(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte(rest % 0x80 + 0x80);
    this.byte(rest);
  }

  /** An instruction and the number that follows it. */
  op(op: number, value: number): void {
    this.byte(op);
    this.u32(value);
  }

  name(text: string): void {
    this.sized(new TextEncoder().encode(text));
  }

  /** Bytes after their number. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
