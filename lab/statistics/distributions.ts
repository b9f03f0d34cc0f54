/** Distribution functions to double precision. */

/** P(Z <= z) of the standard normal distribution. */
export function normalCdf(z: number): number {
  // P(a, x), the lower incomplete gamma function, gives both tails without cancellation.
  const tail = 0.5 * upperGamma(0.5, z * z / 2);
  return z > 0 ? 1 - tail : tail;
}

/** The z with P(Z <= z) = p, by bisection and Newton's steps; p strictly between 0 and 1. */
export function normalQuantile(p: number): number {
  let [low, high] = [-40, 40];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  let z = (low + high) / 2;
  for (let i = 0; i < 4; i++) {
    const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    z -= (normalCdf(z) - p) / density;
  }
  return z;
}

/** P(|T| >= |t|) of Student's t distribution with `df` degrees of freedom. */
export function studentTwoSided(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

/** The t with P(|T| <= t) = `confidence`. */
export function studentQuantile(confidence: number, df: number): number {
  let [low, high] = [0, 1];
  while (1 - studentTwoSided(high, df) < confidence) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (1 - studentTwoSided(middle, df) < confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X >= x) of the chi-squared distribution with `df` degrees of freedom. */
export function chiSquaredTail(x: number, df: number): number {
  return x <= 0 ? 1 : upperGamma(df / 2, x / 2);
}

/** ln Gamma(x) for x > 0, by Stirling's series where it has converged and the recurrence below. */
export function logGamma(x: number): number {
  let shift = 0;
  while (x < 12) shift -= Math.log(x++);
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x;
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/**
 * The regularised incomplete beta function I_x(a, b) by Lentz's continued fraction (Abramowitz &
 * Stegun 26.5.8).
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly on this side; the other one is its mirror.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFactor = a * Math.log(x) + b * Math.log1p(-x) +
    logGamma(a + b) - logGamma(a) - logGamma(b);
  const numerator = (step: number) => {
    const m = Math.floor(step / 2);
    return step % 2 === 0
      ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
  };
  return Math.exp(logFactor) / (a * continuedFraction(1, numerator, () => 1));
}

/** The upper regularised incomplete gamma function Q(a, x) (Abramowitz & Stegun 6.5.29, 6.5.31). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * Number.EPSILON; n++) sum += term *= x / (a + n);
    return 1 - factor * sum;
  }
  const numerator = (step: number) => step * (a - step);
  return factor / continuedFraction(x + 1 - a, numerator, (step) => x + 2 * step + 1 - a);
}

/** b_0 + a_1 / (b_1 + a_2 / (b_2 + ...)) by Lentz's method. */
function continuedFraction(
  first: number,
  numerator: (step: number) => number,
  denominator: (step: number) => number,
): number {
  const least = 1e-300;
  let value = first || least;
  let [c, d] = [value, 0];
  for (let step = 1; step < 1000; step++) {
    const [a, b] = [numerator(step), denominator(step)];
    d = 1 / (b + a * d || least);
    c = b + a / c || least;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}
