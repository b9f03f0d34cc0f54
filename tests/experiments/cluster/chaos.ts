/**
 * Runs plans on a cluster whose workers, server and coordinator are killed at random, while a stranger
 * leaves forged results and messages of no form on the server.
 *
 * `deno task torture:cluster [KILLS] [SEED]` goes on until so many were killed.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { machineClassOf, thisMachine } from "../../../experiments/cluster/machine.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { Liar } from "./liar.ts";
import { command, digestsIn, Process, Server, sleep } from "./machines.ts";

const WORKERS = 3;
/** Milliseconds between two lies. */
const MOMENT = 150;

/** What {@linkcode survive} came to. */
export interface Chaos {
  readonly plans: number;
  readonly trials: number;
  readonly kills: Readonly<Record<"worker" | "server" | "coordinator", number>>;
  /** What the stranger left. */
  readonly lies: number;
}

/** Kills so many processes and lies meanwhile, under plans of some trials; every digest must be a single machine's. */
export async function survive(
  folder: string,
  kills: number,
  seed: number,
  say: (line: string) => void = () => {},
): Promise<Chaos> {
  const random = new Pcg64(seed);
  const server = new Server(folder);
  await server.start();
  const settings = join(folder, "settings.json");
  await Deno.writeTextFile(settings, JSON.stringify({ patience: 2 }));
  const at = ["--cluster", server.address, "--cluster-settings", settings];
  const startWorker = () =>
    command("worker", ...at, "--jobs", "1", "--checkpoint-seconds", "0.5", "--device", "cpu");
  const liar = await Liar.open(server.address);
  const lying = liar.litterOn(
    new Pcg64(seed + 1),
    machineClassOf(await thisMachine("cpu")),
    MOMENT,
  );
  const workers = Array.from({ length: WORKERS }, startWorker);
  const counts = { worker: 0, server: 0, coordinator: 0 };
  let [killed, plans, trials] = [0, 0, 0];
  try {
    while (killed < kills) {
      const plan = planOf(plans);
      const [alone, shared] = ["alone", "shared"].map((name) => join(folder, `${plans}-${name}`));
      const whole = await command("compare", ...plan, "--out", alone!).ended;
      assert.equal(whole.code, 0, whole.said);
      const startCoordinator = () => command("compare", ...plan, ...at, "--out", shared!);
      let coordinator = startCoordinator();
      let ended = watch(coordinator);
      while (killed < kills && !ended.done) {
        await sleep(random.uniform(200, 1500));
        if (ended.done) break;
        const victim = random.integers(0, WORKERS + 2);
        if (victim < WORKERS) {
          await workers[victim]!.end();
          workers[victim] = startWorker();
          counts.worker++;
        } else if (victim === WORKERS) {
          await server.kill();
          await sleep(random.uniform(0, 1000));
          await server.start();
          counts.server++;
        } else {
          await coordinator.end();
          coordinator = startCoordinator();
          ended = watch(coordinator);
          counts.coordinator++;
        }
        killed++;
      }
      const { code, said } = await coordinator.ended;
      assert.equal(code, 0, said);
      const expected = digestsIn(alone!);
      assert.deepEqual(digestsIn(shared!), expected);
      plans++;
      trials += Object.keys(expected).length;
      const lies = `${liar.left} lies`;
      say(
        `${killed} kills (${JSON.stringify(counts)}), ${lies}, ${trials} trials, no digest differs`,
      );
    }
    return { plans, trials, kills: counts, lies: liar.left };
  } finally {
    await lying.stop();
    await liar[Symbol.asyncDispose]();
    await Promise.all(workers.map((worker) => worker.end()));
    await server.kill();
  }
}

function planOf(number: number): string[] {
  const seeds = ["--seeds", "6", "--first-seed", `${100 * number}`];
  return [
    ...["tests/crash/pipeline.ts", "--variants", "bidirectional", ...seeds],
    ...["--iterations", "400", "--evaluations", "4", "--device", "cpu", "--quiet"],
  ];
}

function watch(process: Process): { done: boolean } {
  const state = { done: false };
  process.ended.then(() => state.done = true);
  return state;
}

if (import.meta.main) {
  const kills = Number(Deno.args[0] ?? 50);
  const seed = Number(Deno.args[1] ?? 1);
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-chaos-" });
  console.log(`seed ${seed}: ${kills} kills in ${folder}`);
  try {
    await survive(folder, kills, seed, console.log);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
