import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext } from "../../../../../core/kit/context.ts";
import { TandemError } from "../../../../../core/base/errors.ts";
import { HELD_OUT_SEEDS } from "../../../../../core/run/measure/world_seeds.ts";
import type { Feedback, Guidance, StageFiles, Teacher } from "../../../../../core/stages/mod.ts";
import { BabyAIEnv } from "../../../../../plugins/env/babyai/env.ts";
import { languageModel } from "../../../../../plugins/teacher/language_model/mod.ts";
import { rolloutOf } from "../../../moments.ts";

const LEVEL = "BabyAI-GoToRedBallNoDists-v0";
const FIXTURES = fileURLToPath(new URL("../../../../fixtures/language-models", import.meta.url));
const ENVS = 64;

/** A teacher that learns by its weights alone, for as long as `use` takes. */
async function withTeacher<T>(
  options: object,
  use: (teacher: Teacher) => Promise<T>,
): Promise<T> {
  const stage = languageModel.stage({ learnsBy: ["weights"], runtime: "fused", ...options });
  const env = new BabyAIEnv({ level: LEVEL, envs: ENVS });
  const context = createContext({ seed: 0, device: "wasm" });
  const teacher = await stage.create(context, { env: env.spec });
  try {
    return await use(teacher);
  } finally {
    await teacher.dispose!();
  }
}

/** Verdicts of the expert on one step's guidance, to which the student listened. */
function verdictsOf(guidance: Guidance, isRight: (i: number) => boolean): Feedback {
  const signs = Int8Array.from({ length: ENVS }, (_, i) => isRight(i) ? 1 : -1);
  const rollout = rolloutOf({
    ...{ envs: ENVS, guidance: [guidance], actions: guidance.choices.slice() },
    rewards: new Float32Array(ENVS),
  });
  const strengths = new Float32Array(ENVS).fill(1);
  return { rollout, verdicts: [{ signs, strengths, words: () => "" }] };
}

/** Plays so many steps by the teacher's advice, which the expert judges. */
async function learn(teacher: Teacher, steps: number, seed = 0): Promise<void> {
  const env = new BabyAIEnv({ level: LEVEL, envs: ENVS });
  let seen = env.reset(Array.from({ length: ENVS }, (_, i) => seed + i));
  for (let t = 0; t < steps; t++) {
    const guidance = await teacher.advise(seen, "train");
    const { oracle } = env;
    const right = Array.from(guidance.choices, (choice, i) => oracle.isRight(i, choice));
    await teacher.receive(verdictsOf(guidance, (i) => right[i]!));
    seen = env.step(guidance.choices).observations;
  }
}

/** Share of held-out states, a few steps into their worlds, in which the likeliest action is right. */
async function accuracy(teacher: Teacher): Promise<number> {
  const env = new BabyAIEnv({ level: LEVEL, envs: ENVS });
  let [seen, right, asked] = [env.reset(heldOut()), 0, 0];
  for (let t = 0; t < 4; t++) {
    const { choices } = await teacher.advise(seen, "evaluate");
    for (const [i, choice] of choices.entries()) right += Number(env.oracle.isRight(i, choice));
    asked += ENVS;
    // Detours that do not depend on the teacher.
    seen = env.step(Int32Array.from({ length: ENVS }, (_, i) => (i + t) % 3)).observations;
  }
  return right / asked;
}

const heldOut = () => Array.from({ length: ENVS }, (_, i) => HELD_OUT_SEEDS + i);

Deno.test("language-model: verdicts of the expert make its weights better on worlds never seen", async () => {
  await withTeacher({ weights: { every: 50 * ENVS, steps: 24 } }, async (teacher) => {
    assert.deepEqual(teacher.learnsBy, ["weights"]);
    const before = await accuracy(teacher);
    await learn(teacher, 100);
    const after = await accuracy(teacher);
    assert.ok(after > before + 0.1, `${before} became ${after}`);
  });
});

Deno.test("language-model: told what is right, its weights learn it, and the model says it by itself", async () => {
  const env = new BabyAIEnv({ level: "BabyAI-GoToLocal-v0", envs: ENVS });
  const weights = { method: "cross-entropy", every: ENVS, steps: 12, learningRate: 2e-3, kl: 0 };
  const seen = env.reset(Array.from({ length: ENVS }, (_, i) => i));
  const actions = [...env.spec.actions.keys()];
  const isRight = (guidance: Guidance) =>
    Array.from(guidance.choices).filter((choice, i) => env.oracle.isRight(i, choice)).length;
  const dir = await Deno.makeTempDir();
  try {
    const taught = await withTeacher({ weights }, async (teacher) => {
      const before = isRight(await teacher.advise(seen, "evaluate"));
      for (let k = 0; k < 2; k++) {
        const guidance = await teacher.advise(seen, "train");
        const right = Array.from(
          { length: ENVS },
          (_, i) => actions.filter((action) => env.oracle.isRight(i, action)),
        );
        const { rollout, verdicts: [verdict] } = verdictsOf(
          guidance,
          (i) => right[i]!.includes(guidance.choices[i]!),
        );
        await teacher.receive({ rollout, verdicts: [{ ...verdict!, right }] });
      }
      const after = isRight(await teacher.advise(seen, "evaluate"));
      assert.ok(after > before + ENVS / 10, `${before} became ${after}`);
      await writeFiles(dir, (await teacher.files!())!);
      return after;
    });
    await withTeacher({ model: dir, learnsBy: [] }, async (teacher) => {
      assert.equal(isRight(await teacher.advise(seen, "evaluate")), taught);
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** Small updates that are soon due. */
const OFTEN = { weights: { every: 3 * ENVS, steps: 2, batch: 4 } };

Deno.test("language-model: trained weights go on exactly from a saved state", async () => {
  await withTeacher(OFTEN, async (one) => {
    await withTeacher(OFTEN, async (other) => {
      await learn(one, 4);
      await learn(other, 3, 500); // is forgotten
      await other.load!(structuredClone(await one.save!()));
      assert.deepEqual(await other.save!(), await one.save!());
      const next = async (teacher: Teacher) => {
        await learn(teacher, 3, 900);
        return await teacher.save!();
      };
      assert.deepEqual(await next(other), await next(one));
    });
  });
});

async function writeFiles(dir: string, files: StageFiles): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${dir}/${name}`), { recursive: true });
    await Deno.writeFile(`${dir}/${name}`, bytes);
  }
}

Deno.test("language-model: what was trained is a folder that answers alike, and goes on learning", async () => {
  const dir = await Deno.makeTempDir();
  const env = new BabyAIEnv({ level: LEVEL, envs: ENVS });
  let taught: Guidance | undefined;
  try {
    await withTeacher({ weights: { ...OFTEN.weights, train: "lora" } }, async (teacher) => {
      assert.equal(await teacher.files!(), undefined);
      await learn(teacher, 3);
      const files = await teacher.files!();
      assert.ok(files!["adapters.safetensors"]!.length < 100_000);
      await writeFiles(dir, files!);
      taught = await teacher.advise(env.reset(heldOut()), "evaluate");
    });
    // Once with the same kernels, which give the same bits, once with ONNX Runtime.
    for (const [runtime, tolerance] of [["fused", 0], ["web", 0.02]] as const) {
      await withTeacher({ model: dir, runtime, ...OFTEN }, async (teacher) => {
        const { distribution } = await teacher.advise(env.reset(heldOut()), "evaluate");
        for (const [at, p] of distribution.entries()) {
          assert.ok(Math.abs(p - taught!.distribution[at]!) <= tolerance, `${runtime} ${at}`);
        }
        await learn(teacher, 3);
      });
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("language-model: weights that cannot be trained are refused, and what was opened is freed", async () => {
  const refused = withTeacher({ model: `${FIXTURES}/gpt2`, runtime: "web" }, () => {
    return Promise.reject(new Error("It was opened."));
  });
  await assert.rejects(refused, (error) => {
    return error instanceof TandemError && error.code === "E_MODEL" && /"t5"/.test(error.message);
  });
  await withTeacher({}, async (teacher) => void await accuracy(teacher));
});
