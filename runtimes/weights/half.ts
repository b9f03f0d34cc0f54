/** Floats of 16 bits, of which Node 22 has no arrays. */

/** The newer engines' own. */
interface Native {
  readonly Float16Array?: typeof Float16Array;
}

/**
 * Halves as 32-bit floats; a copy.
 *
 * @param halves [n] their bits.
 * @example
 * ```ts
 * import { floatsOfHalves, halvesOfFloats } from "./half.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(floatsOfHalves(Uint16Array.of(0x3c00, 0xc000)), Float32Array.of(1, -2));
 * assert.deepEqual(halvesOfFloats(Float32Array.of(1, -2)), Uint16Array.of(0x3c00, 0xc000));
 * ```
 */
export function floatsOfHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const { Float16Array } = globalThis as Native;
  if (Float16Array) {
    const { buffer, byteOffset, length } = halves;
    return Float32Array.from(new Float16Array(buffer as ArrayBuffer, byteOffset, length));
  }
  return Float32Array.from(halves, floatOf);
}

/** 32-bit floats as halves, rounded to nearest even. */
export function halvesOfFloats(floats: Float32Array): Uint16Array<ArrayBuffer> {
  const { Float16Array } = globalThis as Native;
  if (Float16Array) return new Uint16Array(Float16Array.from(floats).buffer);
  return Uint16Array.from(
    new Uint32Array(floats.slice().buffer),
    (bits, i) => halfOf(bits, floats[i]!),
  );
}

/** So many halves, zero each; their bits where the engine has no arrays of halves. */
export function newHalves(length: number): Float16Array | Uint16Array {
  const { Float16Array } = globalThis as Native;
  return Float16Array ? new Float16Array(length) : new Uint16Array(length);
}

function floatOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = half >>> 10 & 31, fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @param bits Those of `value`. */
function halfOf(bits: number, value: number): number {
  const sign = bits >>> 16 & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00; // not a number
  if (size >= 0x477ff000) return sign | 0x7c00; // from 65,520 on: infinite
  if (size >= 0x38800000) { // from 2^-14 on: another offset of the exponent, 13 bits less
    const moved = size - 0x38000000;
    return sign | (moved + 0xfff + (moved >>> 13 & 1)) >>> 13;
  }
  const steps = Math.abs(value) * 2 ** 24;
  const below = Math.floor(steps), rest = steps - below;
  return sign | below + (rest > 0.5 || rest === 0.5 && below % 2 === 1 ? 1 : 0);
}
