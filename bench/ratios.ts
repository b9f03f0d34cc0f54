/** Two sets of bench results as ratios with their spread. */
import { studentQuantile } from "../lab/statistics/distributions.ts";
import { deviation, mean, median } from "../lab/statistics/sample.ts";

/** What `deno bench --json` prints, as far as it is read here. Times are in nanoseconds. */
export interface BenchRun {
  readonly benches: readonly {
    readonly name: string;
    readonly results: readonly { readonly ok?: BenchTimes }[];
  }[];
}

/** Times of one bench in one run. */
export interface BenchTimes {
  readonly avg: number;
  readonly min: number;
  readonly p75: number;
}

/** How much longer a bench takes in B than in A. */
export interface Ratio {
  readonly name: string;
  /** Medians over runs, in milliseconds. */
  readonly a: number;
  readonly b: number;
  /** B / A: the geometric mean over runs. */
  readonly ratio: number;
  /**
   * The 95 % t interval of the ratio over pairs of runs; for a single run of each, the extremes that
   * their quartiles allow.
   */
  readonly spread: readonly [low: number, high: number];
}

/**
 * The ratios of the benches that both have, in A's order. Runs are paired in the order in which they
 * were made, so that what slowed the machine for a while slowed both.
 */
export function ratiosOf(a: readonly BenchRun[], b: readonly BenchRun[]): Ratio[] {
  const [first, second] = [timesByName(a), timesByName(b)];
  return [...first].flatMap(([name, timesA]) => {
    const timesB = second.get(name) ?? [];
    return timesA.length > 0 && timesB.length > 0 ? [ratioOf(name, timesA, timesB)] : [];
  });
}

function timesByName(runs: readonly BenchRun[]): Map<string, BenchTimes[]> {
  const times = new Map<string, BenchTimes[]>();
  for (const { name, results } of runs.flatMap(({ benches }) => benches)) {
    const ok = results.flatMap((result) => result.ok ?? []);
    times.set(name, [...times.get(name) ?? [], ...ok]);
  }
  return times;
}

function ratioOf(name: string, a: readonly BenchTimes[], b: readonly BenchTimes[]): Ratio {
  const pairs = Math.min(a.length, b.length);
  const logs = Array.from({ length: pairs }, (_, i) => Math.log(b[i]!.avg / a[i]!.avg));
  const centre = mean(logs);
  const half = studentQuantile(0.95, pairs - 1) * deviation(logs) / Math.sqrt(pairs);
  const milliseconds = (times: readonly BenchTimes[]) => median(times.map(({ avg }) => avg)) / 1e6;
  return {
    name,
    a: milliseconds(a),
    b: milliseconds(b),
    ratio: Math.exp(centre),
    spread: pairs > 1
      ? [Math.exp(centre - half), Math.exp(centre + half)]
      : [b[0]!.min / a[0]!.p75, b[0]!.p75 / a[0]!.min],
  };
}

/** The ratios as a table of Markdown. */
export function ratioTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map(({ name, a, b, ratio, spread: [low, high] }) => {
    const certain = low > 1 ? "slower" : high < 1 ? "faster" : "";
    const cells = [name, a.toFixed(2), b.toFixed(2), ratio.toFixed(3)];
    return `| ${[...cells, `${low.toFixed(3)} to ${high.toFixed(3)}`, certain].join(" | ")} |`;
  });
  return ["| bench | A, ms | B, ms | B / A | 95 % | |", "|---|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}
