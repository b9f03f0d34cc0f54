// @ts-nocheck AssemblyScript: its own compiler checks the types.
/** What turns gradients into a step: the norm's bound and Adam. Lengths are multiples of 8 numbers. */
import { endOf, firstOf } from "./lanes.ts";
import { held, sum } from "./simd.ts";

/** Bytes of a block of numbers; lanes have blocks side by side. */
const BLOCK = 4096;

/** Blocks of so many numbers. */
function blocksOf(length: i32): i32 {
  return ((length << 2) + BLOCK - 1) / BLOCK;
}

/** The sums of the squares of each block, as doubles at `parts`; nothing where no norm is asked for. */
export function norm(control: usize, x: usize, length: i32, parts: usize): void {
  if (load<f64>(control, 32) <= 0) return;
  const end = x + (<usize> length << 2), blocks = blocksOf(length);
  for (let block = firstOf(blocks), last = endOf(blocks); block < last; block++) {
    let squares: f64 = 0;
    const stop = min(x + (block + 1) * BLOCK, end);
    for (let at = x + block * BLOCK; at < stop;) {
      // 256 numbers are summed in single precision, more in double.
      let even = f32x4.splat(0), odd = even;
      for (const few = min(at + 1024, stop); at < few; at += 32) {
        const a = v128.load(at), b = v128.load(at, 16);
        even = f32x4.add(even, f32x4.mul(a, a));
        odd = f32x4.add(odd, f32x4.mul(b, b));
      }
      squares += <f64> sum(f32x4.add(even, odd));
    }
    store<f64>(parts + (block << 3), squares);
  }
}

/**
 * Begins a step of Adam (Kingma and Ba, 2015, algorithm 1) on gradients whose norm is bounded first:
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= rate m / (sqrt(v) + epsilon), where rate and
 * epsilon hold the corrections for the first steps.
 *
 * @param control Doubles: learning rate, b1, b2, epsilon, largest norm (0: none), b1 ^ steps,
 * b2 ^ steps, steps, and, written here, the norm, the gradients' scale, and rate and epsilon of this step.
 * @param parts What {@linkcode norm} left.
 */
export function beginAdam(control: usize, parts: usize, length: i32): void {
  const power1 = load<f64>(control, 40) * load<f64>(control, 8);
  const power2 = load<f64>(control, 48) * load<f64>(control, 16);
  const largest = load<f64>(control, 32);
  let squares: f64 = 0;
  for (let block = 0; block < blocksOf(length); block++) squares += load<f64>(parts + (block << 3));
  const size = largest > 0 ? sqrt(squares) : 0;
  const correction = sqrt(1 - power2);
  store<f64>(control, power1, 40);
  store<f64>(control, power2, 48);
  store<f64>(control, load<f64>(control, 56) + 1, 56);
  store<f64>(control, size, 64);
  store<f64>(control, largest > 0 ? min<f64>(1, largest / (size + 1e-6)) : 1, 72);
  store<f64>(control, load<f64>(control) * correction / (1 - power1), 80);
  store<f64>(control, load<f64>(control, 24) * correction, 88);
}

/**
 * The step that {@linkcode beginAdam} began, at so many times its rate; the gradients are cleared.
 *
 * @param factor Address of a double.
 */
export function adam(
  control: usize,
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  length: i32,
  factor: usize,
): void {
  const beta1 = load<f64>(control, 8), beta2 = load<f64>(control, 16);
  const scales = f32x4.splat(<f32> load<f64>(control, 72));
  const rates = f32x4.splat(<f32> (load<f64>(control, 80) * load<f64>(factor)));
  const epsilons = f32x4.splat(<f32> load<f64>(control, 88));
  const keep1 = f32x4.splat(<f32> beta1), take1 = f32x4.splat(<f32> (1 - beta1));
  const keep2 = f32x4.splat(<f32> beta2), take2 = f32x4.splat(<f32> (1 - beta2));
  const zero = f32x4.splat(0), least = held(1e-32);
  const blocks = blocksOf(length), end = min(endOf(blocks) * BLOCK, length << 2);
  for (let k: usize = firstOf(blocks) * BLOCK; k < <usize> end; k += 16) {
    const grad = f32x4.mul(v128.load(g + k), scales);
    const m0 = v128.load(m + k), v0 = v128.load(v + k);
    // Rows for categories that never came up have no gradients and no moments: they stay.
    if (!v128.any_true(v128.or(grad, v128.or(m0, v0)))) continue;
    const first = flush(f32x4.add(f32x4.mul(m0, keep1), f32x4.mul(grad, take1)), least);
    const square = f32x4.mul(grad, grad);
    const second = flush(f32x4.add(f32x4.mul(v0, keep2), f32x4.mul(square, take2)), least);
    const step = f32x4.div(f32x4.mul(rates, first), f32x4.add(f32x4.sqrt(second), epsilons));
    v128.store(m + k, first);
    v128.store(v + k, second);
    v128.store(w + k, f32x4.sub(v128.load(w + k), step));
    v128.store(g + k, zero);
  }
}

/**
 * Numbers below `least` become 0. The moments of weights that get no gradients any more fade for ever, and
 * arithmetic on numbers too small for a normal exponent takes a processor a hundred times as long.
 */
function flush(x: v128, least: v128): v128 {
  return v128.and(x, f32x4.ge(f32x4.abs(x), least));
}
