/** Which trials are run twice, and what comes of it. */
import type { TrialOutcome } from "../../lab/store.ts";
import type { ResultMessage } from "./messages.ts";

/**
 * The trials of a plan that are run again by another worker: about a share of them, at least one, and
 * the same ones each time, since a trial's key is as good as random.
 *
 * @param share From 0 to 1.
 */
export function chosenToVerify(keys: Iterable<string>, share: number): Set<string> {
  const all = [...new Set(keys)].sort();
  if (share <= 0) return new Set();
  const chosen = all.filter((key) => parseInt(key.slice(0, 8), 16) < share * 2 ** 32);
  return new Set(chosen.length > 0 ? chosen : all.slice(0, 1));
}

/** What a trial came to that two workers have run: the outcome of both, or that they differ. */
export function agreed(first: ResultMessage, second: ResultMessage): TrialOutcome {
  const [one, other] = [wordsOf(first), wordsOf(second)];
  if (one === other) return first.outcome;
  return {
    error: {
      code: "E_CLUSTER",
      message: `two workers came to different results: "${first.worker}" to ${one}, ` +
        `"${second.worker}" to ${other}.`,
    },
  };
}

function wordsOf({ outcome }: ResultMessage): string {
  if ("record" in outcome) return `the digest ${outcome.record.summary.digest}`;
  return `an error (${outcome.error.message})`;
}
