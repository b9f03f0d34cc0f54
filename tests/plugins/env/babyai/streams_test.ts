import assert from "node:assert/strict";
import fc from "fast-check";
import { Pcg64 } from "../../../../core/kit/random.ts";
import { makeStreams } from "../../../../plugins/env/babyai/streams.ts";

const draws = fc.array(
  fc.oneof(fc.constant("uniform" as const), fc.integer({ min: 1, max: 1 << 21 })),
  { maxLength: 200 },
);

Deno.test("Stream draws what NumPy's generator of the seed draws, in any mix", () => {
  const [stream] = makeStreams(1);
  fc.assert(fc.property(fc.maxSafeNat(), draws, (seed, sequence) => {
    const random = new Pcg64(seed);
    stream!.reseed(seed);
    for (const draw of sequence) {
      if (draw === "uniform") assert.equal(stream!.uniform(-1, 3), random.uniform(-1, 3));
      else assert.equal(stream!.integers(5, 5 + draw), random.integers(5, 5 + draw));
    }
    assert.deepEqual(stream!.save(), random.save());
  }));
});

Deno.test("Stream goes on where another was saved or copied, at any point of its block", () => {
  const [first, second, third, fourth] = makeStreams(4);
  fc.assert(fc.property(fc.nat(), draws, draws, (seed, before, after) => {
    first!.reseed(seed);
    const draw = (one: typeof first, sequence: typeof before) =>
      sequence.map((d) => d === "uniform" ? one!.uniform(0, 1) : one!.integers(0, d));
    draw(first, before);
    second!.load(JSON.parse(JSON.stringify(first!.save())));
    third!.copyFrom(first!);
    fourth!.copyFrom(second!);
    const expected = draw(first, after);
    for (const one of [second, third, fourth]) assert.deepEqual(draw(one, after), expected);
    assert.deepEqual(third!.save(), first!.save());
  }));
});

Deno.test("makeStreams() keeps many streams apart", () => {
  const streams = makeStreams(1000);
  streams.forEach((stream, i) => stream.reseed(i));
  const drawn = streams.map((stream) => Array.from({ length: 70 }, () => stream.integers(0, 1000)));
  for (const i of [0, 499, 999]) {
    const random = new Pcg64(i);
    assert.deepEqual(drawn[i], Array.from({ length: 70 }, () => random.integers(0, 1000)));
  }
});
