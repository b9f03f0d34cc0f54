/**
 * PPO end to end: steps a second of a whole pipeline on GoToLocal, environment, acting, learning and
 * scheduler included, in the fused CPU runtime on one thread and on two, on TensorFlow.js, and of
 * Minigrid with PyTorch where Python has them. All take turns, so that a neighbour's load falls on each.
 *
 *     deno run --allow-read --allow-run bench/ppo.ts [--python PATH] [--rounds 2] [--quick]
 *
 * Beside the time that passes, that of the processor is measured, which a busy machine stretches less:
 * it is the one to compare by where cores are shared. `--quick` leaves out two threads, TensorFlow.js
 * and the larger schedule.
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { createContext } from "../core/context.ts";
import { definePipeline } from "../core/pipeline.ts";
import { runPipeline } from "../core/scheduler.ts";
import { babyai, noFeedback, noTeacher, ppo, tdError } from "../plugins/mod.ts";
import { formatRate } from "./measure.ts";

interface Schedule {
  readonly envs: number;
  readonly steps: number;
}

/** Steps a second by iteration: of time, and of processor time. */
interface Rates {
  readonly wall: number[];
  readonly cpu: number[];
  /** Microseconds a step that the student acts and learns; a peer does not tell. */
  readonly student?: number[];
}

interface Kind {
  readonly name: string;
  readonly measure: (schedule: Schedule) => Promise<Rates>;
}

const { values: options } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "2" },
    quick: { type: "boolean", default: false },
  },
});

/** The schedule of bench/peers/minigrid_ppo.py is the first. */
const SCHEDULES: readonly Schedule[] = [{ envs: 16, steps: 128 }, { envs: 64, steps: 64 }];
const OURS: readonly Kind[] = [
  { name: "fused", measure: ours({ runtime: "fused" }, 50) },
  { name: "fused, 2 threads", measure: ours({ runtime: "fused", threads: 2 }, 50) },
  { name: "tfjs", measure: ours({ runtime: "tfjs" }, 10) },
];
const PEERS: readonly Kind[] = [
  { name: "Minigrid + PyTorch", measure: peer("one-hot") },
  { name: "the same, inputs as numbers", measure: peer("numbers") },
];

/** Rates once the compiler has settled. */
function ours(student: Parameters<typeof ppo>[0], iterations: number): Kind["measure"] {
  return async (schedule) => {
    const pipeline = definePipeline({
      name: "ppo-bench",
      env: babyai({ level: "GoToLocal" }),
      teacher: noTeacher(),
      student: ppo(student),
      advantage: tdError(),
      feedback: noFeedback(),
      schedule: { ...schedule, iterations },
      evaluation: { episodes: 1, states: 1 },
    });
    const rates: Required<Rates> = { wall: [], cpu: [], student: [] };
    let before = process.cpuUsage();
    let studentBefore = 0;
    const context = createContext({
      seed: 1,
      device: "wasm",
      emit: (event) => {
        if (event.type !== "iteration.ended") return;
        const { user, system } = process.cpuUsage(before);
        before = process.cpuUsage();
        const seconds = event.cost.stageSeconds.student - studentBefore;
        studentBefore += seconds;
        if (event.iteration <= iterations / 5) return;
        const steps = schedule.envs * schedule.steps;
        rates.student.push(1e6 * seconds / steps);
        rates.wall.push(steps / event.seconds);
        rates.cpu.push(steps / ((user + system) / 1e6));
      },
    });
    await runPipeline(pipeline, context);
    return rates;
  };
}

function peer(inputs: string): Kind["measure"] {
  return async () => {
    const script = fileURLToPath(new URL("peers/minigrid_ppo.py", import.meta.url));
    const args = [script, "--inputs", inputs, "--iterations", "6"];
    const { success, stdout, stderr } = await new Deno.Command(options.python, { args }).output();
    if (success) return JSON.parse(new TextDecoder().decode(stdout));
    throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "it failed");
  };
}

const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[all.length >> 1]!;

/** Rates of all kinds in turns; a peer that cannot be asked is left out, with its reason. */
async function inTurns(kinds: readonly Kind[], schedule: Schedule): Promise<Map<Kind, Rates>> {
  const found = new Map<Kind, Rates>();
  const absent = new Set<Kind>();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const kind of kinds) {
      if (absent.has(kind)) continue;
      try {
        const now = await kind.measure(schedule);
        const all = found.get(kind);
        found.set(kind, {
          wall: [...all?.wall ?? [], ...now.wall],
          cpu: [...all?.cpu ?? [], ...now.cpu],
          student: now.student && [...all?.student ?? [], ...now.student],
        });
      } catch (error) {
        if (!PEERS.includes(kind)) throw error;
        absent.add(kind);
        console.error(`${kind.name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return found;
}

console.log(
  "| worlds | what runs | steps/s, median iteration | best | us a step, of them the student's | " +
    "steps a processor second, median | fused is so many times it |\n|---|---|---|---|---|---|---|",
);
for (const [index, schedule] of (options.quick ? SCHEDULES.slice(0, 1) : SCHEDULES).entries()) {
  const kinds = [...options.quick ? OURS.slice(0, 1) : OURS, ...index === 0 ? PEERS : []];
  const found = await inTurns(kinds, schedule);
  const fused = median(found.get(OURS[0]!)!.cpu);
  for (const [{ name }, { wall, cpu, student }] of found) {
    const micros = (1e6 / median(wall)).toFixed(1);
    const cells = [
      schedule.envs,
      name,
      formatRate(median(wall)),
      formatRate(Math.max(...wall)),
      student ? `${micros}, ${median(student).toFixed(1)}` : micros,
      formatRate(median(cpu)),
      (fused / median(cpu)).toFixed(1),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
console.log(
  `\nRollouts of 128 steps in 16 worlds and of 64 in 64, 4 epochs of minibatches of 512, ` +
    `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}; the last column is of ` +
    `processor seconds.`,
);
