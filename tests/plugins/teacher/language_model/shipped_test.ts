import assert from "node:assert/strict";
import { suggestionOf, tokensOf } from "../../../../core/kit/guidance.ts";
import { createContext, type DeviceChoice } from "../../../../core/kit/context.ts";
import { TandemError } from "../../../../core/base/errors.ts";
import type { EnvSpec, Guidance, Teacher } from "../../../../core/stages/mod.ts";
import { BabyAIEnv } from "../../../../plugins/env/babyai/env.ts";
import { languageModel } from "../../../../plugins/teacher/language_model/mod.ts";
import { findAdapter } from "../../../../runtimes/webgpu/webgpu.ts";
import { spec as bare } from "../../moments.ts";

const ENVS = 4;
const env = new BabyAIEnv({ level: "BabyAI-GoToRedBallNoDists-v0", envs: ENVS });
const start = () => env.reset([1, 2, 3, 4]);

/** Opens the shipped model as a teacher for as long as `use` takes. */
async function withTeacher(
  options: object,
  use: (teacher: Teacher) => Promise<void>,
  spec: EnvSpec = env.spec,
  device: DeviceChoice = "wasm",
): Promise<void> {
  const stage = languageModel.stage(options);
  const teacher = await stage.create(createContext({ seed: 0, device }), { env: spec });
  try {
    await use(teacher);
  } finally {
    await teacher.dispose!();
  }
}

/** The rows of a distribution, each of which must sum to 1. */
function rows({ distribution, candidates }: Guidance): number[][] {
  const count = candidates.length;
  return Array.from({ length: ENVS }, (_, i) => {
    const row = [...distribution.subarray(i * count, (i + 1) * count)];
    assert.ok(Math.abs(row.reduce((sum, p) => sum + p) - 1) < 1e-5);
    return row;
  });
}

Deno.test("language-model: the shipped model weighs BabyAI's actions, and is asked once a state", async () => {
  await withTeacher({}, async (teacher) => {
    const seen = start();
    const guidance = await teacher.advise(seen, "evaluate");
    assert.deepEqual(teacher.candidates, env.spec.actions);
    for (const [i, row] of rows(guidance).entries()) {
      assert.equal(guidance.choices[i], row.indexOf(Math.max(...row)));
      assert.ok(Math.max(...row) > 1.5 / row.length, `It has no opinion: ${row}`);
      assert.ok(tokensOf(guidance, i).length > 1);
    }
    assert.ok(!(teacher.advise(seen, "train") instanceof Promise));
    const { calls, cacheHits, tokens } = teacher.usage();
    assert.ok(calls === 2 * ENVS && cacheHits >= ENVS && tokens > 0);
  });
});

Deno.test("language-model: a worker gives the same guidance, drawn and written too", async () => {
  for (const answer of ["score", "generate"]) {
    const given: unknown[] = [];
    for (const worker of [false, true]) {
      await withTeacher({ worker, answer, temperature: 2 }, async (teacher) => {
        for (const mode of ["train", "evaluate"] as const) {
          const { choices, distribution, logProbs } = await teacher.advise(start(), mode);
          given.push([[...choices], [...distribution], [...logProbs]]);
        }
      });
    }
    assert.deepEqual(given.slice(2), given.slice(0, 2));
  }
});

/** The distribution that a teacher with these options gives at the start. */
async function weighed(options: object, device?: DeviceChoice): Promise<Float32Array> {
  let distribution = new Float32Array();
  await withTeacher(
    options,
    async (teacher) => {
      distribution = Float32Array.from((await teacher.advise(start(), "evaluate")).distribution);
    },
    env.spec,
    device,
  );
  return distribution;
}

function apart(one: Float32Array, other: Float32Array): number {
  assert.equal(one.length, other.length);
  return Math.max(...one.map((p, i) => Math.abs(p - other[i]!)));
}

Deno.test("language-model: the fused runtime is near fp32, the same in one worker, two or none", async () => {
  const [alone, worker, two] = [
    await weighed({ runtime: "fused" }),
    await weighed({ runtime: "fused", worker: true }),
    await weighed({ runtime: "fused", threads: 2 }),
  ];
  assert.deepEqual(worker, alone);
  assert.deepEqual(two, alone);
  const difference = apart(alone, await weighed({ runtime: "web" }));
  assert.ok(difference > 0 && difference < 0.04, `${difference}`);
});

const absent = await findAdapter("any") ? "" : " (skipped: no WebGPU adapter)";

Deno.test({
  name: `language-model: the run's device is the model's: WebGPU gives what WASM gives${absent}`,
  ignore: absent !== "",
  fn: async () => {
    const difference = apart(
      await weighed({ runtime: "web" }, "webgpu"),
      await weighed({ runtime: "web" }, "wasm"),
    );
    assert.ok(difference > 0, "it did not run on WebGPU");
    assert.ok(difference < 1e-4, `${difference}`);
  },
});

Deno.test("language-model: what the shipped model writes names actions", async () => {
  await withTeacher({ answer: "generate" }, async (teacher) => {
    const { choices } = await teacher.advise(start(), "evaluate");
    assert.ok(choices.every((choice) => choice >= 0), `${choices}`);
  });
});

Deno.test("language-model: candidates that no one trained it for are weighed too", async () => {
  for (const grain of ["subgoal", "plan"] as const) {
    await withTeacher({ grain }, async (teacher) => {
      assert.equal(teacher.grain, grain);
      assert.deepEqual(teacher.candidates, env.spec.guidance![grain]);
      const guidance = await teacher.advise(start(), "train");
      rows(guidance);
      assert.equal(suggestionOf(guidance, 0), teacher.candidates[guidance.choices[0]!]);
      assert.ok(tokensOf(guidance, 0).length > 0);
    });
  }
  const actions = ["left", "blow the horn", "recite a poem"];
  await withTeacher({}, async (teacher) => {
    rows(await teacher.advise(start(), "evaluate"));
  }, { ...env.spec, actions });
});

Deno.test("language-model: a grain that the environment has no words for is refused", async () => {
  const refused = withTeacher({ grain: "plan", model: "nowhere" }, () => Promise.resolve(), bare);
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof TandemError);
    assert.equal(
      String(error),
      'E_WIRING: The teacher guides at the grain "plan", for which "Tests-v0" has no words; it has ' +
        'them for "action".',
    );
    return true;
  });
});
