/** What trials of a comparison had learned, kept for others to begin from: a folder a trial, as a run's. */
import { join } from "node:path";
import { TandemError } from "../core/base/errors.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import type { StageStates } from "../core/run/result.ts";
import type { FindLearned, Learned, StateName } from "../core/stages/mod.ts";
import { readLearned } from "../lab/learned_state.ts";
import { trialName } from "../lab/plan.ts";
import { readConfig } from "../lab/saved_run.ts";
import { trialKeyIn } from "../lab/sources.ts";
import { writeTrialFolder } from "../lab/state_folder.ts";
import { stateArrays } from "./arrays.ts";
import { factsOf, keyOf, sourcesIn } from "./learned_runs.ts";
import type { RunnableTrial } from "./trials.ts";

/** What {@linkcode TrialStates} takes. */
export interface TrialStatesOptions {
  /** The folder of all trials, made when it is needed. */
  readonly folder: string;
  /** Whether what every trial learned is kept, and not only what others begin from. */
  readonly keepsAll: boolean;
  /** What was typed, for the trials' config.json. */
  readonly command: string;
  readonly catalog: Catalog;
  /** Finds what runs outside the comparison had learned. */
  readonly runs: FindLearned;
}

/** Keeps and finds what trials had learned. */
export class TrialStates {
  readonly #wanted = new Map<string, Set<StateName>>();

  constructor(private readonly options: TrialStatesOptions) {}

  /** Notes what of other trials these begin from, so that it is kept. */
  want(trials: readonly RunnableTrial[]): void {
    for (const { sources } of trials) {
      for (const { trial: { key }, stage } of sources) {
        this.#wanted.set(key, (this.#wanted.get(key) ?? new Set()).add(stage));
      }
    }
  }

  /** Which of a trial's states are to be kept; "all", or those that others begin from. */
  wanted({ key }: Pick<RunnableTrial, "key">): readonly StateName[] | "all" {
    return this.options.keepsAll ? "all" : [...this.#wanted.get(key) ?? []];
  }

  /** Whether all that others begin from of a trial is kept. */
  has(trial: RunnableTrial): boolean {
    const wanted = [...this.#wanted.get(trial.key) ?? []];
    try {
      return wanted.every((stage) => this.#read(trial, stage) !== undefined);
    } catch {
      return false; // what is damaged is made again
    }
  }

  /** Keeps what a trial had learned. @throws {TandemError} E_DISK */
  write(trial: RunnableTrial, states: StageStates): void {
    const { content: { pipeline, seed, device, version }, key } = trial;
    const { command } = this.options;
    const startedAt = new Date().toISOString();
    const config = { version, command, startedAt, seed, device, pipeline, trial: key };
    writeTrialFolder(this.#pathOf(trial), config, states, stateArrays.write);
  }

  /**
   * What a trial's stages begin with, by source.
   *
   * @throws {TandemError} E_CHECKPOINT where a trial that one begins from has come to nothing.
   */
  async learnedFor(trial: RunnableTrial): Promise<(readonly [key: string, learned: Learned])[]> {
    const found: (readonly [string, Learned])[] = [];
    for (const source of await sourcesIn(trial.content.pipeline)) {
      const learned = trialKeyIn(source.run) === undefined
        ? await this.options.runs(source)
        : await this.#learnedOf(trial, source.run, source.stage);
      if (learned) found.push([keyOf(source), learned]);
    }
    return found;
  }

  async #learnedOf({ sources }: RunnableTrial, run: string, stage: StateName): Promise<Learned> {
    const { trial } = sources.find(({ trial: { key } }) => key === trialKeyIn(run))!;
    const state = this.#read(trial, stage);
    if (!state) {
      throw new TandemError(
        "E_CHECKPOINT",
        `What the ${stage} of "${
          trialName(trial)
        }" had learned is not there: that trial did not come ` +
          "to its end.",
      );
    }
    return { ...await factsOf(trial.content.pipeline, stage, this.options.catalog), state };
  }

  #read(trial: RunnableTrial, stage: StateName) {
    const path = this.#pathOf(trial);
    try {
      if (readConfig(path).trial !== trial.key) return undefined;
    } catch {
      return undefined; // nothing was kept
    }
    return readLearned(path, stage, stateArrays).state;
  }

  /** Called after the trial, and told apart from others of its name by its key. */
  #pathOf({ variant, level, seed, key }: RunnableTrial): string {
    const name = [variant.name, level, `s${seed}`].filter((part) => part !== null).join("-");
    const plain = name.replace(/[^\w.+-]+/g, "-").slice(0, 100);
    return join(this.options.folder, `${plain}-${key.slice(0, 12)}`);
  }
}
