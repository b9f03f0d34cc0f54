/** Finds episodes worth showing among the rows of the ledger. */
import type { LedgerAmendment, LedgerRow } from "@tandem/core";

/** A row that may carry a picture of the world. */
export type EpisodeRow = LedgerRow & { readonly svg?: string };
/** All steps of one episode, in order. */
export type Episode = readonly EpisodeRow[];

/** The lengths that are pleasant to read step by step. */
const [SHORTEST, LONGEST] = [4, 20];
/** So many episodes from the beginning and from the end are looked at. */
const [EARLIEST, LATEST] = [8, 40];

/** Puts the rows of environment 0 together to episodes and remembers the first and the latest. */
export class EpisodePicker {
  readonly #actions = new Set<string>();
  #current: EpisodeRow[] = [];
  #first: Episode[] = [];
  #latest: Episode[] = [];

  /** Takes rows in, in the order in which they happened. */
  see(rows: readonly EpisodeRow[]): void {
    for (const row of rows) {
      if (row.env !== 0) continue;
      this.#actions.add(row.action);
      this.#current.push(row);
      if (!row.ended) continue;
      this.#keep(this.#current);
      this.#current = [];
    }
  }

  /** Adds verdicts that rows got after they were seen. */
  amend(amendments: readonly LedgerAmendment[]): void {
    const ofFirst = amendments.filter(({ env }) => env === 0);
    if (ofFirst.length === 0) return;
    const given = Map.groupBy(ofFirst, placeOf);
    const known = new Map<Episode, Episode>(); // one that is kept twice stays one
    const amended = (rows: Episode): Episode => {
      const after = known.get(rows) ?? withLater(rows, given);
      known.set(rows, after);
      return after;
    };
    this.#current = [...amended(this.#current)];
    this.#first = this.#first.map(amended);
    this.#latest = this.#latest.map(amended);
  }

  /** Whether guidance names actions, so that following it can be seen. */
  get guidanceIsAction(): boolean {
    return [...this.#first, ...this.#latest].flat()
      .some(({ guidance }) => guidance !== null && this.#actions.has(guidance));
  }

  /** The most telling episode near the end, or undefined where none ended. */
  get nearTheEnd(): Episode | undefined {
    return best(this.#latest);
  }

  /** The most telling one from the beginning; undefined where it is the same. */
  get fromTheBeginning(): Episode | undefined {
    const last = this.nearTheEnd;
    const early = best(this.#first.filter((episode) => episode !== last).reverse());
    return early && last && early[0]!.iteration < last[0]!.iteration ? early : undefined;
  }

  /** All that it has seen and may still show, as JSON. */
  save(): unknown {
    const seen: SavedPicker = {
      actions: [...this.#actions],
      current: this.#current,
      first: this.#first,
      latest: this.#latest,
    };
    return seen;
  }

  /** Goes on from what {@linkcode save} gave. */
  load(saved: unknown): void {
    const { actions, current, first, latest } = saved as SavedPicker;
    this.#actions.clear();
    for (const action of actions) this.#actions.add(action);
    this.#current = [...current];
    this.#first = [...first];
    this.#latest = [...latest];
  }

  #keep(episode: Episode): void {
    if (this.#first.length < EARLIEST) this.#first.push(episode);
    this.#latest.push(episode);
    if (this.#latest.length > LATEST) this.#latest.shift();
  }
}

const placeOf = ({ iteration, step }: Pick<LedgerRow, "iteration" | "step">) =>
  `${iteration} ${step}`;

/** The rows with what was given by their places. */
function withLater(
  rows: Episode,
  given: ReadonlyMap<string, readonly LedgerAmendment[]>,
): Episode {
  if (!rows.some((row) => given.has(placeOf(row)))) return rows;
  return rows.map((row) => {
    const later = given.get(placeOf(row))?.map(({ later }) => later);
    return later ? { ...row, later: [...row.later ?? [], ...later] } : row;
  });
}

interface SavedPicker {
  readonly actions: readonly string[];
  readonly current: readonly EpisodeRow[];
  readonly first: readonly Episode[];
  readonly latest: readonly Episode[];
}

/** The highest score; among equals the last. */
function best(episodes: readonly Episode[]): Episode | undefined {
  let found: Episode | undefined;
  for (const episode of episodes) {
    if (!found || interest(episode) >= interest(found)) found = episode;
  }
  return found;
}

/** How much there is to see: a pleasant length first, then disagreement, verdicts and success. */
function interest(episode: Episode): number {
  const advised = episode.filter(({ guidance }) => guidance !== null);
  const followed = advised.filter(({ guidance, action }) => guidance === action).length;
  const verdicts = new Set(advised.map(({ verdict }) => verdict));
  const { length } = episode;
  const tooLong = Math.max(0, length - LONGEST);
  const tooShort = Math.max(0, SHORTEST - length);
  return -tooLong - 20 * tooShort +
    (advised.length > followed ? 6 : 0) + (followed > 0 ? 2 : 0) +
    (verdicts.has("negative") ? 4 : 0) + (verdicts.has("positive") ? 2 : 0) +
    (episode.at(-1)!.reward > 0 ? 3 : 0);
}
