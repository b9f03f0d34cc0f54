/** What of a plan cannot run on a cluster. */
import { TandemError } from "../../core/base/errors.ts";
import { trialName } from "../../lab/plan.ts";
import { trialKeyIn } from "../../lab/sources.ts";
import { sourcesIn } from "../learned_runs.ts";
import type { RunnableTrial } from "../trials.ts";

/**
 * Expects that no trial begins with what others had learned: a worker has none of these folders, and
 * takes no place from a message.
 *
 * @throws {TandemError} E_CLUSTER
 */
export async function expectTravelling(trials: readonly RunnableTrial[]): Promise<void> {
  for (const trial of trials) {
    const [source] = await sourcesIn(trial.content.pipeline);
    if (!source) continue;
    const isTrial = trialKeyIn(source.run) !== undefined;
    const what = isTrial ? `"${trialName(trial.sources[0]!.trial)}"` : `"${source.run}"`;
    throw new TandemError(
      "E_CLUSTER",
      `"${
        trialName(trial)
      }" begins with what ${what} had learned, which does not travel to workers; ` +
        "run the comparison on this machine, without --cluster.",
    );
  }
}
