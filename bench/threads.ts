/**
 * What threads bring to the fused runtime: microseconds of one update of PPO's network, a minibatch of
 * 512 from GoToLocal, and of acting in 16 and 64 worlds.
 *
 *     deno run --allow-read bench/threads.ts
 *
 * With `--pin` each thread is held to a core of its own, where Linux's taskset is there: on a machine
 * that is busy, its scheduler may leave two threads that wait for each other on one core.
 *
 *     deno run --allow-all bench/threads.ts --pin
 */

import { Pcg64 } from "../core/kit/random.ts";
import { BabyAIVector } from "../plugins/env/babyai/vector.ts";
import { FusedEngine } from "../plugins/student/neural/fused_engine.ts";
import { networkLayers, ppoLoss } from "../plugins/student/neural/ppo.ts";

const [ENVS, STEPS, MINIBATCH, ACTIONS, WORDS] = [16, 128, 512, 7, 32];
const SECONDS = 3;

/** The engine of a PPO student, with a rollout of a random walk to learn from. */
async function engineOf(threads: number) {
  const worlds = new BabyAIVector({ level: "BabyAI-GoToLocal-v0", envs: ENVS });
  worlds.reset(Array.from({ length: ENVS }, (_, i) => i));
  const random = new Pcg64(1);
  const network = {
    entries: worlds.categories.map((categories) => ({ categories, optional: false })),
    words: Array.from({ length: WORDS }, () => ({ categories: 2, optional: true })),
    floats: 0,
    guidance: 2 * ACTIONS,
    actions: ACTIONS,
    legal: 0,
  };
  const engine = await FusedEngine.open({
    ...network,
    layers: networkLayers({ ...network, hidden: 64 }),
    loss: {
      clip: 0.2,
      entropy: 0.01,
      valueLoss: 0.5,
      qLoss: 0.5,
      standardise: true,
      imitates: false,
    },
    lossOf: ppoLoss,
    threads,
  }, random);
  const samples = engine.samples(ENVS * STEPS);
  for (let t = 0; t < STEPS; t++) {
    const actions = Int32Array.from({ length: ENVS }, () => random.integers(0, ACTIONS));
    samples.entries.set(worlds.observations, t * worlds.observations.length);
    samples.actions.set(actions, t * ENVS);
    worlds.step(actions);
  }
  for (let k = 0; k < samples.size; k++) {
    for (let w = 0; w < 5; w++) samples.words[k * WORDS + random.integers(0, WORDS)] = 1;
    samples.order[k] = k;
    samples.targets[k] = random.random();
  }
  samples.logProbs.fill(-Math.log(ACTIONS));
  random.shuffle(samples.order);
  return { engine, samples, worlds };
}

/** Microseconds: the least and the median of some seconds. */
function measure(work: () => void): { best: number; median: number } {
  const times: number[] = [];
  const begin = performance.now(), warm = begin + 500, end = warm + 1000 * SECONDS;
  for (let start = begin, stop; start < end; start = stop) {
    work();
    stop = performance.now();
    if (start > warm) times.push(1000 * (stop - start));
  }
  times.sort((a, b) => a - b);
  return { best: times[0]!, median: times[times.length >> 1]! };
}

/** Holds the main thread to the first core and each worker to one of the others. */
async function pin(): Promise<void> {
  const hold = (id: string | number, core: number) =>
    new Deno.Command("taskset", { args: ["-pc", `${core}`, `${id}`], stdout: "null" }).output();
  await hold(Deno.pid, 0);
  let core = 0;
  for (const { name: id } of Deno.readDirSync("/proc/self/task")) {
    const name = Deno.readTextFileSync(`/proc/self/task/${id}/comm`);
    if (name.startsWith("worker")) await hold(id, ++core % navigator.hardwareConcurrency);
  }
}

console.log("| threads | | best, us | median, us |\n|---|---|---|---|");
for (let threads = 1; threads <= Math.min(navigator.hardwareConcurrency, 8); threads *= 2) {
  const { engine, samples, worlds } = await engineOf(threads);
  if (Deno.args.includes("--pin")) await pin();
  const rows: [string, () => void][] = [[
    `update of ${MINIBATCH}`,
    () => {
      engine.backward(samples, 0, MINIBATCH);
      engine.step({ learningRate: 1e-3, maxGradNorm: 0.5 });
    },
  ]];
  for (const envs of [16, 64]) {
    const inputs = engine.inputs(envs);
    const { observations } = worlds;
    inputs.entries.forEach((_, k, to) => to[k] = observations[k % observations.length]!);
    rows.push([`acting in ${envs} worlds`, () => engine.decide(inputs)]);
  }
  for (const [name, work] of rows) {
    const { best, median } = measure(work);
    console.log(`| ${threads} | ${name} | ${best.toFixed(1)} | ${median.toFixed(1)} |`);
  }
  engine.dispose();
}
