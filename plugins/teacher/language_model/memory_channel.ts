import type * as v from "valibot";
import { BoundedMap } from "../../../core/bounded_map.ts";
import type { StageState } from "../../../core/stages.ts";
import type { Channel, Deed, Lesson, Told } from "./channels.ts";
import type { StateFeatures } from "./features.ts";
import type { memoryOptions } from "./memory_options.ts";
import { UsualStrength } from "./usual_strength.ts";

/** How a memory is made. */
type MemoryOptions = v.InferOutput<typeof memoryOptions>;

/** A state that was judged. */
interface Episode {
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

/** States told of in a prompt. */
const MOST_TOLD = 3;

/**
 * Remembers what was said in each state and how it went, and asks states like the present one. States
 * are as far apart as they share little of what is seen (Jaccard), delta(s, s') = 1 - |s n s'| / |s u s'|,
 * and the p nearest count by the inverse kernel of Neural Episodic Control (Pritzel et al., 2017), here
 *
 *     k = h_d / (h_d + delta),  n(c) = sum k n_s'(c),  G(c) = sum k n_s'(c) G_s'(c) / n(c)
 *     score(c) += gain n(c) / (n(c) + h) (G(c) - mean of G over all that n counts)
 *
 * (kernel regression: Nadaraya, 1964; Watson, 1964), h_d = 0.1, h = 16. A verdict that compares adds the
 * worth of what it compares with. Models that read are told in words, as in Reflexion (Shinn et al.,
 * 2023) and Voyager (Wang et al., 2023), where their prompt has the field {memory}.
 */
export class MemoryChannel implements Channel {
  readonly name = "memory";
  readonly #episodes: BoundedMap<string, Episode>;
  /** What was seen, and in which states: only these can be alike. */
  readonly #seenIn = new Map<string, Set<Episode>>();
  readonly #usual = new UsualStrength();

  /** @param candidates By name, K. */
  constructor(
    private readonly candidates: readonly string[],
    private readonly options: MemoryOptions,
  ) {
    this.#episodes = new BoundedMap(options.size);
  }

  correct(scores: Float32Array, state: StateFeatures): void {
    const { gain } = this.options;
    if (gain === 0) return;
    const sums = this.candidates.map(() => 0);
    const counts = this.candidates.map(() => 0);
    let [sum, count] = [0, 0];
    for (const { episode, weight } of this.#nearest(state)) {
      for (let c = 0; c < sums.length; c++) {
        sums[c]! += weight * episode.sums[c]!;
        counts[c]! += weight * episode.counts[c]!;
        sum += weight * episode.sums[c]!;
        count += weight * episode.counts[c]!;
      }
    }
    for (let c = 0; c < sums.length; c++) {
      if (counts[c] === 0) continue;
      scores[c]! += gain * (sums[c]! - counts[c]! * sum / count) / (counts[c]! + HALF_TRUST);
    }
  }

  tell(state: StateFeatures): Told {
    const told = this.#nearest(state).slice(0, MOST_TOLD).map(({ episode }) =>
      this.#words(episode)
    );
    return { memory: told.length ? `Remember: ${told.join(" ")}` : "" };
  }

  learn({ features, candidate, sign, strength, before, seen }: Lesson): void {
    const measured = this.#usual.measure(strength);
    if (measured === 0) return;
    const worth = sign * measured + (before ? this.#worthOf(before) : 0);
    const episode = this.#episodeOf(features, seen);
    episode.sums[candidate]! += worth;
    episode.counts[candidate]! += 1;
  }

  save(): StageState {
    const episodes = [...this.#episodes.entries()].map(([, episode]) => structuredClone(episode));
    return { json: { episodes, usual: this.#usual.save() } };
  }

  load({ json }: StageState): void {
    const { episodes, usual } = structuredClone(json) as {
      episodes: Episode[];
      usual: ReturnType<UsualStrength["save"]>;
    };
    this.#usual.load(usual);
    this.#episodes.clear();
    this.#seenIn.clear();
    for (const episode of episodes) this.#enter(episode);
  }

  #worthOf({ features, candidate }: Deed): number {
    const { sums, counts } = this.#episodes.get(features.whole) ?? { sums: [], counts: [] };
    return counts[candidate] ? sums[candidate]! / counts[candidate]! : 0;
  }

  #episodeOf(features: StateFeatures, seen: readonly string[]): Episode {
    const known = this.#episodes.get(features.whole);
    if (known) return known;
    const zeros = () => this.candidates.map(() => 0);
    return this.#enter({ features, seen: seen.join(", "), sums: zeros(), counts: zeros() });
  }

  #enter(episode: Episode): Episode {
    if (this.#episodes.size === this.options.size) this.#forget();
    this.#episodes.set(episode.features.whole, episode);
    for (const part of episode.features.parts) {
      const states = this.#seenIn.get(part);
      if (states) states.add(episode);
      else this.#seenIn.set(part, new Set([episode]));
    }
    return episode;
  }

  /** Forgets what was not judged for longest. */
  #forget(): void {
    const [[, episode] = []] = this.#episodes.entries();
    for (const part of episode?.features.parts ?? []) {
      const states = this.#seenIn.get(part)!;
      states.delete(episode!);
      if (states.size === 0) this.#seenIn.delete(part);
    }
  }

  /** The states most alike, the nearest first. */
  #nearest({ whole, parts }: StateFeatures): Neighbour[] {
    const shared = new Map<Episode, number>();
    for (const part of parts) {
      for (const episode of this.#seenIn.get(part) ?? []) {
        shared.set(episode, (shared.get(episode) ?? 0) + 1);
      }
    }
    const near = [...shared].map(([episode, count]) => {
      const { features } = episode;
      const alike = features.whole === whole
        ? 1
        : count / (parts.length + features.parts.length - count);
      return { episode, weight: HALF_DISTANCE / (HALF_DISTANCE + 1 - alike) };
    });
    return near.sort((a, b) => b.weight - a.weight).slice(0, this.options.neighbours);
  }

  #words({ seen, sums, counts }: Episode): string {
    const went = this.candidates.flatMap((name, c) =>
      counts[c] ? [`${name} was ${sums[c]! > 0 ? "good" : "bad"}`] : []
    );
    return `${seen}: ${went.join(", ")}.`;
  }
}
