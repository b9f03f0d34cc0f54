/**
 * Beam search as transformers does it: twice the beams are drawn up at each step, texts that end
 * leave with their score divided by length^lengthPenalty, and a prompt is done when no running beam
 * can beat the finished ones. Source: transformers, GenerationMixin._beam_search.
 */
import { logSumExp } from "./sampling.ts";

/** How beams are kept and compared. */
export interface BeamOptions {
  /** Texts written side by side. */
  readonly beams: number;
  /** Power of the length that a finished text's score is divided by. Default 1. */
  readonly lengthPenalty?: number;
  /**
   * true: done at the first full set of finished texts. false: done when the best running beam, taken
   * at its present length, cannot win. "never": done when it cannot win at any length. Default false.
   */
  readonly earlyStopping?: boolean | "never";
}

/** One text under way. */
export interface Beam {
  readonly ids: readonly number[];
  readonly tokenLogProbs: readonly number[];
  /** Sum of log-probabilities; of a finished beam, divided by length^lengthPenalty. */
  readonly score: number;
}

// Below any sum of log-probabilities: marks what may not be chosen while it keeps its place in line.
const OUT = -1e9;

/**
 * The beams of one prompt.
 *
 * @example
 * ```ts
 * import { BeamSearch } from "./beam.ts";
 * import assert from "node:assert/strict";
 * const search = new BeamSearch({ beams: 2 }, 2, 1, (ids) => ids.at(-1) === 0);
 * const next = Float32Array.from([0.1, 0.6, 0.3], Math.log);
 * while (!search.done) search.advance(search.running.map(() => next));
 * assert.deepEqual(search.best.ids, [1, 1]);
 * ```
 */
export class BeamSearch {
  readonly #options: Required<BeamOptions>;
  readonly #maxTokens: number;
  readonly #ended: (ids: readonly number[]) => boolean;
  readonly #allow: Allow | undefined;
  readonly #width: number;
  /** Beams to run next, best first, and the row of the last step that each continues. */
  running: Beam[] = [{ ids: [], tokenLogProbs: [], score: 0 }];
  parents: number[] = [0];
  #finished: Beam[] = [];
  #done = false;

  /**
   * @param maxTokens Tokens at which every beam ends.
   * @param endTokens Number of end tokens of the model.
   * @param ended Whether a text has ended before that.
   * @param allow What the log-probabilities [vocab] of the token behind some ids count for; default: themselves.
   */
  constructor(
    options: BeamOptions,
    maxTokens: number,
    endTokens: number,
    ended: (ids: readonly number[]) => boolean,
    allow?: Allow,
  ) {
    const { beams, lengthPenalty = 1, earlyStopping = false } = options;
    this.#options = { beams, lengthPenalty, earlyStopping };
    this.#maxTokens = maxTokens;
    this.#width = Math.max(2, 1 + endTokens) * beams;
    this.#ended = ended;
    this.#allow = allow;
  }

  /** Whether no step can change the result. */
  get done(): boolean {
    return this.#done;
  }

  /** The best finished beam. */
  get best(): Beam {
    return this.#finished[0] ?? this.running[0]!;
  }

  /**
   * Takes the running beams one token further.
   *
   * @param logits One row [vocab] a running beam.
   */
  advance(logits: readonly Float32Array[]): void {
    const { beams, lengthPenalty, earlyStopping } = this.#options;
    const drafts = continuations(this.running, logits, this.#width, this.#allow).map(
      (draft, rank) => {
        const ends = draft.beam.ids.length >= this.#maxTokens || this.#ended(draft.beam.ids);
        return { ...draft, ends, leaves: ends && rank < beams };
      },
    );
    const length = drafts[0]!.beam.ids.length;
    const leaving = drafts.filter(({ leaves }) => leaves).map(({ beam }) => ({
      ...beam,
      score: beam.score / length ** lengthPenalty,
    }));
    this.#finished = sortedBeams([...this.#finished, ...leaving]).slice(0, beams);
    const going = drafts.filter(({ ends }) => !ends).slice(0, beams);
    this.running = going.map(({ beam }) => beam);
    this.parents = going.map(({ parent }) => parent);
    const full = this.#finished.length === beams;
    this.#done = going.length === 0 ||
      full && (earlyStopping === true || !this.#canImprove(length));
  }

  #canImprove(length: number): boolean {
    const { lengthPenalty, earlyStopping } = this.#options;
    const hypothetical = earlyStopping === "never" && lengthPenalty > 0 ? this.#maxTokens : length;
    const best = this.running[0]!.score / hypothetical ** lengthPenalty;
    return best > (this.#finished.at(-1)?.score ?? OUT);
  }
}

/** Log-probabilities as they count, of the token behind some ids. */
type Allow = (logProbs: Float32Array, ids: readonly number[]) => Float32Array;

interface Continuation {
  readonly beam: Beam;
  readonly parent: number;
}

/** The `width` likeliest one-token continuations of the beams, best first. */
function continuations(
  beams: readonly Beam[],
  logits: readonly Float32Array[],
  width: number,
  allow: Allow | undefined,
): Continuation[] {
  const best: { parent: number; token: number; score: number; logProb: number }[] = [];
  beams.forEach(({ score, ids }, parent) => {
    const row = logits[parent]!;
    const norm = logSumExp(row);
    const counted = allow?.(row.map((value) => value - norm), ids);
    for (let token = 0; token < row.length; token++) {
      const logProb = row[token]! - norm;
      if (counted?.[token] === -Infinity) continue;
      const total = score + (counted?.[token] ?? logProb);
      if (best.length === width && total <= best[width - 1]!.score) continue;
      let at = best.length;
      while (at > 0 && best[at - 1]!.score < total) at--;
      best.splice(at, 0, { parent, token, score: total, logProb });
      if (best.length > width) best.pop();
    }
  });
  return best.map(({ parent, token, score, logProb }) => {
    const { ids, tokenLogProbs } = beams[parent]!;
    return {
      parent,
      beam: { ids: [...ids, token], tokenLogProbs: [...tokenLogProbs, logProb], score },
    };
  });
}

/** Best first; of equals the earlier stays ahead. */
function sortedBeams(beams: Beam[]): Beam[] {
  return beams.sort((a, b) => b.score - a.score);
}
