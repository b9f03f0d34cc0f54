// @ts-nocheck AssemblyScript: its own compiler checks the types.
/** Elementary functions on four numbers at a time. */

/** a b + c, rounded once where relaxed SIMD is compiled in and the processor can. */
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** Zero, though the compiler cannot know. */
// deno-lint-ignore prefer-const -- a constant would be folded
export let nothing: f32 = 0;

/**
 * A number in all four places, for use in a loop: a constant that the compiler can see is built anew
 * each time round, in three instructions.
 */
export function held(x: f32): v128 {
  return f32x4.splat(x + nothing);
}

/** The sum of the four numbers. */
export function sum(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/**
 * e^x for x up to 88, with a relative error below 2e-7: x = n ln 2 + r with |r| at most ln 2 / 2,
 * e^r by its Taylor series to the seventh degree (the rest is below 6e-9), 2^n by the exponent's
 * bits. Below -87 it stays at e^-87.
 */
export function exp(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88)), f32x4.splat(-87));
  // 1.5 x 2^23 leaves no room for a fraction: the sum's low bits are n.
  const shifter = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(bounded, f32x4.splat(1.4426950408889634)), shifter);
  const n = f32x4.sub(shifted, shifter);
  // ln 2 in two parts, the first short enough that its product with n is exact.
  const rough = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  const r = f32x4.sub(rough, f32x4.mul(n, f32x4.splat(1.42860682030941723e-6)));
  let p = madd(r, f32x4.splat(1 / 5040), f32x4.splat(1 / 720));
  p = madd(r, p, f32x4.splat(1 / 120));
  p = madd(r, p, f32x4.splat(1 / 24));
  p = madd(r, p, f32x4.splat(1 / 6));
  p = madd(r, p, f32x4.splat(0.5));
  p = madd(r, p, f32x4.splat(1));
  p = madd(r, p, f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/**
 * log x for a normal x: x = 2^k m with m between sqrt(1/2) and sqrt(2), and log m = 2 artanh(s), s = (m -
 * 1) / (m + 1), by its series to s^9 (the rest is below 4e-10). The library's own brings a table,
 * and this module's memory is the caller's.
 */
export function log(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  const k = (bits - 0x3f3504f3) >> 23;
  const m = <f64> reinterpret<f32>(bits - (k << 23));
  const s = (m - 1) / (m + 1);
  const t = s * s;
  const series = 1 + t * (1.0 / 3 + t * (1.0 / 5 + t * (1.0 / 7 + t / 9)));
  return <f32> (<f64> k * 0.6931471805599453 + 2 * s * series);
}

/** e^x of one number. */
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp(f32x4.splat(x)), 0);
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** tanh(x) = 2 sigmoid(2 x) - 1. */
export function tanh(x: v128): v128 {
  const two = f32x4.splat(2);
  return f32x4.sub(f32x4.mul(two, sigmoid(f32x4.mul(two, x))), f32x4.splat(1));
}
