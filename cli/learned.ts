/** Runs of which commands take what was learned. */
import { join } from "node:path";
import type { Catalog } from "../core/pipeline/plugin.ts";
import type { StageStates } from "../core/run/result.ts";
import { stateArrays } from "../experiments/arrays.ts";
import { LearnedRuns } from "../experiments/learned_runs.ts";
import { learnedPlace } from "../lab/learned_place.ts";
import { readAllLearned } from "../lab/learned_state.ts";
import type { RunConfig } from "../lab/run_config.ts";
import { type AllowFlags, Owner } from "./permission/owner.ts";

/** Runs that stages begin from; their folders are documents, which name what the owner allows. */
export function learnedRuns(owner: Owner, sandbox: boolean): LearnedRuns {
  return new LearnedRuns((document) => owner.ofDocument({ document, sandbox }));
}

/** A run with what its teacher and its student had learned. */
export interface LearnedRun {
  readonly config: RunConfig;
  readonly states: StageStates;
  /** Iterations after which they stood so; undefined where the folder does not tell. */
  readonly iteration: number | undefined;
  readonly owner: Owner;
  readonly sandbox: boolean;
  readonly catalog: Catalog;
}

/**
 * @param dir The run's folder, with `@best` behind it for its best student.
 * @throws {TandemError} E_FILE, E_CHECKPOINT where nothing can be read.
 */
export async function openLearned(dir: string, flags: AllowFlags): Promise<LearnedRun> {
  const { config, states, iteration } = readAllLearned(dir, ["teacher", "student"], stateArrays);
  const owner = new Owner(flags);
  const sandbox = config.sandbox === true;
  const catalog = await owner.ofDocument({
    document: join(learnedPlace(dir).folder, "config.json"),
    sandbox,
  });
  return { config, states, iteration, owner, sandbox, catalog };
}
