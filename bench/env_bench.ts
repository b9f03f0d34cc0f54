/**
 * Steps and resets a second of BabyAI's worlds, observation and verifier included.
 *
 * `deno task bench bench/env_bench.ts` times batches. Run as a program, it prints a table with a worker on
 * each core, and Python Minigrid beside it where `python3` (or `--python PATH`) can import it:
 *
 *     deno run --allow-read --allow-run bench/env_bench.ts
 */

import { fileURLToPath } from "node:url";
import { ALL_ACTIONS, ENVS, MOVES, resetter, stepper, STEPS } from "./env_work.ts";
import type { WorkerAnswer, WorkerTask } from "./env_worker.ts";
import { formatRate, measureRate } from "./measure.ts";

const LEVELS = ["GoToRedBallNoDists", "GoToLocal", "PutNextLocal", "BossLevel"] as const;

for (const level of LEVELS) {
  const step = stepper(level, ALL_ACTIONS), move = stepper(level, MOVES), reset = resetter(level);
  Deno.bench(`${level}: ${STEPS * ENVS} steps, all actions`, { group: "all" }, () => void step());
  Deno.bench(`${level}: ${STEPS * ENVS} steps, moves`, { group: "moves" }, () => void move());
  Deno.bench(`${level}: ${ENVS} resets`, { group: "resets" }, () => void reset());
}

/** Steps or resets a second by level. */
type Rates = Readonly<Record<string, number>>;

/** What bench/peers/minigrid_bench.py prints. */
interface Peer {
  readonly name: string;
  readonly steps: Rates;
  readonly resets: Rates;
}

async function minigrid(python: string): Promise<Peer | string> {
  const script = fileURLToPath(new URL("peers/minigrid_bench.py", import.meta.url));
  try {
    const command = new Deno.Command(python, { args: [script, ...LEVELS] });
    const { success, stdout, stderr } = await command.output();
    if (success) return JSON.parse(new TextDecoder().decode(stdout));
    return new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "it failed";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Steps a second of all actions with a worker on each core. */
async function onWorkers(level: string, count: number): Promise<number> {
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(import.meta.resolve("./env_worker.ts"), { type: "module" });
    const answer = new Promise<WorkerAnswer>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
    const task: WorkerTask = { level, actions: ALL_ACTIONS, seconds: 2 };
    worker.postMessage(task);
    return { worker, answer };
  });
  const answers = await Promise.all(workers.map(({ answer }) => answer));
  for (const { worker } of workers) worker.terminate();
  return answers.reduce((sum, { rate }) => sum + rate, 0);
}

async function printTable(python: string): Promise<void> {
  const cores = navigator.hardwareConcurrency;
  const peer = await minigrid(python);
  const steps = typeof peer === "string" ? {} : peer.steps;
  const resets = typeof peer === "string" ? {} : peer.resets;
  const times = (ours: number, theirs?: number) =>
    theirs ? ` (${Math.round(ours / theirs)} x)` : "";
  console.log(
    `| level | steps/s, all actions | steps/s, moves | ${cores} workers | resets/s | ` +
      "Minigrid steps/s | Minigrid resets/s |\n|---|---|---|---|---|---|---|",
  );
  for (const level of LEVELS) {
    const all = measureRate(stepper(level, ALL_ACTIONS)).median;
    const moves = measureRate(stepper(level, MOVES)).median;
    const made = measureRate(resetter(level)).median;
    const cells = [
      level,
      formatRate(all) + times(all, steps[level]),
      formatRate(moves),
      formatRate(await onWorkers(level, cores)),
      formatRate(made) + times(made, resets[level]),
      steps[level] ? formatRate(steps[level]) : "-",
      resets[level] ? formatRate(resets[level]) : "-",
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  console.log(
    `\n${Deno.build.arch}, ${cores} cores, Deno ${Deno.version.deno}; ${ENVS} worlds together; ` +
      (typeof peer === "string" ? `no Python Minigrid beside us: ${peer}` : `beside ${peer.name}.`),
  );
}

if (import.meta.main) {
  const at = Deno.args.indexOf("--python");
  await printTable(at < 0 ? "python3" : Deno.args[at + 1] ?? "python3");
}
