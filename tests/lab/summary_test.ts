import assert from "node:assert/strict";
import type { RunResult } from "../../core/run/scheduler.ts";
import { digestOf } from "../../lab/digest.ts";

const measurement = (rate: number) => ({
  success: { rate, ci95: [0, 1], episodes: 10, meanReward: rate, meanSteps: 5 } as const,
  guidanceAccuracy: { rate: 0.5, states: 8, calibration: [] },
});
const RESULT = {
  iterations: 2,
  stopped: false,
  envSteps: 32,
  episodes: 4,
  start: measurement(0.2),
  end: measurement(0.8),
  verdicts: { positive: 1, negative: 2, abstained: 3 },
  metrics: { loss: 0.25, entropy: 1 },
  states: {
    student: { json: { a: 1, b: [2] }, arrays: { w: { shape: [2], data: Float32Array.of(1, 2) } } },
  },
} as unknown as RunResult;

Deno.test("digestOf() is the same for the same run in whatever order its keys were set", () => {
  const twin = {
    ...RESULT,
    metrics: { entropy: 1, loss: 0.25 },
    states: {
      student: {
        arrays: { w: { shape: [2], data: Float32Array.of(0, 1, 2).subarray(1) } },
        json: { b: [2], a: 1 },
      },
    },
  };
  assert.match(digestOf(RESULT), /^[0-9a-f]{64}$/);
  assert.equal(digestOf(twin), digestOf(RESULT));
});

Deno.test("digestOf() reads no time and no usage", () => {
  const later = {
    ...RESULT,
    metrics: { ...RESULT.metrics, updateSeconds: 3 },
    stageSeconds: { env: 1, teacher: 1, student: 1, advantage: 1, feedback: 1 },
    teacher: { calls: 9, cacheHits: 9, tokens: 9 },
  };
  assert.equal(digestOf(later), digestOf(RESULT));
});

Deno.test("digestOf() differs by one bit of a weight, a shape, a type, a state or a measurement", () => {
  const withArray = (array: unknown) => ({
    ...RESULT,
    states: { student: { json: { a: 1, b: [2] }, arrays: { w: array } } },
  });
  const others = [
    withArray({ shape: [2], data: Float32Array.of(1, 2 + 2 ** -22) }),
    withArray({ shape: [2, 1], data: Float32Array.of(1, 2) }),
    withArray({ shape: [2], data: new Int32Array(Float32Array.of(1, 2).buffer) }),
    { ...RESULT, states: { teacher: RESULT.states.student } },
    { ...RESULT, metrics: { ...RESULT.metrics, loss: 0.25 + Number.EPSILON } },
    { ...RESULT, end: measurement(0.7) },
  ] as RunResult[];
  const digests = new Set([RESULT, ...others].map(digestOf));
  assert.equal(digests.size, others.length + 1);
});
