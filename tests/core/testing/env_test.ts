import assert from "node:assert/strict";
import { checkEnv } from "../../../core/testing/mod.ts";
import type { Env, EnvStep, Observations } from "../../../core/stages/mod.ts";
import { corridor } from "../../../plugins/env/corridor.ts";
import { stubEnv } from "../stubs.ts";
import { assertFound, assertNotFound, assertSound, broken } from "./broken.ts";
import { bytes, bytesIn } from "../tensors.ts";

const good = corridor({ length: 4 });

/** Changes what the environment shows, at reset and at each step. */
function showing(change: (seen: Observations) => object) {
  const shown = (seen: Observations): Observations => {
    const { envs, tensors } = seen;
    const [mission, text, key] = [
      (i: number) => seen.mission(i),
      (i: number) => seen.text(i),
      (i: number) => seen.key(i),
    ];
    return { envs, tensors, mission, text, key, ...change(seen) };
  };
  return broken(good, (env) => ({
    reset: (seeds: ArrayLike<number>) => shown(env.reset(seeds)),
    step: (actions: Int32Array) => {
      const step = env.step(actions);
      return { ...step, observations: shown(step.observations) };
    },
  }));
}

/** Changes what a step answers. */
function stepping(change: (step: EnvStep, env: Env, actions: Int32Array) => object) {
  return broken(good, (env) => ({
    step: (actions: Int32Array) => {
      const step = env.step(actions);
      return { ...step, ...change(step, env, actions) };
    },
  }));
}

/** Changes what the environment's only tensor holds. */
function showingCells(change: (cells: Uint8Array) => Uint8Array) {
  return showing(({ tensors }) => ({
    tensors: { cells: { ...tensors.cells, data: change(bytesIn(tensors)) } },
  }));
}

/** Says other numbers of categories. */
const withCells = (nvec: number[]) =>
  broken(good, ({ spec }) => ({
    spec: { ...spec, observation: { cells: { ...spec.observation.cells, nvec } } },
  }));

const withSpec = (change: object) => broken(good, ({ spec }) => ({ spec: { ...spec, ...change } }));

Deno.test("checkEnv() finds nothing wrong with the corridor", () => assertSound(good));

Deno.test("checkEnv() reads the spec", async () => {
  await assertFound(withSpec({ envs: 9 }), /^spec\.envs is "9" where 4 were asked for\.$/);
  await assertFound(withSpec({ id: "" }), /^spec\.id is empty/);
  await assertFound(withSpec({ actions: [] }), /^spec\.actions is empty/);
  await assertFound(withSpec({ actions: ["go", "go", "go"] }), /names an action twice/);
  await assertFound(withSpec({ observation: {} }), /^spec\.observation is empty/);
  await assertFound(withSpec({ actionKinds: ["moves"] }), /^spec\.actionKinds has "1" kinds/);
  await assertFound(withCells([4, 0]), /^spec\.observation\.cells hold "0" at 1/);
  await assertFound(withSpec({ maxSteps: 2.5 }), /^spec\.maxSteps is "2\.5"/);
  await assertFound(withSpec({ autoreset: "next-step" }), /^spec\.autoreset is "next-step"/);
});

Deno.test("checkEnv() takes what is just right, and nothing beyond", async () => {
  await assertSound(withCells([256, 256]));
  await assertFound(withCells([4, 257]), /^spec\.observation\.cells hold "257" at 1/);
  await assertNotFound(withCells([1, 4]), /^spec\.observation\.cells hold/);
  await assertNotFound(withSpec({ maxSteps: 1 }), /^spec\.maxSteps is/);
  await assertFound(withSpec({ maxSteps: 0 }), /^spec\.maxSteps is "0"/);
  await assertFound(showingCells((cells) => cells.map(() => 4)), /holds "4" at 0, where/);
  await assertSound(withSpec({ missionWords: [] }));
});

Deno.test("checkEnv() looks at every environment", async () => {
  const last = showingCells((cells) => cells.map((x, k) => k === 7 ? 200 : x));
  await assertFound(
    last,
    /^The tensor "cells" of .* holds "200" at 1, where spec\.observation has 4/,
  );
  const far = (right: unknown, wrong: unknown) => (i: number) => i === 3 ? wrong : right;
  const words = "go to the flag";
  await assertFound(showing(() => ({ mission: far(words, "go home") })), /the word "home"/);
  await assertFound(showing(() => ({ text: far([], [1]) })), /^text\(3\) of .* no list/);
  await assertFound(showing(() => ({ key: far(0, Infinity) })), /^key\(3\) of .* is "Infinity"/);
  const late = stepping(({ rewards }) => ({ rewards: rewards.map((r, i) => i === 3 ? NaN : r) }));
  await assertFound(late, /^step\(\)'s rewards hold "NaN" at 3/);
});

Deno.test("checkEnv() tells states apart by what is seen and by the mission", async () => {
  const mission = (i: number) => i % 2 ? "go to the flag" : "the flag";
  const twofold = showing((seen) => ({
    mission,
    key: (i: number) => 2 * seen.key(i) + i % 2,
  }));
  await assertSound(twofold);
  await assertFound(
    showing((seen) => ({ key: (i: number) => 2 * seen.key(i) + i % 2 })),
    /two keys to equal states/,
  );
});

Deno.test("checkEnv() looks at the last observation of episodes, however they end", async () => {
  for (const end of ["terminated", "truncated"] as const) {
    const bad = stepping((step) => ({
      finals: {
        envs: 4,
        tensors: bytes(
          "cells",
          Uint8Array.from({ length: 8 }, (_, k) => step[end][k >> 1] === 1 ? 99 : 0),
          [4],
        ),
        mission: () => "go to the flag",
        text: () => [],
        key: () => 0,
      },
    }));
    await assertFound(bad, /^The tensor "cells" of step\(\)'s finals holds "99" at 0/);
  }
  const between = stepping(({ finals, terminated, truncated }) => {
    const mission = (i: number) => terminated[i] || truncated[i] ? "go" : "nothing is there";
    const { tensors } = finals;
    return { finals: { envs: 4, tensors, mission, text: () => [], key: () => 0 } };
  });
  await assertSound(between);
});

Deno.test("checkEnv() looks at observations", async () => {
  await assertFound(
    showingCells(() => new Uint8Array(3)),
    /"3"; right would be 8/,
  );
  await assertFound(showing(() => ({ envs: 1 })), /are of "1" environments, not 4/);
  await assertFound(
    showingCells((cells) => cells.map((x) => x + 3)),
    /where spec\.observation has 4 categories/,
  );
  await assertFound(showing(() => ({ mission: () => "go to the moon" })), /the word "moon"/);
  await assertFound(showing(() => ({ text: () => "a flag" })), /is no list of sentences/);
  await assertFound(showing(() => ({ key: () => NaN })), /key\(0\) .* is "NaN"/);
  let n = 0;
  await assertFound(showing(() => ({ key: () => n++ })), /two keys to equal states/);
});

Deno.test("checkEnv() looks at rewards and ends", async () => {
  const nan = stepping(({ rewards }) => ({ rewards: rewards.map(() => NaN) }));
  await assertFound(nan, /^step\(\)'s rewards hold "NaN" at 0; right would be finite\.$/);
  const short = stepping(() => ({ terminated: new Uint8Array(1) }));
  await assertFound(short, /^step\(\)'s terminated have length "1"/);
  const two = stepping(({ truncated }) => ({ truncated: truncated.map((x) => 2 * x) }));
  await assertFound(two, /^step\(\)'s truncated hold "2"/);
});

Deno.test("checkEnv() keeps truncation apart from termination", async () => {
  const both = stepping(({ terminated, truncated }) => ({
    truncated: truncated.map((x, i) => x | terminated[i]!),
  }));
  await assertFound(both, /both terminated and truncated/);
  const merged = stepping(({ terminated, truncated }) => ({
    terminated: terminated.map((x, i) => x | truncated[i]!),
    truncated: new Uint8Array(truncated.length),
  }));
  await assertFound(merged, /a cut is a truncation/);
  const endless = stepping(({ terminated, truncated }) => ({
    terminated: new Uint8Array(terminated.length),
    truncated: new Uint8Array(truncated.length),
  }));
  await assertFound(endless, /longer than spec\.maxSteps, which is "12"/);
});

Deno.test("checkEnv() lets a task end an episode whenever it likes", async () => {
  const cut = /a cut is a truncation/;
  // The stub's limit is 3 steps: a reward at the limit is an end of the task's own.
  await assertNotFound(stubEnv({ length: 3 }), cut);
  const unpaid = (length: number) =>
    broken(stubEnv({ length }), (env) => ({
      step: (actions: Int32Array) => {
        const step = env.step(actions);
        return { ...step, rewards: new Float32Array(step.rewards.length) };
      },
    }));
  await assertNotFound(unpaid(2), cut);
  await assertFound(unpaid(3), cut);
  await assertNotFound(stubEnv({ length: 3, end: "truncated" }), cut);
  await assertNotFound(stubEnv({ length: 3 }), /longer than spec\.maxSteps/);
  await assertFound(stubEnv({ length: 4 }), /longer than spec\.maxSteps, which is "3"/);
});

Deno.test("checkEnv() asks the same twice", async () => {
  let n = 0;
  const moody = stepping(({ rewards }) => ({ rewards: rewards.map(() => n++) }));
  await assertFound(moody, /^Two instances under one seed do not answer the same/);
  await assertFound(
    broken(
      good,
      (env) => ({ reset: (seeds: number[]) => env.reset(Array.from(seeds, () => n++)) }),
    ),
    /^reset\(\) with the same seeds does not give the same worlds/,
  );
});

Deno.test("checkEnv() holds environments apart", async () => {
  const crowded = broken(good, (env) => ({
    reset: (seeds: ArrayLike<number>) =>
      env.reset(Array.from(seeds, (seed) => seed + seeds.length)),
  }));
  await assertFound(crowded, /^Environment 0 behaves otherwise when there are others/);
});

Deno.test("checkEnv() holds the expert to its word", async () => {
  const oracle = (change: object) =>
    broken(good, (env) => ({ oracle: { ...env.oracle, ...change } }));
  await assertFound(oracle({ action: () => 7 }), /^oracle\.action\(\) is "7"/);
  await assertFound(oracle({ action: () => 3 }), /^oracle\.action\(\) is "3"/);
  await assertFound(oracle({ action: () => -2 }), /^oracle\.action\(\) is "-2"/);
  await assertFound(oracle({ action: () => 0.5 }), /^oracle\.action\(\) is "0\.5"/);
  await assertSound(oracle({ action: () => -1, isRight: () => false }));
  await assertFound(oracle({ isRight: (i: number) => i < 3 }), /does not find the expert's own/);
  await assertFound(
    oracle({ isRight: () => false }),
    /expert's own action "go (left|right)" right/,
  );
  assert.deepEqual(await checkEnv(broken(good, () => ({ oracle: undefined }))), []);
});

Deno.test("checkEnv() wants the expert's words among those of the spec", async () => {
  for (const grain of ["subgoal", "plan"] as const) {
    const saying = (...known: string[]) =>
      broken(good, ({ oracle, spec }) => ({
        oracle: { ...oracle, [grain]: (i: number) => i === 3 ? "fly" : "" },
        spec: { ...spec, guidance: { [grain]: known } },
      }));
    await assertFound(saying("walk"), new RegExp(`^oracle\\.${grain}\\(\\) is "fly", which spec`));
    await assertSound(saying("walk", "fly"));
  }
});

Deno.test("checkEnv() wants bad actions refused", async () => {
  const lenient = broken(good, (env) => ({
    step: (actions: Int32Array) => env.step(actions.map((a) => Math.min(2, Math.max(0, a)))),
  }));
  await assertFound(lenient, /^step\(\) takes the action "3", which there is not/);
  const crude = broken(good, (env) => ({
    step: (actions: Int32Array) => {
      if (actions.some((a) => a > 2 || a < 0)) throw new Error("no");
      return env.step(actions);
    },
  }));
  await assertFound(crude, /^step\(\) takes the action "-1"/);
});

Deno.test("checkEnv() resumes what was saved", async () => {
  await assertFound(broken(good, () => ({ load: undefined })), /^It has save but no load/);
  await assertFound(broken(good, () => ({ save: undefined })), /^It has load but no save/);
  await assertFound(stubEnv(), /^It remembers something from step to step and has no save/);
  const forgetful = broken(
    good,
    (env) => ({ load: (state: never) => (env.load!(state), env.step(new Int32Array(4))) }),
  );
  await assertFound(forgetful, /^Loaded from what it saved, it does not go on the same/);
  const touched = broken(good, (env) => ({
    save: () => {
      const saved = env.save!();
      env.step(new Int32Array(4));
      return saved;
    },
  }));
  await assertFound(touched, /^Saving it changes what it does afterwards/);
});

Deno.test("checkEnv() tells what fails on the way", async () => {
  const failing = (method: string) =>
    broken(good, () => ({
      [method]: () => {
        throw new Error("out of cells");
      },
    }));
  await assertFound(failing("reset"), /^The environment fails: out of cells/);
  await assertFound(failing("dispose"), /^dispose\(\) fails: out of cells/);
  const unmade = { ...good, create: () => Promise.reject(new Error("no room")) };
  const [sentence, ...others] = await checkEnv(unmade);
  assert.match(sentence!, /^create\(\) fails: no room \(at tests\/core\/.*env_test\.ts:\d+\)\.$/);
  assert.deepEqual(others, []);
});
