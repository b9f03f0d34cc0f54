/** Kills the real command again and again, and lets it go on each time. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Pcg64 } from "../../core/random.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PIPELINE = "tests/crash/pipeline.ts";

/** The arguments of a task's `deno run`, without its shell and without the task runner around it. */
function argumentsOf(name: "run" | "resume"): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const words: string[] = tasks[name].command.replace(/^.*?deno run /, "run ").split(" ");
  return words.filter((word) => !word.startsWith("$")); // what a shell would have filled in
}

/** Starts a task's command, quietly. */
export function start(name: "run" | "resume", ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...argumentsOf(name), ...args, "--quiet"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** What a process left: its exit status, and what it said. */
export async function end(process: Deno.ChildProcess): Promise<{ code: number; said: string }> {
  const { code, stderr } = await process.output();
  return { code, said: new TextDecoder().decode(stderr) };
}

async function sizeOf(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, () => 0);
}

/**
 * Waits until a process has begun to write, then up to some milliseconds more, and kills it. One in
 * five is killed as it starts.
 */
async function killSoon(process: Deno.ChildProcess, out: string, random: Pcg64): Promise<void> {
  let ended = false;
  process.status.then(() => ended = true);
  const events = join(out, "events.jsonl");
  const before = await sizeOf(events);
  const patience = random.random() < 0.2 ? random.uniform(0, 400) : Infinity;
  const started = performance.now();
  while (!ended && performance.now() - started < patience && await sizeOf(events) === before) {
    await sleep(2);
  }
  await sleep(random.uniform(0, 60));
  try {
    process.kill("SIGKILL");
  } catch {
    // It had come to its end.
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function digestOf(out: string): Promise<string> {
  return JSON.parse(await Deno.readTextFile(join(out, "summary.json"))).digest;
}

/** How a run that was killed some times came out. */
export interface Survival {
  readonly kills: number;
  readonly digest: string;
}

/** A run that nobody kills: what all others must come to. */
export async function undisturbed(folder: string, seed: number): Promise<string> {
  const out = join(folder, `whole-${seed}`);
  await expectEnd(start("run", PIPELINE, "--seed", `${seed}`, "--out", out));
  return await digestOf(out);
}

/**
 * Starts a run, kills it up to so many times, and lets it come to its end.
 *
 * @param random Draws the moments.
 */
export async function killAndGoOn(
  out: string,
  kills: number,
  seed: number,
  random: Pcg64,
): Promise<Survival> {
  const every = ["--checkpoint-every", `${random.integers(1, 9)}`];
  let done = 0;
  const begin = () => start("run", PIPELINE, "--seed", `${seed}`, ...every, "--out", out);
  const goOn = async () => {
    // Killed before there was a config, nothing is there to go on from.
    const begun = await sizeOf(join(out, "config.json")) > 0;
    if (!begun) await Deno.remove(out, { recursive: true }).catch(() => {});
    return begun ? start("resume", out, ...every) : begin();
  };
  while (done < kills && await sizeOf(join(out, "report.html")) === 0) {
    const process = await goOn();
    const output = end(process);
    await killSoon(process, out, random);
    const { code, said } = await output;
    if (code !== 137 && code !== 0) throw new Error(`A resumed run failed with ${code}: ${said}`);
    if (code === 137) done++; // else it had come to its end
  }
  if (await sizeOf(join(out, "report.html")) === 0) await expectEnd(await goOn());
  return { kills: done, digest: await digestOf(out) };
}

async function expectEnd(process: Deno.ChildProcess): Promise<void> {
  const { code, said } = await end(process);
  if (code !== 0) throw new Error(`A run failed with ${code}: ${said}`);
}
