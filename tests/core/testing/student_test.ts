import assert from "node:assert/strict";
import { TandemError } from "../../../core/base/errors.ts";
import { drawFrom } from "../../../core/kit/guidance.ts";
import type { Pcg64State } from "../../../core/kit/random.ts";
import type {
  Decision,
  Estimate,
  Guidance,
  Mode,
  Observations,
  Replay,
  Rollout,
  Samples,
  Student,
} from "../../../core/stages/mod.ts";
import { stageOf } from "../stubs.ts";
import { assertFound, assertSound, broken } from "./broken.ts";

/**
 * A student that is right in all that can be checked: it prefers what it is told, draws, and learns
 * one number, its value of everything.
 */
const good = stageOf("student", (context) => {
  const streams = {
    train: context.random("student"),
    evaluate: context.random("student evaluation"),
  };
  let value = 0;
  const fill = (length: number) => new Float32Array(length).fill(value);
  const probability = (choice: number, action: number) =>
    choice < 0 ? 1 / 3 : choice === action ? 0.5 : 0.25;
  const student: Student = {
    act({ envs }, { choices }, mode) {
      const actions = Int32Array.from(
        choices,
        (choice) =>
          drawFrom([0, 1, 2].map((a) => probability(choice, a)), 0, 3, streams[mode].random()),
      );
      const logProbs = Float32Array.from(actions, (a, i) => Math.log(probability(choices[i]!, a)));
      return { actions, logProbs, qValues: fill(envs), values: fill(envs) };
    },
    values: ({ envs }) => fill(envs),
    policy: ({ envs }, { choices }) => ({
      probabilities: Float32Array.from(
        { length: 3 * envs },
        (_, k) => probability(choices[Math.floor(k / 3)]!, k % 3),
      ),
      qValues: fill(3 * envs),
      values: fill(envs),
    }),
    learn(_rollout, { targets }) {
      const mean = targets.reduce((sum, g) => sum + g, 0) / targets.length;
      if (!Number.isFinite(mean)) throw new TandemError("E_NUMERIC", "The mean is no number.");
      value += 0.5 * (mean - value);
      return { value };
    },
    save: () => ({ json: { value, streams: [streams.train.save(), streams.evaluate.save()] } }),
    load({ json }) {
      const saved = json as { value: number; streams: [Pcg64State, Pcg64State] };
      value = saved.value;
      streams.train.load(saved.streams[0]);
      streams.evaluate.load(saved.streams[1]);
    },
  };
  return student;
});

/** Changes decisions. */
function acting(change: (decision: Decision, mode: Mode, student: Student) => unknown) {
  return broken(good, (student) => ({
    act: async (seen: Observations, guidance: Guidance, mode: Mode) => {
      const decision = await student.act(seen, guidance, mode);
      return Object.assign({ ...decision }, change(decision, mode, student));
    },
  }));
}

function learning(change: (rollout: Rollout, estimate: Estimate, student: Student) => unknown) {
  return broken(good, (student) => ({
    learn: (rollout: Rollout, estimate: Estimate) => change(rollout, estimate, student),
  }));
}

Deno.test("checkStudent() finds nothing wrong with a good one", () => assertSound(good));

Deno.test("checkStudent() looks at decisions and values", async () => {
  await assertFound(
    acting(() => ({ qValues: new Float32Array(1) })),
    /^act\(\)'s qValues have length "1"/,
  );
  const beyond = acting(({ actions }) => ({ actions: actions.map(() => 3) }));
  await assertFound(beyond, /^act\(\)'s actions hold "3" at 0; right would be an action below 3/);
  const before = acting(({ actions }) => ({ actions: actions.map((a, i) => i === 3 ? -1 : a) }));
  await assertFound(before, /^act\(\)'s actions hold "-1" at 3/);
  const positive = acting(({ logProbs }) => ({ logProbs: logProbs.map(() => 0.5) }));
  await assertFound(positive, /^act\(\)'s logProbs hold "0\.5"/);
  const nan = acting(({ values }) => ({ values: values.map(() => NaN) }));
  await assertFound(nan, /^act\(\)'s values hold "NaN"/);
  const short = broken(good, () => ({ values: () => new Float32Array(1) }));
  await assertFound(short, /^values\(\) have length "1"/);
  const infinite = broken(good, () => ({
    values: ({ envs }: Observations) => new Float32Array(envs).fill(Infinity),
  }));
  await assertFound(infinite, /^values\(\) hold "Infinity"/);
});

Deno.test("checkStudent() wants ratio 1 before anything is learned", async () => {
  const sharp = acting(({ logProbs }) => ({ logProbs: logProbs.map((p) => 2 * p) }));
  await assertFound(sharp, /^The ratio is "0\.\d+", not 1, before it has learned/);
  // Without a policy to compare with, the log-probabilities must agree with each other.
  let n = 0;
  const drifting = acting(({ logProbs }) => ({ logProbs: logProbs.map((p) => p * (n++ % 7 + 1)) }));
  await assertFound(broken(drifting, () => ({ policy: undefined })), /^The ratio is "/);
  const certain = acting(({ logProbs }) => ({ logProbs: logProbs.map(() => -0.1) }));
  await assertFound(
    broken(certain, () => ({ policy: undefined })),
    /takes in one state sum to "2\.715", above 1/,
  );
});

Deno.test("checkStudent() looks at the policy", async () => {
  const policy = (change: (view: Record<string, Float32Array>) => object) =>
    broken(good, (student) => ({
      policy: async (seen: Observations, guidance: Guidance) => {
        const view = await student.policy!(seen, guidance);
        return { ...view, ...change(view as never) };
      },
    }));
  const double = policy(({ probabilities }) => ({
    probabilities: probabilities!.map((p) => 2 * p),
  }));
  await assertFound(double, /^policy\(\)'s probabilities sum to "2\.0000"/);
  for (const part of [0, 9]) {
    // One environment of four is enough.
    const partly = policy(({ probabilities }) => ({
      probabilities: probabilities!.map((p, k) => k >= part && k < part + 3 ? 0 : p),
    }));
    await assertFound(partly, /^policy\(\)'s probabilities sum to "0\.0000"; right would be 1/);
  }
  const flat = policy(() => ({ probabilities: new Float32Array(2) }));
  await assertFound(flat, /^policy\(\)'s probabilities have length "2"; right would be 12/);
  const worthless = policy(() => ({ values: new Float32Array(2) }));
  await assertFound(worthless, /^policy\(\)'s values have length "2"; right would be 4/);
  await assertFound(
    policy(() => ({ qValues: new Float32Array(4) })),
    /^policy\(\)'s qValues have length "4"/,
  );
});

Deno.test("checkStudent() asks the same twice", async () => {
  let n = 0;
  const moody = acting(({ qValues }) => ({ qValues: qValues.map(() => n++) }));
  await assertFound(moody, /^Two instances under one seed do not answer the same/);
});

Deno.test("checkStudent() wants measurements to leave training alone", async () => {
  const mixing = broken(good, (student) => ({
    act: (seen: Observations, guidance: Guidance) => student.act(seen, guidance, "train"),
  }));
  await assertFound(mixing, /it acts otherwise in training afterwards/);
  const tracing = broken(good, (student) => ({
    policy: (seen: Observations, guidance: Guidance) => {
      student.act(seen, guidance, "train");
      return student.policy!(seen, guidance);
    },
  }));
  await assertFound(tracing, /it acts otherwise in training afterwards/);
});

Deno.test("checkStudent() watches it learn", async () => {
  await assertFound(learning(() => ({ loss: NaN })), /^learn\(\) reports "NaN" as loss/);
  const shameless = learning((rollout) => (rollout.rewards.fill(9), {}));
  await assertFound(shameless, /^learn\(\) changes the rollout or the estimate/);
  const failing = learning(() => {
    throw new Error("no memory");
  });
  await assertFound(failing, /^learn\(\) fails: no memory/);
});

Deno.test("checkStudent() wants NaN told", async () => {
  const wordless = learning((_rollout, { targets }) => {
    if (targets.some(Number.isNaN)) throw new Error("not a number");
    return {};
  });
  await assertFound(wordless, /fails without the code E_NUMERIC/);
  await assertFound(poisoned(), /its values are NaN from then on/);
});

/** A student that takes NaN into its value. */
function poisoned() {
  return stageOf("student", () => {
    let value = 0;
    const fill = (length: number) => new Float32Array(length).fill(value);
    return {
      act: ({ envs }) => ({
        actions: new Int32Array(envs),
        logProbs: new Float32Array(envs),
        qValues: fill(envs),
        values: fill(envs),
      }),
      values: ({ envs }) => fill(envs),
      learn: (_rollout, { targets }) => {
        value = targets.reduce((sum, g) => sum + g, 0);
        return {};
      },
    };
  });
}

Deno.test("checkStudent() lets a student refuse NaN with its code, and not with another", async () => {
  const refusing = (code: "E_NUMERIC" | "E_SHAPE") =>
    learning((rollout, estimate, student) => {
      if (estimate.targets.some(Number.isNaN)) throw new TandemError(code, "Not a number.");
      return student.learn(rollout, estimate);
    });
  await assertSound(refusing("E_NUMERIC"));
  await assertFound(refusing("E_SHAPE"), /fails without the code E_NUMERIC/);
});

Deno.test("checkStudent() asks in both modes, and first in silence", async () => {
  const asked = new Set<string>();
  await assertSound(broken(good, (student) => ({
    act: (seen: Observations, guidance: Guidance, mode: Mode) => {
      const silent = guidance.choices.every((choice) => choice < 0);
      asked.add(`${mode} of ${seen.envs}${silent ? " in silence" : ""}`);
      return student.act(seen, guidance, mode);
    },
  })));
  for (const one of ["evaluate of 3 in silence", "evaluate of 4", "train of 3", "train of 4"]) {
    assert.ok(asked.has(one), `${one} is not among ${[...asked]}`);
  }
});

Deno.test("checkStudent() resumes what was saved", async () => {
  await assertFound(poisoned(), /^It remembers something from step to step and has no save/);
  await assertFound(broken(good, () => ({ load: () => {} })), /^Loaded from what it saved/);
  await assertFound(broken(good, () => ({ load: undefined })), /^It has save but no load/);
});

Deno.test("checkStudent() counts tensors", async () => {
  let alive = 0;
  const leaking = broken(good, (student) => ({
    learn: (rollout: Rollout, estimate: Estimate) => (alive++, student.learn(rollout, estimate)),
  }));
  const setting = { liveTensors: () => alive };
  await assertFound(leaking, /^It holds 2 tensors more after working again: it leaks/, setting);
  await assertFound(leaking, /^It leaves 4 tensors behind/, setting);
});

Deno.test("checkStudent() lets it practise on transitions, and looks at what it reports", async () => {
  const sizes: number[][] = [];
  const practising = (loss: number) =>
    broken(good, () => ({
      practise: ({ size, observations, actions, rewards }: Samples) => {
        const { shape, data } = Object.values(observations)[0]!;
        sizes.push([size - actions.length, size - rewards.length, shape[0]! - size]);
        assert.equal(data.length, shape.reduce((a, b) => a * b));
        return { loss };
      },
    }));
  await assertSound(practising(1));
  assert.deepEqual(sizes[0], [0, 0, 0]);
  await assertFound(practising(NaN), /^practise\(\) gives "NaN" for "loss", no number/);
});

Deno.test("checkStudent() looks at past steps where they are declared to be taken", async () => {
  const taking = (learn: (replay: Replay | undefined) => Record<string, number>) =>
    broken(good, (student) => ({
      learnsFromReplay: true,
      learn: (rollout: Rollout, estimate: Estimate, replay?: Replay) => ({
        ...student.learn(rollout, estimate),
        ...learn(replay),
      }),
    }));
  await assertSound(taking((replay) => (replay && replay.size > 0 && replay.draw(2), {})));
  await assertFound(taking(() => ({})), /^It declares learnsFromReplay, and learn\(\) draws none/);
  await assertFound(
    taking((replay) => (replay?.draw(2), {})),
    /draws past steps where none are held/,
  );
  const broke = taking((replay) => replay?.size ? (replay.draw(1), { loss: NaN }) : { loss: 0 });
  await assertFound(broke, /^learn\(\) from past steps reports "NaN" as loss/);
});
