/** Makes a tuning plan's searches runnable: batch by batch, by what the store knows of the ones before. */
import { TandemError } from "../core/base/errors.ts";
import { type Pipeline, pipelineFromJson } from "../core/pipeline/pipeline.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import { definePlan } from "../lab/plan.ts";
import type { TrialStore } from "../lab/store.ts";
import { type Dimension, type OptionValue, valueAt } from "../lab/tuning/dimension.ts";
import {
  freshSeedsOf,
  plannedRuns,
  searchOf,
  searchSeeds,
  type TuningPlan,
} from "../lab/tuning/plan.ts";
import {
  type Attempt,
  type Best,
  type TunedRun,
  TuningResults,
  type VariantSearch,
} from "../lab/tuning/results.ts";
import { nextBatch } from "../lab/tuning/search.ts";
import {
  type Configuration,
  configurationKey,
  drawConfiguration,
  settingsOf,
  type Space,
} from "../lab/tuning/space.ts";
import type { Variant } from "../lab/variants.ts";
import { Pcg64 } from "../core/kit/random.ts";
import { Fingerprints } from "./fingerprints.ts";
import { applySettings, hasSetting } from "./settings.ts";
import { pipelineOf, type RunnableTrial, runnableTrials } from "./trials.ts";

/** Runs that can be done side by side. */
export interface Round {
  readonly trials: readonly RunnableTrial[];
  /** Iterations of the runs that come after them, by the variant's name. */
  readonly ahead: readonly { readonly variant: string; readonly iterations: number }[];
}

/** A variant's search, as far as it has come. */
interface Course {
  readonly variant: Variant;
  readonly space: Space;
  readonly missing: readonly string[];
  readonly batches: PlannedAttempt[][];
  fresh?: { readonly tuned: readonly RunnableTrial[]; readonly untuned: readonly RunnableTrial[] };
}

type PlannedAttempt = Omit<Attempt, "runs"> & { readonly trials: readonly RunnableTrial[] };

/** Combinations of values that are looked at before anything is run. */
const LOOKED_AT = 16;

/** A tuning run: {@linkcode Tuning.next} says what is to be run until all is. */
export class Tuning {
  readonly #files = new Fingerprints();

  private constructor(
    readonly plan: TuningPlan,
    private readonly base: Pipeline,
    private readonly courses: readonly Course[],
    private readonly device: string,
    private readonly catalog: Catalog,
  ) {}

  /**
   * Looks at a plan: which of its options each variant has, and whether these take the values of the
   * space.
   *
   * @param device As `auto` was resolved.
   * @throws {TandemError} E_ARGUMENT, E_PLUGIN, E_SLOT, E_OPTION where something does not fit.
   */
  static async open(plan: TuningPlan, device: string, catalog: Catalog): Promise<Tuning> {
    const base = await pipelineFromJson(plan.pipeline, catalog);
    const courses: Course[] = [];
    for (const variant of plan.variants) {
      const own = await pipelineOf(base, { variant, level: null }, catalog);
      const space = plan.space.filter(({ name }) => isOpen(name, variant) && hasSetting(own, name));
      const missing = plan.space.filter((dimension) => !space.includes(dimension));
      courses.push({ variant, space, missing: missing.map(({ name }) => name), batches: [] });
      await expectTaken(own, space, catalog);
    }
    const strange = plan.space.find(({ name }) =>
      !hasSetting(base, name) && courses.every(({ missing }) => missing.includes(name))
    );
    // The settings themselves say what is wrong, and what would be right.
    if (strange) await expectTaken(base, [strange], catalog);
    const empty = courses.find(({ space }) => space.length === 0);
    for (const { space } of empty ? [] : courses) nextBatch(searchOf(plan, space), []);
    if (!empty) return new Tuning(plan, base, courses, device, catalog);
    throw new TandemError(
      "E_ARGUMENT",
      `The variant "${empty.variant.name}" has none of the options of the space; leave it out, or tune one that it has.`,
    );
  }

  /** The runs of the whole plan, those with fresh seeds among them. */
  get total(): number {
    const { plan } = this;
    return plan.variants.length * (plannedRuns(plan).length + 2 * this.#freshRuns);
  }

  /** One trial of each variant as the plan has it, to find bad input by. */
  async samples(): Promise<RunnableTrial[]> {
    const trials = await Promise.all(
      this.courses.map(({ variant }) => this.#trials(variant.name, variant, [], [0])),
    );
    return trials.flat();
  }

  /**
   * The next runs that are to be done; undefined where nothing is left, or where runs have come to
   * nothing. It goes through all that the store knows, so that a plan that was stopped goes on where it
   * was.
   *
   * @param isWaiting Whether a run is yet to be done.
   */
  async next(
    store: TrialStore,
    isWaiting: (trial: RunnableTrial) => boolean,
  ): Promise<Round | undefined> {
    for (;;) {
      const trials = this.#current();
      const waiting = new Map(trials.filter(isWaiting).map((trial) => [trial.key, trial]));
      if (waiting.size > 0) return { trials: [...waiting.values()], ahead: this.#ahead() };
      if (trials.some(({ key }) => store.status(key) === undefined)) return undefined;
      if (!await this.#advance(store)) return undefined;
    }
  }

  /** Whether all has been run. */
  isWhole(store: TrialStore): boolean {
    return this.courses.every(({ fresh }) => fresh !== undefined) &&
      this.#current().every(({ key }) => store.status(key) !== undefined);
  }

  /** What has ended so far, as far as it is known. */
  results(store: Pick<TrialStore, "get">): TuningResults {
    return new TuningResults(this.plan, this.courses.map((course) => searchIn(course, store)));
  }

  get #freshRuns(): number {
    return this.plan.freshSeeds * Math.max(1, this.plan.levels.length);
  }

  /** The runs of the newest batch. */
  #current(): RunnableTrial[] {
    return this.courses.flatMap(({ batches, fresh }) =>
      fresh
        ? [...fresh.tuned, ...fresh.untuned]
        : (batches.at(-1) ?? []).flatMap(({ trials }) => trials)
    );
  }

  /** Plans the next batch of every variant, or the runs with fresh seeds. @returns Whether there was any. */
  async #advance(store: TrialStore): Promise<boolean> {
    if (this.courses.some(({ fresh }) => fresh)) return false;
    const { plan } = this;
    const known = this.results(store);
    for (const [i, course] of this.courses.entries()) {
      const search = known.searches[i]!;
      const finished = course.batches.map((_, batch) =>
        known.tried(search.attempts.filter((attempt) => attempt.batch === batch))
      );
      const batch = nextBatch(searchOf(plan, course.space), finished);
      if (!batch) {
        course.fresh = await this.#freshTrials(course.variant, known.bestOf(search));
        continue;
      }
      const attempts: PlannedAttempt[] = [];
      for (const configuration of batch.configurations) {
        attempts.push(await this.#attempt(course, attempts, configuration, batch.iterations));
      }
      course.batches.push(attempts);
    }
    return true;
  }

  async #attempt(
    { variant, batches }: Course,
    beside: readonly PlannedAttempt[],
    configuration: Configuration,
    iterations: number,
  ): Promise<PlannedAttempt> {
    const before = [...batches.flat(), ...beside];
    const key = configurationKey(configuration);
    const repeat =
      before.filter((other) =>
        other.iterations === iterations && configurationKey(other.configuration) === key
      ).length;
    const number = before.length + 1;
    const settings = await this.#settings(variant, configuration, iterations);
    const seeds = searchSeeds(this.plan, repeat);
    const trials = await this.#trials(`${variant.name} #${number}`, variant, settings, seeds);
    return { number, batch: batches.length, configuration, settings, iterations, trials };
  }

  async #freshTrials(variant: Variant, best: Best | undefined): Promise<Course["fresh"]> {
    const { plan } = this;
    if (!best) return { tuned: [], untuned: [] };
    const seeds = freshSeedsOf(plan);
    return {
      tuned: await this.#trials(`${variant.name} tuned`, variant, best.settings, seeds),
      untuned: await this.#trials(`${variant.name} untuned`, variant, [], seeds),
    };
  }

  /**
   * A configuration as settings, with as many iterations as so many of the plan's own have steps: every
   * trial of a search costs the same.
   */
  async #settings(
    variant: Variant,
    configuration: Configuration,
    iterations: number,
  ): Promise<string[]> {
    const { base, catalog } = this;
    const settings = settingsOf(configuration);
    const own = await pipelineOf(base, { variant, level: null }, catalog);
    const { schedule } = await applySettings(own, settings, catalog);
    const steps = iterations * base.schedule.envs * base.schedule.steps;
    const needed = Math.max(1, Math.round(steps / (schedule.envs * schedule.steps)));
    if (needed === base.schedule.iterations) return settings;
    const measured = Math.ceil(base.schedule.iterations / Math.max(1, base.evaluation.every));
    const every = Math.max(1, Math.ceil(needed / measured));
    return [
      ...settings,
      `schedule.iterations=${needed}`,
      ...every === base.evaluation.every ? [] : [`evaluation.every=${every}`],
    ];
  }

  async #trials(
    name: string,
    variant: Variant,
    settings: readonly string[],
    seeds: readonly number[],
  ): Promise<RunnableTrial[]> {
    const { pipeline, levels } = this.plan;
    const variants = [{ name, about: "", settings: [...variant.settings, ...settings] }];
    const plan = definePlan({ pipeline, variants, levels, seeds, worlds: "development" });
    return await runnableTrials(plan, this.device, this.catalog, this.#files);
  }

  /** What comes after the newest batch. */
  #ahead(): Round["ahead"] {
    const { plan } = this;
    const whole = plan.pipeline.schedule.iterations;
    return this.courses.flatMap(({ variant: { name: variant }, batches, fresh }) => {
      if (fresh) return [];
      const begun = batches.flat().flatMap(({ trials }) => trials).length;
      const later = [
        ...plannedRuns(plan).slice(begun),
        ...new Array<number>(2 * this.#freshRuns).fill(whole),
      ];
      return later.map((iterations) => ({ variant, iterations }));
    });
  }
}

function searchIn(
  { variant, space, missing, batches, fresh }: Course,
  store: Pick<TrialStore, "get">,
): VariantSearch {
  const runsOf = (trials: readonly RunnableTrial[]): TunedRun[] =>
    trials.flatMap(({ level, seed, key }) => {
      const outcome = store.get(key);
      return outcome ? [{ level, seed, outcome }] : [];
    });
  const attempts = batches.flat().flatMap(({ trials, ...attempt }) => {
    const runs = runsOf(trials);
    return runs.length === trials.length ? [{ ...attempt, runs }] : [];
  });
  return {
    variant,
    space,
    missing,
    attempts,
    fresh: { tuned: runsOf(fresh?.tuned ?? []), untuned: runsOf(fresh?.untuned ?? []) },
  };
}

/** Whether a variant leaves an option open: it sets neither it nor, where a whole stage is tuned, the stage. */
function isOpen(name: string, { settings }: Variant): boolean {
  return settings.every((setting) => !setting.startsWith(`${name}=`));
}

/**
 * Holds every end and choice of a space, and some combinations, to the options' own schemas.
 *
 * @throws {TandemError} E_OPTION, E_PLUGIN, E_WIRING
 */
async function expectTaken(pipeline: Pipeline, space: Space, catalog: Catalog): Promise<void> {
  for (const dimension of space) {
    for (const value of endsOf(dimension)) {
      await applySettings(pipeline, settingsOf({ [dimension.name]: value }), catalog);
    }
  }
  const random = new Pcg64(0);
  for (let i = 0; i < LOOKED_AT; i++) {
    await applySettings(pipeline, settingsOf(drawConfiguration(space, random)), catalog);
  }
}

function endsOf(dimension: Dimension): readonly OptionValue[] {
  return "choices" in dimension
    ? dimension.choices
    : [valueAt(dimension, 0), valueAt(dimension, 1)];
}
