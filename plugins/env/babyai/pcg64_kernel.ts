/**
 * PCG64's step (XSL RR 128/64, O'Neill 2014) in WebAssembly, which multiplies 64 bits at once:
 * blocks of numbers for a fifth of the time that JavaScript needs for 32-bit words. The module is
 * put together here from its instructions (WebAssembly core specification, chapter 5): there are
 * some thirty of them, and a plugin needs no compiler for that.
 *
 * core/kit/random.ts has the same generator in JavaScript, for whoever draws one number at a time.
 */

/** Writes the next `count` numbers of 64 bits to `out` and moves the generator at `state` on. */
export type FillBlock = (state: number, out: number, count: number) => void;

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const LOW_32 = 0xffffffffn;

// Instructions by their names in the text format.
const I64_ADD = 0x7c, I64_MUL = 0x7e, I64_AND = 0x83, I64_XOR = 0x85, I64_SHR_U = 0x88;
const I64_ROTR = 0x8a, I64_LT_U = 0x54, I64_EXTEND_U = 0xad, I32_ADD = 0x6a, I32_SUB = 0x6b;
const LOOP = [0x03, 0x40], BR_IF_LOOP = [0x0d, 0x00], END = 0x0b;
const I32 = 0x7f, I64 = 0x7e;

// Parameters and locals.
const STATE = 0, OUT = 1, COUNT = 2;
const LOW = 3, HIGH = 4, INC_LOW = 5, INC_HIGH = 6, A0 = 7, A1 = 8, MIDDLE = 9, OTHER = 10;

/**
 * The kernel over a memory.
 *
 * @param memory Holds generators: state and increment, 128 bits each, least significant byte first.
 */
export function instantiateKernel(memory: WebAssembly.Memory): FillBlock {
  const module = new WebAssembly.Module(assemble());
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports.fill as FillBlock;
}

function assemble(): Uint8Array<ArrayBuffer> {
  const body = [1, 8, I64, ...fillBody(), END];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    ...section(2, [1, ...name("env"), ...name("memory"), 0x02, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name("fill"), 0x00, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function fillBody(): number[] {
  return [
    ...[...get(STATE), ...load(0), ...set(LOW)],
    ...[...get(STATE), ...load(8), ...set(HIGH)],
    ...[...get(STATE), ...load(16), ...set(INC_LOW)],
    ...[...get(STATE), ...load(24), ...set(INC_HIGH)],
    ...LOOP,
    ...step(),
    // out = (high ^ low) rotated right by the state's top six bits
    ...get(OUT),
    ...[...get(HIGH), ...get(LOW), I64_XOR, ...get(HIGH), ...i64(58n), I64_SHR_U, I64_ROTR],
    ...store(0),
    ...[...get(OUT), ...i32(8), I32_ADD, ...set(OUT)],
    ...[...get(COUNT), ...i32(1), I32_SUB, ...tee(COUNT), ...BR_IF_LOOP],
    END,
    ...[...get(STATE), ...get(LOW), ...store(0)],
    ...[...get(STATE), ...get(HIGH), ...store(8)],
  ];
}

/** state = state x multiplier + increment, by halves of the low word, a0 + a1 2^32. */
function step(): number[] {
  const m0 = MULTIPLIER & LOW_32, m1 = MULTIPLIER >> 32n & LOW_32;
  const low = BigInt.asUintN(64, MULTIPLIER), high = MULTIPLIER >> 64n;
  return [
    ...[...get(LOW), ...i64(LOW_32), I64_AND, ...set(A0)],
    ...[...get(LOW), ...i64(32n), I64_SHR_U, ...set(A1)],
    // middle = a0 m1 + (a0 m0 >> 32), other = a1 m0 + (middle mod 2^32)
    ...[...get(A0), ...i64(m1), I64_MUL],
    ...[...get(A0), ...i64(m0), I64_MUL, ...i64(32n), I64_SHR_U, I64_ADD, ...set(MIDDLE)],
    ...[...get(A1), ...i64(m0), I64_MUL],
    ...[...get(MIDDLE), ...i64(LOW_32), I64_AND, I64_ADD, ...set(OTHER)],
    // high = a1 m1 + (middle >> 32) + (other >> 32) + low x high' + high x low' + increment
    ...[...get(A1), ...i64(m1), I64_MUL],
    ...[...get(MIDDLE), ...i64(32n), I64_SHR_U, I64_ADD],
    ...[...get(OTHER), ...i64(32n), I64_SHR_U, I64_ADD],
    ...[...get(LOW), ...i64(high), I64_MUL, I64_ADD],
    ...[...get(HIGH), ...i64(low), I64_MUL, I64_ADD, ...get(INC_HIGH), I64_ADD],
    // low = low x low' + increment, whose carry goes to high
    ...[...get(LOW), ...i64(low), I64_MUL, ...get(INC_LOW), I64_ADD, ...tee(LOW)],
    ...[...get(INC_LOW), I64_LT_U, I64_EXTEND_U, I64_ADD, ...set(HIGH)],
  ];
}

function get(local: number): number[] {
  return [0x20, local];
}

function set(local: number): number[] {
  return [0x21, local];
}

function tee(local: number): number[] {
  return [0x22, local];
}

function load(offset: number): number[] {
  return [0x29, 3, offset];
}

function store(offset: number): number[] {
  return [0x37, 3, offset];
}

function i32(value: number): number[] {
  return [0x41, ...signed(BigInt(value))];
}

function i64(value: bigint): number[] {
  return [0x42, ...signed(BigInt.asIntN(64, value))];
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

/** LEB128 of a signed number. */
function signed(value: bigint): number[] {
  const byte = Number(value & 0x7fn), rest = value >> 7n;
  const isLast = rest === (byte & 0x40 ? -1n : 0n);
  return isLast ? [byte] : [byte | 0x80, ...signed(rest)];
}

/** LEB128 of an unsigned number. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}
