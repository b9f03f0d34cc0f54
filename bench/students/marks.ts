/**
 * Where registered comparisons of one student crossed its marks, as the tables of
 * docs/results/students.md: a row a seed, and the medians of the seeds.
 *
 *     deno task export runs/go-to-local --as csv
 *     deno run --allow-read bench/students/marks.ts runs/go-to-local/export...
 *
 * Crossings are read on development worlds and must hold at the next two evaluations; success at the end is
 * that of test worlds. Seconds are the processor's: those that passed in training until then, times the
 * share of all of the run's that its thread computed, so that a neighbour's load does not count.
 */
import { median } from "../../lab/statistics/sample.ts";
import { held } from "./curves.ts";

const SHARES = [0.9, 0.95, 0.99];

/** Frames, and seconds of the processor in training, evaluations apart; undefined where a share was not held. */
type Crossing = { readonly frames: number; readonly seconds: number } | undefined;

/** One seed on one level. */
interface Run {
  readonly level: string;
  readonly seed: number;
  readonly crossings: readonly Crossing[];
  readonly test: number;
}

const runs = Deno.args.flatMap(runsOf);
console.log(`${tableOf(runs)}\n`);
for (const level of new Set(runs.map(({ level }) => level))) {
  const own = runs.filter((run) => run.level === level);
  const medians = SHARES.map((share, k) => {
    return `${share * 100} %: ${written(medianOf(own.map(({ crossings }) => crossings[k])))}`;
  });
  const test = median(own.map(({ test }) => test));
  console.log(
    `${level}, medians of ${own.length} seeds: ${medians.join("; ")}; test ${test.toFixed(4)}`,
  );
}

/** The runs of an export's folder. */
function runsOf(folder: string): Run[] {
  const ends = rowsOf(`${folder}/runs.csv`);
  const points = rowsOf(`${folder}/evaluations.csv`);
  return ends.map(({ variant, level, seed, test_success, processor_seconds, wall_seconds }) => {
    const computing = Number(processor_seconds) / Number(wall_seconds);
    const own = points.filter((row) => {
      return row.variant === variant && row.level === level && row.seed === seed;
    });
    const curve = own.map((row): [number, number] => [Number(row.env_steps), Number(row.success)]);
    const crossings = SHARES.map((share): Crossing => {
      const frames = held(curve, share);
      if (frames === undefined) return undefined;
      const at = own.find((row) => Number(row.env_steps) === frames)!;
      return { frames, seconds: Number(at.seconds) * computing };
    });
    return { level: level!, seed: Number(seed), crossings, test: Number(test_success) };
  });
}

/** The rows of a file that `deno task export` wrote, by the names of their columns. */
function rowsOf(path: string): Record<string, string | undefined>[] {
  const [head, ...lines] = Deno.readTextFileSync(path).trimEnd().split("\n");
  const names = head!.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, k) => [name, cells[k]]));
  });
}

function tableOf(runs: readonly Run[]): string {
  const head = ["level", "seed", ...SHARES.map((share) => `${share * 100} % held from`), "test"];
  const rows = runs.map(({ level, seed, crossings, test }) => {
    return [level, seed, ...crossings.map(written), test.toFixed(3)];
  });
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function written(crossing: Crossing): string {
  if (!crossing) return "-";
  return `${crossing.frames.toLocaleString("en-US")}, ${crossing.seconds.toFixed(1)} s`;
}

/** The median of frames and that of seconds; undefined where too few crossed to have one. */
function medianOf(crossings: readonly Crossing[]): Crossing {
  const frames = median(crossings.map((crossing) => crossing?.frames ?? Infinity));
  const seconds = median(crossings.map((crossing) => crossing?.seconds ?? Infinity));
  return Number.isFinite(frames) ? { frames, seconds } : undefined;
}
