/** The results of a plan, by level, variant and seed: what every figure and statement reads. */
import type { MeasureId, Plan, Trial } from "../plan.ts";
import { SignFlips } from "../statistics/sequential.ts";
import type { TrialOutcome } from "../store.ts";
import type { TrialRecord } from "../trial.ts";

/** A trial of the plan and what it came to; undefined where it has not ended yet. */
export type TrialResult = Trial & { readonly key: string; readonly outcome?: TrialOutcome };

/** How the results are judged. */
export interface Question {
  /** The variant that the others are compared with. */
  readonly baseline: string;
  /** The success that counts as solved, 0 to 1. */
  readonly threshold: number;
  /** The measure that was named before the first trial; undefined where none was. */
  readonly primary?: MeasureId;
  /** The difference that is too small to matter, in scores; of steps, as a share of all. Default {@linkcode MARGIN}. */
  readonly margin?: number;
  /** What computing and tokens cost, where that was told. */
  readonly prices?: Prices;
}

/** Prices in any one currency. */
export interface Prices {
  /** Of an hour of training. */
  readonly hour?: number;
  /** Of a million tokens of the teacher. */
  readonly tokens?: number;
}

/** Five points of success. */
export const MARGIN = 0.05;

/** The runs of one variant on one level. */
export interface Cell {
  /** The level. */
  readonly level: string;
  /** The variant. */
  readonly variant: string;
  /** Runs that ended well, by seed in the plan's order. */
  readonly runs: readonly SeededRun[];
  /** Seeds that ended in an error, with it, and seeds that have not ended. */
  readonly failed: readonly { readonly seed: number; readonly message: string }[];
  /** Seeds that have no run. */
  readonly missing: readonly number[];
}

/** A run and its seed. */
export interface SeededRun {
  /** The run's seed. */
  readonly seed: number;
  /** What it came to. */
  readonly record: TrialRecord;
}

/** How many of a plan's seeds each variant was run with, by name. */
export type Reached = ReadonlyMap<string, number>;

/** The results of a plan. */
export class Results {
  /** The variants by name, in the plan's order. */
  readonly variants: readonly string[];
  /** The levels, in the plan's order. */
  readonly levels: readonly string[];
  /** All trials of the plan that are looked at. */
  readonly trials: readonly TrialResult[];
  readonly #cells = new Map<string, Cell>();
  #flips: SignFlips | undefined;

  /** The plan's seeds, or those of them that had been asked for when one stopped. */
  readonly seeds: readonly number[];
  readonly #reached: Reached;

  /**
   * What the trials of a plan came to.
   *
   * @param trials All of the plan's trials.
   * @param reached How many of the plan's seeds are looked at, the same for all variants or by name;
   * default all.
   */
  constructor(
    readonly plan: Plan,
    readonly question: Question,
    trials: readonly TrialResult[],
    reached: number | Reached = plan.seeds.length,
  ) {
    this.variants = plan.variants.map(({ name }) => name);
    this.#reached = typeof reached === "number"
      ? new Map(this.variants.map((name) => [name, reached]))
      : reached;
    this.seeds = plan.seeds.slice(0, Math.max(...this.#reached.values()));
    this.trials = trials.filter(({ variant, seed }) => this.seedsOf(variant.name).includes(seed));
    const own = ownLevel(this.trials);
    const levelOf = ({ level }: Trial) => level ?? own;
    this.levels = [...new Set(this.trials.map(levelOf))];
    for (const level of this.levels) {
      for (const variant of this.variants) {
        const inCell = this.trials.filter((trial) =>
          trial.variant.name === variant && levelOf(trial) === level
        );
        this.#cells.set(`${variant}\n${level}`, cellOf(level, variant, inCell));
      }
    }
  }

  /** The runs of a variant on a level. */
  cell(variant: string, level: string): Cell {
    return this.#cells.get(`${variant}\n${level}`)!;
  }

  /** The seeds of a variant: fewer than {@linkcode Results.seeds} where it was decided before others. */
  seedsOf(variant: string): readonly number[] {
    return this.seeds.slice(0, this.#reached.get(variant) ?? 0);
  }

  /** The runs of two variants on a level, of the seeds that both were run with. */
  pair(variant: string, against: string, level: string): readonly [Cell, Cell] {
    const [a, b] = [variant, against].map((name) => this.seedsOf(name));
    const shared = new Set(a!.length < b!.length ? a : b);
    const trimmed = ({ runs, failed, missing, ...cell }: Cell): Cell => ({
      ...cell,
      runs: runs.filter(({ seed }) => shared.has(seed)),
      failed: failed.filter(({ seed }) => shared.has(seed)),
      missing: missing.filter((seed) => shared.has(seed)),
    });
    return [trimmed(this.cell(variant, level)), trimmed(this.cell(against, level))];
  }

  /** All cells of a variant, level by level. */
  cellsOf(variant: string): Cell[] {
    return this.levels.map((level) => this.cell(variant, level));
  }

  /** Seed counts at which one looks; undefined where one looks once, at the end. */
  get looks(): readonly number[] | undefined {
    return this.plan.looks;
  }

  /** Assignments of signs for all tests of these results: the same for each. */
  get flips(): SignFlips {
    return this.#flips ??= new SignFlips(this.plan.seeds.length);
  }

  /** All runs that ended well. */
  get runs(): readonly { readonly cell: Cell; readonly run: SeededRun }[] {
    return [...this.#cells.values()].flatMap((cell) => cell.runs.map((run) => ({ cell, run })));
  }

  /**
   * What is compared with what: every variant with the baseline, the whole loop with what is less than
   * it, and a taught teacher with one that was not, each before a student that it has never met.
   */
  get pairs(): readonly (readonly [variant: string, against: string])[] {
    const { baseline } = this.question;
    const special = SPECIAL_PAIRS.filter(([variant, against]) =>
      this.variants.includes(variant) && this.variants.includes(against) && against !== baseline
    );
    return [
      ...this.variants.filter((name) => name !== baseline).map((name) => [name, baseline] as const),
      ...special,
    ];
  }
}

const SPECIAL_PAIRS = [
  ["bidirectional", "one-way"],
  ["bidirectional", "synthetic"],
  ["fresh-student", "one-way"],
] as const;

/** The runs of several cells as one. */
export function pooledCell(cells: readonly Cell[]): Cell {
  return {
    level: "all levels",
    variant: cells[0]!.variant,
    runs: cells.flatMap(({ runs }) => runs),
    failed: cells.flatMap(({ failed }) => failed),
    missing: cells.flatMap(({ missing }) => missing),
  };
}

/** The level of a pipeline that was told none, as its runs name it. */
function ownLevel(trials: readonly TrialResult[]): string {
  for (const { outcome } of trials) {
    if (outcome && "record" in outcome) return outcome.record.summary.level;
  }
  return "the pipeline's level";
}

function cellOf(level: string, variant: string, trials: readonly TrialResult[]): Cell {
  const runs: SeededRun[] = [];
  const failed: { seed: number; message: string }[] = [];
  const missing: number[] = [];
  for (const { seed, outcome } of trials) {
    if (!outcome) missing.push(seed);
    else if ("record" in outcome) runs.push({ seed, record: outcome.record });
    else {
      const { code, message } = outcome.error;
      failed.push({ seed, message: code ? `${code}: ${message}` : message });
    }
  }
  return { level, variant, runs, failed, missing };
}
