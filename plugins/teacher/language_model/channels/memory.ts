import type * as v from "valibot";
import type { Channel, Example, PromptFields, StageState, StateFeatures } from "@tandem/core";
import { BoundedMap } from "@tandem/core/internal";
import type { memoryOptions } from "./memory_options.ts";
import type { BuiltinChannel } from "./opened.ts";

/** How the channel remembers. */
type MemoryOptions = v.InferOutput<typeof memoryOptions>;

/** How a memory is made. */
type MemoryParts = MemoryOptions & {
  /** Whether the prompt tells what is remembered. */
  readonly tells: boolean;
};

/** A state that was judged. */
interface Episode {
  /** Where the channel counts for it. */
  readonly slot: number;
  readonly features: StateFeatures;
  /** What was seen in it, in words. */
  readonly seen: string;
  /** [K] sums of worth and numbers of verdicts. */
  readonly sums: number[];
  readonly counts: number[];
}

/** A remembered state and how much it counts. */
interface Neighbour {
  readonly episode: Episode;
  readonly weight: number;
}

/** Distance at which a memory counts half, and verdicts at which a mean does. */
const [HALF_DISTANCE, HALF_TRUST] = [0.1, 16];

/** Bins of likeness by which the nearest are found without sorting all. */
const BINS = 64;

/** States told of in a prompt. */
const MOST_TOLD = 3;

/**
 * Remembers what was said in each state and how it went, and asks states like the present one. States
 * are as far apart as they share little of what is seen (Jaccard), delta(s, s') = 1 - |s n s'| / |s u s'|,
 * and the p nearest count by the inverse kernel of Neural Episodic Control (Pritzel et al., 2017). With
 * G(s', c) the mean worth of the n(s', c) verdicts on c in s', and G(s') that of all in s',
 *
 *     k(s') = h_d / (h_d + delta(s, s'))
 *     score(c) += gain sum k n(s', c) (G(s', c) - G(s')) / (h + sum k n(s', c))
 *
 * (kernel regression of what c was worth beyond the others: Nadaraya, 1964; Watson, 1964), h_d = 0.1,
 * h = 16. Models that read are told in words, as in Reflexion (Shinn et al., 2023) and Voyager (Wang et al., 2023), where their prompt
 * has the field {memory}; each change of it is a new question to the model.
 */
export class MemoryChannel implements Channel {
  readonly #episodes: BoundedMap<string, Episode>;
  /** What was seen, and in which states: only these can be alike. */
  readonly #seenIn = new Map<string, Set<number>>();
  /** [size] states by slot, and how many things each shares with the one at hand; 0 between calls. */
  readonly #slots: Episode[] = [];
  readonly #shared: Uint16Array;

  /** @param candidates By name, K. */
  constructor(
    private readonly candidates: readonly string[],
    private readonly options: MemoryParts,
  ) {
    this.#episodes = new BoundedMap(options.size);
    this.#shared = new Uint16Array(options.size);
  }

  correct(scores: Float32Array, state: StateFeatures): void {
    const { gain } = this.options;
    if (gain === 0) return;
    const credits = this.candidates.map(() => 0);
    const counts = this.candidates.map(() => 0);
    for (const { episode, weight } of this.#nearest(state)) {
      const judged = episode.counts.reduce((sum, count) => sum + count);
      const mean = episode.sums.reduce((sum, worth) => sum + worth) / judged;
      for (let c = 0; c < counts.length; c++) {
        credits[c]! += weight * (episode.sums[c]! - episode.counts[c]! * mean);
        counts[c]! += weight * episode.counts[c]!;
      }
    }
    for (let c = 0; c < counts.length; c++) {
      scores[c]! += gain * credits[c]! / (counts[c]! + HALF_TRUST);
    }
  }

  promptFields(state: StateFeatures): PromptFields {
    if (!this.options.tells) return {};
    const told = this.#nearest(state).slice(0, MOST_TOLD).map(({ episode }) =>
      this.#words(episode)
    );
    return { memory: told.length ? `Remember: ${told.join(" ")}` : "" };
  }

  learn({ features, candidate, worth, seen }: Example): void {
    const episode = this.#episodeOf(features, seen);
    episode.sums[candidate]! += worth;
    episode.counts[candidate]! += 1;
  }

  save(): StageState {
    const episodes = [...this.#episodes.entries()].map(([, episode]) => structuredClone(episode));
    return { json: { episodes } };
  }

  load({ json }: StageState): void {
    const { episodes } = structuredClone(json) as { episodes: Episode[] };
    this.#episodes.clear();
    this.#seenIn.clear();
    this.#slots.length = 0;
    for (const episode of episodes) this.#enter(episode);
  }

  #episodeOf(features: StateFeatures, seen: readonly string[]): Episode {
    const known = this.#episodes.get(features.whole);
    if (known) return known;
    const zeros = () => this.candidates.map(() => 0);
    const isFull = this.#episodes.size === this.options.size;
    const slot = isFull ? this.#forget() : this.#episodes.size;
    return this.#enter({ slot, features, seen: seen.join(", "), sums: zeros(), counts: zeros() });
  }

  #enter(episode: Episode): Episode {
    this.#episodes.set(episode.features.whole, episode);
    this.#slots[episode.slot] = episode;
    for (const part of new Set(episode.features.parts)) {
      const slots = this.#seenIn.get(part);
      if (slots) slots.add(episode.slot);
      else this.#seenIn.set(part, new Set([episode.slot]));
    }
    return episode;
  }

  /** Makes room in the place of what was not judged for longest; gives its slot. */
  #forget(): number {
    const [, { slot, features }] = this.#episodes.entries().next().value as [string, Episode];
    for (const part of new Set(features.parts)) {
      const slots = this.#seenIn.get(part)!;
      slots.delete(slot);
      if (slots.size === 0) this.#seenIn.delete(part);
    }
    return slot;
  }

  /** The states most alike, the nearest first and of equals the one longest in its slot. */
  #nearest({ whole, parts }: StateFeatures): Neighbour[] {
    const shared = this.#shared;
    const touched: number[] = [];
    for (const part of new Set(parts)) {
      for (const slot of this.#seenIn.get(part) ?? []) {
        if (shared[slot]!++ === 0) touched.push(slot);
      }
    }
    const alike = touched.map((slot) => {
      const { features } = this.#slots[slot]!;
      const both = shared[slot]!;
      shared[slot] = 0;
      return features.whole === whole ? 1 : both / (parts.length + features.parts.length - both);
    });
    const least = leastOf(alike, this.options.neighbours);
    return touched
      .flatMap((slot, index) => alike[index]! >= least ? [{ slot, alike: alike[index]! }] : [])
      .sort((a, b) => b.alike - a.alike || a.slot - b.slot)
      .slice(0, this.options.neighbours)
      .map(({ slot, alike }) => ({
        episode: this.#slots[slot]!,
        weight: HALF_DISTANCE / (HALF_DISTANCE + 1 - alike),
      }));
  }

  #words({ seen, sums, counts }: Episode): string {
    const went = this.candidates.flatMap((name, c) =>
      counts[c] ? [`${name} was ${sums[c]! > 0 ? "good" : "bad"}`] : []
    );
    return `${seen}: ${went.join(", ")}.`;
  }
}

/** A bound that at least `count` of the shares reach, if so many are there, and few more. */
function leastOf(shares: readonly number[], count: number): number {
  const bins = new Uint32Array(BINS + 1);
  for (const share of shares) bins[Math.floor(share * BINS)]!++;
  let [bin, reached] = [BINS, bins[BINS]!];
  while (reached < count && bin > 0) reached += bins[--bin]!;
  return bin / BINS;
}

/** Remembers how suggestions did in states like the present one. */
export const memory: BuiltinChannel<{ readonly memory: MemoryOptions }> = {
  description: "Remembers how suggestions did, and asks states like the present one.",
  open({ options, wiring: { candidates, prompt } }) {
    const tells = prompt.includes("{memory}");
    return new MemoryChannel(candidates, { ...options.memory, tells });
  },
};
