import assert from "node:assert/strict";
import type { Checkpoint } from "../../../core/run/checkpoint.ts";
import { createContext } from "../../../core/kit/context.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import { digestOf } from "../../../lab/digest.ts";
import {
  type LearningRateOptions,
  learningRateSchedule,
} from "../../../plugins/student/neural/learning_rate.ts";
import { ppo } from "../../../plugins/mod.ts";
import corridor from "../../cli/corridor.ts";

const at = (options: Partial<LearningRateOptions>, rollouts: readonly number[], planned = 10) =>
  rollouts.map(learningRateSchedule({
    ...{ learningRateDecay: 0, learningRateShape: "linear" },
    ...{ learningRateWarmUp: 0, learningRateFloor: 0.1 },
    ...options,
  } as LearningRateOptions, planned));

Deno.test("the step size stays, falls in a straight line or as a cosine does, after a rise", () => {
  assert.deepEqual(at({}, [0, 1, 99]), [1, 1, 1]);
  assert.deepEqual(at({ learningRateDecay: 10 }, [0, 5, 10, 99]), [1, 0.55, 0.1, 0.1]);
  assert.deepEqual(at({ learningRateDecay: 4, learningRateFloor: 0 }, [0, 1, 2, 3, 4, 5]), [
    ...[1, 0.75, 0.5, 0.25, 0, 0],
  ]);
  assert.deepEqual(at({ learningRateWarmUp: 4 }, [0, 1, 2, 3, 4, 9]), [0.25, 0.5, 0.75, 1, 1, 1]);
  const cosine = { learningRateShape: "cosine", learningRateFloor: 0.5 } as const;
  // (1 + cos(pi / 3)) / 2 = 3/4 and (1 + cos(2 pi / 3)) / 2 = 1/4 of the half that falls.
  const [start, third, half, twoThirds, end, after] = at(
    { ...cosine, learningRateDecay: 8, learningRateWarmUp: 2 },
    [2, 4, 5, 6, 8, 20],
  );
  assert.deepEqual([start, half, end, after], [1, 0.75, 0.5, 0.5]);
  assert.ok(Math.abs(third! - 0.875) < 1e-15 && Math.abs(twoThirds! - 0.625) < 1e-15);
  const run = { learningRateDecay: "run", learningRateFloor: 0 } as const;
  assert.deepEqual(at(run, [0, 10, 20], 20), [1, 0.5, 0]);
});

Deno.test("a decay that is over before the warm-up, or that follows no run, is refused in a sentence", () => {
  assert.throws(() => at({ learningRateDecay: 5, learningRateWarmUp: 5 }, [0]), {
    code: "E_OPTION",
    message: /learningRateWarmUp is "5" .* after "5" iterations; .*must be more, or 0\.$/,
  });
  const options = { learningRateDecay: "run", learningRateShape: "linear" } as const;
  assert.throws(
    () =>
      learningRateSchedule(
        { ...options, learningRateWarmUp: 0, learningRateFloor: 0 },
        undefined,
      ),
    { code: "E_WIRING" },
  );
  for (const learningRateDecay of ["runs", -1, 1.5]) {
    const wrong = { learningRateDecay } as unknown as { learningRateDecay: number };
    assert.throws(() => ppo(wrong), { code: "E_OPTION", message: /whole number or "run"/ });
  }
});

Deno.test("a run with a schedule resumes to the digest of one that was not stopped", async () => {
  const learningRateShape = "cosine";
  const student = ppo({ hidden: 8, learningRateDecay: "run", learningRateShape });
  const pipeline = corridor.with({ student, schedule: { iterations: 4 } });
  const context = () => createContext({ seed: 0, device: "cpu" });
  let half: Checkpoint | undefined;
  const checkpoints = {
    isDue: (iteration: number) => iteration === 2,
    keep: (one: Checkpoint) => void (half = structuredClone(one)),
  };
  const whole = await runPipeline(pipeline, context(), { checkpoints });
  const resumed = await runPipeline(pipeline, context(), { resume: half! });
  assert.equal(digestOf(resumed), digestOf(whole));
  const steady = corridor.with({ student: ppo({ hidden: 8 }), schedule: { iterations: 4 } });
  assert.notEqual(digestOf(await runPipeline(steady, context())), digestOf(whole));
});
