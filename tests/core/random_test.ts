import assert from "node:assert/strict";
import { namedStream, Pcg64 } from "../../core/kit/random.ts";

interface Reference {
  readonly seed: number;
  readonly state: string;
  readonly inc: string;
  readonly raw: string[];
  readonly integers_0_6_x20: number[];
  readonly integers_mixed: [low: number, high: number, value: number][];
  readonly uniform_0_1_x6: number[];
  readonly random_x6: number[];
  readonly mix_int_float: number[];
  readonly choice_10_x8: number[];
  readonly choice_list: string[];
  readonly choice_5_of_12_noreplace: number[];
  readonly permutation_9: number[];
  readonly shuffle_list_9: number[];
}

const fixture = new URL("../fixtures/numpy-pcg64.json", import.meta.url);
const references: Reference[] = JSON.parse(Deno.readTextFileSync(fixture)).cases;

function times<T>(count: number, draw: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => draw(i));
}

for (const reference of references) {
  const random = new Pcg64(0);
  const fresh = () => {
    random.reseed(reference.seed);
    return random;
  };
  Deno.test(`Pcg64 draws what NumPy draws from seed ${reference.seed}`, () => {
    const saved = fresh().save();
    assert.deepEqual(saved, { state: reference.state, inc: reference.inc, half: null });
    assert.deepEqual(times(8, () => String(random.uint64())), reference.raw);
    fresh();
    assert.deepEqual(times(20, () => random.integers(0, 6)), reference.integers_0_6_x20);
    fresh();
    for (const [low, high, value] of reference.integers_mixed) {
      assert.equal(random.integers(low, high), value, `integers(${low}, ${high})`);
    }
    fresh();
    assert.deepEqual(times(6, () => random.uniform(0, 1)), reference.uniform_0_1_x6);
    fresh();
    assert.deepEqual(times(6, () => random.random()), reference.random_x6);
    fresh();
    assert.deepEqual(times(8, () => random.choice([..."0123456789"])).map(Number), [
      ...reference.choice_10_x8,
    ]);
    assert.deepEqual(fresh().sample(12, 5), reference.choice_5_of_12_noreplace);
    assert.deepEqual(fresh().permutation(9), reference.permutation_9);
    assert.deepEqual(fresh().shuffle(times(9, (i) => i)), reference.shuffle_list_9);
  });
}

Deno.test("Pcg64 keeps the half word over draws of doubles, as NumPy does", () => {
  for (const { seed, mix_int_float } of references) {
    const random = new Pcg64(seed);
    const first = [random.integers(0, 4), random.random(), random.integers(0, 4)];
    const second = [random.integers(0, 4), random.random(), random.integers(0, 9)];
    assert.deepEqual([...first, ...second], mix_int_float);
  }
});

Deno.test("Pcg64 takes words and big integers as SeedSequence does", () => {
  const draw = (seed: bigint | number[]) => {
    const random = new Pcg64(seed);
    return times(3, () => random.integers(0, 1000));
  };
  // numpy.random.Generator(PCG64(seed)).integers(0, 1000), NumPy 2.4.6
  assert.deepEqual(draw([]), [850, 636, 511]);
  assert.deepEqual(draw([1, 2, 3, 4, 5, 6]), [430, 621, 714]);
  assert.deepEqual(draw(3n * 2n ** 130n + 5n), [400, 976, 530]);
});

Deno.test("Pcg64 fails on a seed that SeedSequence would refuse", () => {
  assert.throws(() => new Pcg64(-1), /"-1" is not a non-negative integer/);
  assert.throws(() => new Pcg64(1.5), /"1.5"/);
  assert.throws(() => new Pcg64([1, 2 ** 32]), /outside 0 to 4294967295/);
  assert.throws(() => new Pcg64(0).integers(3, 3), /integers\(3, 3\)/);
  assert.throws(() => new Pcg64(0).integers(0, NaN), /NaN/);
  assert.throws(() => new Pcg64(0).sample(2, 3), /sample\(2, 3\)/);
});

Deno.test("Pcg64.load() goes on exactly where save() was, half word included", () => {
  const random = new Pcg64(11);
  random.integers(0, 10);
  const saved = JSON.parse(JSON.stringify(random.save()));
  assert.notEqual(saved.half, null);
  const copy = new Pcg64(0);
  copy.copyFrom(random);
  const expected = times(5, () => random.integers(0, 1000));
  assert.deepEqual(times(5, () => copy.integers(0, 1000)), expected);
  const restored = new Pcg64(0);
  restored.load(saved);
  assert.deepEqual(times(5, () => restored.integers(0, 1000)), expected);
  assert.deepEqual(restored.save(), random.save());
});

Deno.test("Pcg64.integers() draws what NumPy draws beyond 32 bits, rejections included", () => {
  // numpy.random.Generator(PCG64(0)).integers(0, 6004799503160662), 4000 times, NumPy 2.4.6: one
  // of the 4001 words drawn is rejected.
  const random = new Pcg64(0);
  const drawn = times(4000, () => random.integers(0, 6004799503160662));
  assert.equal(drawn.at(-1), 3623743727426319);
  assert.equal(drawn.reduce((sum, value) => (sum + value) % 1000003, 0), 655915);
});

Deno.test("Pcg64.integers() covers a range of 32 bits with its rejection", () => {
  const random = new Pcg64(3);
  // Just above 2^31 nearly half of the words are rejected: both halves must stay equally likely.
  const high = 2 ** 31 + 1;
  const below = times(4000, () => random.integers(0, high)).filter((value) => value < high / 2);
  assert.ok(Math.abs(below.length - 2000) < 150, `${below.length} of 4000 below the middle`);
});

Deno.test("Pcg64.gaussian() has mean 0 and deviation 1", () => {
  const random = new Pcg64(5);
  const values = times(20000, () => random.gaussian());
  const mean = values.reduce((sum, x) => sum + x) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.04, `${mean}, ${variance}`);
});

Deno.test("namedStream() is NumPy's generator of the seed and the name's bytes", () => {
  // numpy.random.Generator(PCG64(SeedSequence([seed, *name.encode()]))), NumPy 2.4.6
  const student = namedStream(7, "student");
  assert.deepEqual(times(6, () => student.integers(0, 1000)), [452, 479, 247, 373, 711, 263]);
  assert.equal(student.random(), 0.805144154784081);
  const env = namedStream(2 ** 40 + 3, "env");
  assert.deepEqual(times(6, () => env.integers(0, 1000)), [308, 554, 604, 602, 263, 193]);
});
