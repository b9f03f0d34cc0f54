/** Initial weights, drawn from a seeded source: pure functions that give row-major values. */

/** A source of uniform numbers in [0, 1), as a named stream of the run. */
export interface RandomSource {
  /** The next number from 0 on and below 1. */
  random(): number;
}

/** How many values a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Independent values of U(-limit, limit). */
export function uniform(
  random: RandomSource,
  shape: readonly number[],
  limit: number,
): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => (2 * random.random() - 1) * limit);
}

/** Independent values of N(0, deviation^2), by Box and Muller's transform. */
export function normal(
  random: RandomSource,
  shape: readonly number[],
  deviation: number,
): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.random()));
    const angle = 2 * Math.PI * random.random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/**
 * A matrix inputs x outputs whose shorter side is an orthogonal set of vectors of length `gain`
 * (Saxe et al., 2014), by Gram and Schmidt's process on normal draws.
 */
export function orthogonal(
  random: RandomSource,
  inputs: number,
  outputs: number,
  gain = 1,
): Float32Array {
  const [count, length] = [Math.min(inputs, outputs), Math.max(inputs, outputs)];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from(normal(random, [length], 1));
    for (const other of vectors) subtractProjection(vector, other);
    const norm = Math.hypot(...vector);
    if (norm > 1e-6) vectors.push(vector.map((value) => value / norm));
  }
  return Float32Array.from({ length: inputs * outputs }, (_, index) => {
    const [row, column] = [Math.floor(index / outputs), index % outputs];
    return gain * (inputs > outputs ? vectors[column]![row]! : vectors[row]![column]!);
  });
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  const dot = vector.reduce((sum, value, i) => sum + value * unit[i]!, 0);
  for (const [i, value] of unit.entries()) vector[i]! -= dot * value;
}
