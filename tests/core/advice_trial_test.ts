import assert from "node:assert/strict";
import { AdviceTrial } from "../../core/run/parts/advice_trial.ts";
import { createContext } from "../../core/kit/context.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import type { EnvStep } from "../../core/stages/mod.ts";
import { stageOf, stubEnv, stubPipeline, stubStudent, Ticks } from "./stubs.ts";

/** An env of one step an episode that pays 1 for "right" and nothing for "left". */
const paying = () => {
  const clock = stubEnv({ length: 1 });
  return {
    ...clock,
    create: async (...args: Parameters<typeof clock.create>) => {
      const env = await clock.create(...args);
      const step: typeof env.step = (actions) => {
        const answer = env.step(actions);
        return { ...answer, rewards: Float32Array.from(actions, (action) => action) };
      };
      return { ...env, step };
    },
  };
};

/** Says one thing always, and notes in which mode it is asked. */
const saying = (choice: number, asked: string[]) =>
  stageOf("teacher", () => ({
    grain: "action",
    candidates: ["left", "right"],
    learnsBy: [],
    advise({ envs }, mode) {
      asked.push(mode);
      const guidance = silence(envs, ["left", "right"]);
      for (let i = 0; i < envs; i++) suggest(guidance, i, choice, 0.75);
      return guidance;
    },
    receive: () => {},
    usage: () => ({ calls: asked.length, cacheHits: 0, tokens: 0 }),
  }));

/** Obeys; alone it goes left and right in turn. */
const obedient = () => {
  const stub = stubStudent();
  return {
    ...stub,
    create: async (...args: Parameters<typeof stub.create>) => {
      const student = await stub.create(...args);
      let turn = 0;
      const act: typeof student.act = async (observations, guidance, mode, memory) => ({
        ...await student.act(observations, guidance, mode, memory),
        actions: guidance.choices.map((choice) => choice < 0 ? turn++ % 2 : choice),
      });
      return { ...student, act };
    },
  };
};

/** Share of episodes heard by iteration, and in which modes the teacher was asked. */
async function tryOut(choice: number, adviceTrial: number) {
  const [asked, heard]: [string[], number[]] = [[], []];
  const pipeline = stubPipeline([], {
    env: paying(),
    teacher: saying(choice, asked),
    student: obedient(),
    schedule: { iterations: 30, envs: 20, steps: 10, adviceTrial },
    evaluation: { episodes: 2, states: 2 },
  });
  const emit = (event: TandemEvent) => {
    if (event.type === "iteration.ended") heard.push(event.metrics.heard!);
  };
  const { end } = await runPipeline(pipeline, createContext({ seed: 0, emit }));
  const late = heard.slice(10).reduce((sum, share) => sum + share) / 20;
  return { late, success: end.success.rate, asked };
}

Deno.test("advice on trial: a teacher that helps is heard, and one that harms is not", async () => {
  const good = await tryOut(1, 0.1);
  assert.ok(good.late > 0.8 && good.late < 1, `${good.late}`);
  const bad = await tryOut(0, 0.1);
  assert.ok(bad.late > 0 && bad.late < 0.2, `${bad.late}`);
});

Deno.test("advice on trial: the student is measured without a teacher that harms", async () => {
  const bad = await tryOut(0, 0.1);
  const good = await tryOut(1, 0.1);
  // The teacher is asked what it says in held-out states; in held-out worlds only if it is worth it.
  const measured = ({ asked }: { asked: string[] }) => asked.filter((mode) => mode === "evaluate");
  assert.ok(measured(bad).length < measured(good).length);
});

Deno.test("advice on trial: without a trial the teacher is heard always", async () => {
  const pipeline = stubPipeline([]);
  const { metrics } = await runPipeline(pipeline, createContext({ seed: 0 }));
  assert.equal("heard" in metrics, false);
});

Deno.test("advice on trial: a share of more than half is refused", () => {
  assert.throws(() => stubPipeline([], { schedule: { adviceTrial: 0.6 } }), { code: "E_OPTION" });
});

/** An answer that ends an episode of one environment with a return. */
function ended(gain: number): EnvStep {
  return {
    observations: new Ticks(1),
    finals: new Ticks(1),
    rewards: Float32Array.of(gain),
    terminated: Uint8Array.of(1),
    truncated: Uint8Array.of(0),
  };
}

/** Probability that a normal deviate of mean `mean` and variance `variance` is above 0. */
function above0(mean: number, variance: number): number {
  // The error function after Abramowitz and Stegun, 7.1.26: to 1.5e-7.
  const z = mean / Math.sqrt(2 * variance);
  const t = 1 / (1 + 0.3275911 * Math.abs(z));
  const poly = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const erf = 1 - poly.reduce((sum, a) => sum * t + a, 0) * t * Math.exp(-z * z);
  return (1 + Math.sign(z) * erf) / 2;
}

Deno.test("AdviceTrial draws as Thompson sampling does over discounted returns", () => {
  const share = 0.05;
  const trial = new AdviceTrial(1, share, new Pcg64(3));
  const returns: { arm: number; gain: number }[] = [];
  let [surprise, spread] = [0, 0];
  for (let episode = 0; episode < 2000; episode++) {
    const arm = trial.isHeard(0) ? 1 : 0;
    // Hearing brings 0.52 in the mean and not hearing 0.5, with a deviation of 0.5 each.
    const gain = (arm === 1 ? 0.02 : 0) + (episode % 2);
    returns.push({ arm, gain });
    trial.answer(ended(gain));
    // Straight from the definition: a return counts (1 - 1/256)^age.
    const arms = [0, 1].map((k) => {
      let [n, sum, squares] = [0, 0, 0];
      for (const [index, past] of returns.entries()) {
        if (past.arm !== k) continue;
        const weight = (255 / 256) ** (episode - index);
        n += weight;
        sum += weight * past.gain;
        squares += weight * past.gain ** 2;
      }
      return { n, mean: sum / n, squared: squares - sum ** 2 / n };
    });
    const [without, heard] = arms as [typeof arms[0], typeof arms[0]];
    if (!(without.n > 2 && heard.n > 2)) continue;
    const variance = (without.squared + heard.squared) / (without.n + heard.n);
    const p = share + (1 - 2 * share) *
        above0(heard.mean - without.mean, variance / without.n + variance / heard.n);
    surprise += (trial.isHeard(0) ? 1 : 0) - p;
    spread += p * (1 - p);
    assert.equal(trial.isWorthIt, heard.mean >= without.mean);
  }
  assert.ok(spread > 100, "chance decided often enough for the test to tell");
  assert.ok(Math.abs(surprise) < 3 * Math.sqrt(spread), `${surprise} of ${Math.sqrt(spread)}`);
});

Deno.test("AdviceTrial tosses a coin where nothing tells the arms apart", () => {
  const trial = new AdviceTrial(200, 0, new Pcg64(1));
  const nothing: EnvStep = {
    observations: new Ticks(200),
    finals: new Ticks(200),
    rewards: new Float32Array(200),
    terminated: new Uint8Array(200),
    truncated: new Uint8Array(200).fill(1),
  };
  for (let episode = 0; episode < 5; episode++) {
    assert.ok(Math.abs(trial.heard - 0.5) < 0.15, `${trial.heard}`);
    assert.ok(trial.isWorthIt);
    trial.answer(nothing);
  }
});

Deno.test("AdviceTrial counts what an episode brought, not its last reward", () => {
  const trial = new AdviceTrial(1, 0, new Pcg64(0));
  const going = { ...ended(1), terminated: Uint8Array.of(0) };
  for (let episode = 0; episode < 300; episode++) {
    // 2 and then nothing with the teacher, 1 at the end without.
    if (trial.isHeard(0)) {
      trial.answer(going);
      trial.answer(going);
      trial.answer(ended(0));
    } else trial.answer(ended(1));
  }
  assert.ok(trial.isWorthIt);
  assert.ok(trial.isHeard(0));
});
