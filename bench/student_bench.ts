/**
 * How fast the student `match` learns, beside PPO's MLP: frames a second of whole pipelines on GoToLocal
 * (environment, acting, learning, scheduler), on one thread unless said, and how that changes with what
 * the student is made of and with the number of worlds.
 *
 *     deno run --allow-read bench/student_bench.ts [--rounds 3] [--seconds 2] [--quick]
 *
 * All rows take turns, so that a neighbour's load falls on each, and rates are of processor seconds: the
 * ratios to PPO are what to compare. `--quick` leaves out all but PPO and the student as it is.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { createContext } from "../core/kit/context.ts";
import { definePipeline } from "../core/pipeline/pipeline.ts";
import type { StageSpec } from "../core/pipeline/plugin.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import { babyai, gae, hindsightReplay, match, noFeedback, noTeacher, ppo } from "../plugins/mod.ts";
import { formatRate } from "./measure.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
  },
});

interface Row {
  readonly name: string;
  readonly student: StageSpec<"student", "grid">;
  readonly envs?: number;
  readonly steps?: number;
  readonly extras?: Readonly<Record<string, StageSpec<"extra">>>;
}

const GAMMA = 0.9;

/** What goes with the student in BabyAI's rooms. */
const recipe = { learningRate: 2e-3, minibatch: 128, epochs: 4 } as const;
const of = (options: Parameters<typeof match>[0] = {}) =>
  match({ ...recipe, ...options }) as StageSpec<"student", "grid">;

const QUICK: readonly Row[] = [
  {
    name: "ppo, 64 worlds x 64 steps, minibatches of 512",
    student: ppo() as StageSpec<"student", "grid">,
    steps: 64,
  },
  { name: "match, 64 x 16, minibatches of 128", student: of() },
];
const MORE: readonly Row[] = [
  { name: "minibatches of 256", student: of({ minibatch: 256 }) },
  { name: "pose", student: of({ pose: true }) },
  { name: "memory of 64", student: of({ memory: 64 }) },
  { name: "pose and memory of 64", student: of({ pose: true, memory: 64 }) },
  { name: "hindsight", student: of(), extras: { past: hindsightReplay({ gamma: GAMMA }) } },
  {
    name: "hindsight and pose",
    student: of({ pose: true }),
    extras: { past: hindsightReplay({ gamma: GAMMA }) },
  },
  ...[8, 16, 32].map((maps) => ({ name: `K ${maps}`, student: of({ maps }) })),
  ...[32, 128, 256].map((hidden) => ({ name: `hidden ${hidden}`, student: of({ hidden }) })),
  ...[16, 256].map((envs) => ({ name: `${envs} worlds`, student: of(), envs })),
  ...[1024, 4096].map((envs) => ({ name: `${envs} x 4`, student: of(), envs, steps: 4 })),
  { name: "2 threads (of time)", student: of({ threads: 2 }) },
  { name: "minibatches of 1,024", student: of({ minibatch: 1024 }), steps: 64 },
  {
    name: "the same by 2 threads (of time)",
    student: of({ minibatch: 1024, threads: 2 }),
    steps: 64,
  },
];

/** Frames, and the seconds that they took after the first iterations: processor's and passed. */
interface Work {
  frames: number;
  cpu: number;
  wall: number;
}

async function measure(row: Row, work: Work): Promise<void> {
  const { student, envs = 64, steps = 16, extras = {} } = row;
  const frames = envs * steps;
  const limit = Number(options.seconds);
  const over = new AbortController();
  let [before, last, known] = [process.cpuUsage(), performance.now(), 0];
  const context = createContext({
    seed: 1,
    device: "wasm",
    signal: over.signal,
    emit: (event) => {
      if (event.type !== "iteration.ended") return;
      const { user, system } = process.cpuUsage(before);
      const now = performance.now();
      if (event.iteration > 3) {
        work.frames += frames;
        work.cpu += (user + system) / 1e6;
        known += (user + system) / 1e6;
        work.wall += (now - last) / 1000;
      }
      [before, last] = [process.cpuUsage(), now];
      if (known > limit) over.abort();
    },
  });
  const pipeline = definePipeline({
    name: "student-bench",
    env: babyai({ level: "GoToLocal", timedReward: false }),
    teacher: noTeacher(),
    student,
    advantage: gae({ gamma: GAMMA, lambda: 0.95 }),
    feedback: noFeedback(),
    extras,
    schedule: { envs, steps, iterations: 1_000_000 },
    evaluation: { episodes: 1, states: 1, every: 1_000_000 },
  });
  try {
    await runPipeline(pipeline, context);
  } catch (error) {
    if (!over.signal.aborted) throw error;
  }
}

if (import.meta.main) {
  const rows = [...QUICK, ...options.quick ? [] : MORE];
  const found = rows.map((): Work => ({ frames: 0, cpu: 0, wall: 0 }));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [k, row] of rows.entries()) await measure(row, found[k]!);
  }
  const rate = ({ frames, cpu }: Work) => frames / cpu;
  console.log(
    "| what runs | frames a processor second | microseconds a frame | of PPO's rate | frames a second |\n" +
      "|---|---|---|---|---|",
  );
  for (const [k, { name }] of rows.entries()) {
    const work = found[k]!;
    const cells = [
      name,
      formatRate(rate(work)),
      (1e6 / rate(work)).toFixed(1),
      (rate(work) / rate(found[0]!)).toFixed(2),
      formatRate(work.frames / work.wall),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  console.log(`\n${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}.`);
}
