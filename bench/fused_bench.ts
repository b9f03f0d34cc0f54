/**
 * The fused CPU runtime against TensorFlow.js on WASM and PyTorch: milliseconds of an MLP 147-64-64-8 on
 * one thread.
 *
 * `deno task bench bench/fused_bench.ts` times the two of this project. Run as a program, it prints a
 * table with PyTorch beside them, where `python3` (or `--python PATH`) can import it:
 *
 *     deno run --allow-read --allow-run bench/fused_bench.ts
 */

import { fileURLToPath } from "node:url";
import { fusedMlp, type Mlp, tfjsMlp, type Work } from "./fused_mlp.ts";

const BATCHES = { train: [64, 256, 1024], forward: [16, 64, 256] } as const;
const KINDS = ["train", "forward"] as const;

/** Milliseconds. */
interface Times {
  readonly median: number;
  readonly best: number;
}

/** Times by batch size, of one runtime. */
type Table = Readonly<Record<(typeof KINDS)[number], Readonly<Record<number, Times>>>>;

/** What bench/peers/torch_mlp.py prints. */
interface Peer extends Table {
  readonly name: string;
}

function measure(work: Work, seconds: number): Times {
  const times: number[] = [];
  // The compiler needs some calls, and then some time, to replace its first draft.
  const begin = performance.now(), warm = begin + 500 * seconds, end = warm + 1000 * seconds;
  for (let start = begin, stop; start < end; start = stop) {
    work();
    stop = performance.now();
    if (start > warm) times.push(stop - start);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1]!, best: times[0]! };
}

async function measureAll(make: (batch: number) => Promise<Mlp>): Promise<Table> {
  const table: Record<string, Record<number, Times>> = {};
  for (const kind of KINDS) {
    table[kind] = {};
    for (const batch of BATCHES[kind]) table[kind][batch] = measure((await make(batch))[kind], 1);
  }
  return table as Table;
}

async function pytorch(python: string): Promise<Peer | string> {
  const script = fileURLToPath(new URL("peers/torch_mlp.py", import.meta.url));
  try {
    const { success, stdout, stderr } = await new Deno.Command(python, { args: [script] }).output();
    if (success) return JSON.parse(new TextDecoder().decode(stdout));
    return new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "it failed";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function printTable(python: string): Promise<void> {
  const peer = await pytorch(python);
  const asItComes = await measureAll((batch) => tfjsMlp(batch, true));
  const fused = await measureAll((batch) => fusedMlp(batch));
  const plain = await measureAll((batch) => fusedMlp(batch, false));
  const tfjs = await measureAll((batch) => tfjsMlp(batch));
  // A neighbour's load falls on one of two runs of the peer: the better one counts.
  const peers = [peer, await pytorch(python)].filter((run) => typeof run !== "string");
  console.log(
    "| | batch | fused, ms | without relaxed SIMD | TensorFlow.js here | TensorFlow.js as it comes | " +
      "PyTorch | fused / PyTorch | TensorFlow.js as it comes / fused |" +
      "\n|---|---|---|---|---|---|---|---|---|",
  );
  for (const kind of KINDS) {
    for (const batch of BATCHES[kind]) {
      const tables = [fused, plain, tfjs, asItComes];
      const times = tables.map((table) => table[kind][batch]!.best);
      times.push(Math.min(...peers.map((run) => run[kind][batch]!.best)));
      const [ours, , , theirs, torch] = times as [number, number, number, number, number];
      const cells = [kind, batch, ...times.map((ms) => ms.toFixed(3))];
      cells.push((ours / torch).toFixed(2), (theirs / ours).toFixed(1));
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
  const beside = typeof peer === "string" ? `no PyTorch beside us: ${peer}` : `beside ${peer.name}`;
  console.log(`\nBest of a second each, ${Deno.build.arch}, Deno ${Deno.version.deno}; ${beside}.`);
}

async function registerBenches(): Promise<void> {
  for (const kind of KINDS) {
    for (const batch of BATCHES[kind]) {
      const group = `${kind} ${batch}`;
      const fused = await fusedMlp(batch), plain = await fusedMlp(batch, false);
      const tfjs = await tfjsMlp(batch);
      Deno.bench(`${group}: fused`, { group, baseline: true }, fused[kind]);
      Deno.bench(`${group}: fused without relaxed SIMD`, { group }, plain[kind]);
      Deno.bench(`${group}: TensorFlow.js`, { group }, tfjs[kind]);
    }
  }
}

if (import.meta.main) {
  const at = Deno.args.indexOf("--python");
  await printTable(at < 0 ? "python3" : Deno.args[at + 1] ?? "python3");
} else await registerBenches();
