/** Runs of which commands take what was learned. */
import { join } from "node:path";
import type { Catalog } from "../core/pipeline/plugin.ts";
import type { StageStates } from "../core/run/result.ts";
import { stateArrays } from "../experiments/arrays.ts";
import { LearnedRuns } from "../experiments/learned_runs.ts";
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
  readonly owner: Owner;
  readonly sandbox: boolean;
  readonly catalog: Catalog;
}

/** @throws {TandemError} E_FILE, E_CHECKPOINT where nothing can be read. */
export async function openLearned(dir: string, flags: AllowFlags): Promise<LearnedRun> {
  const { config, states } = readAllLearned(dir, ["teacher", "student"], stateArrays);
  const owner = new Owner(flags);
  const sandbox = config.sandbox === true;
  const catalog = await owner.ofDocument({ document: join(dir, "config.json"), sandbox });
  return { config, states, owner, sandbox, catalog };
}
