import type * as v from "valibot";
import {
  type Channel,
  type Example,
  type ObservedState,
  type StageState,
  TandemError,
  type VerdictEvent,
} from "@tandem/core";
import type { Pcg64, Pcg64State } from "@tandem/core/kit";
import { type Thing, thingsAmong } from "../things.ts";
import { HOLDING, wordsOf } from "../words.ts";
import type { Target } from "./classifier/softmax_regression.ts";
import { meaningOf } from "./classifier/role_features.ts";
import type { BuiltinChannel } from "./opened.ts";
import { BilinearChoice, type SavedPairs, type Sight } from "./reference/bilinear_choice.ts";
import type { referenceOptions } from "./reference/options.ts";

/** How the channel learns. */
type ReferenceOptions = v.InferOutput<typeof referenceOptions>;

/** What a channel is made with. */
export interface ReferenceParts {
  /** Words for places, K. */
  readonly candidates: readonly string[];
  readonly options: ReferenceOptions;
  /** Draws labels. */
  readonly random: Pcg64;
}

/** A state and which of its things is right. */
type Label = readonly [sight: Sight, target: Target];

/** What a checkpoint holds. */
interface SavedReference {
  readonly pairs: SavedPairs;
  readonly labels: readonly Label[];
  readonly next: number;
  readonly heard: number;
  readonly random: Pcg64State;
}

/**
 * Learns which of the things in sight a mission means: {@linkcode BilinearChoice} on the words of the
 * things that the mission names (each with whether it is the first or the second, and whether something is
 * held) and the words of a thing. A verdict that names right places is a label as it stands; else one that
 * praises says that the thing chosen was right, and one that blames that it was one of the others.
 */
class ReferenceChannel implements Channel {
  readonly #parts: ReferenceParts;
  readonly #thingsIn: (seen: readonly string[]) => readonly Thing[];
  readonly #choice: BilinearChoice;
  #labels: Label[] = [];
  /** Where the next label goes once there are as many as are kept. */
  #next = 0;
  #heard = 0;

  constructor(parts: ReferenceParts) {
    this.#parts = parts;
    this.#thingsIn = thingsAmong(parts.candidates);
    this.#choice = new BilinearChoice(parts.options.rate);
  }

  correct(scores: Float32Array, { mission, seen }: ObservedState): void {
    const things = this.#thingsIn(seen);
    const logits = this.#choice.logits(sightOf(mission, seen, things));
    for (const [index, { candidate }] of things.entries()) scores[candidate]! += logits[index]!;
  }

  /** Counts the steps that were judged, and verdicts on steps of before one by one. */
  onVerdict({ stepsAgo, sign }: VerdictEvent): void {
    if (stepsAgo === undefined || sign !== 0) this.#heard++;
  }

  learn(example: Example): void {
    const { mission, seen } = example;
    const things = this.#thingsIn(seen);
    const target = targetOf(example, things);
    if (!target) return;
    const label: Label = [sightOf(mission, seen, things), target];
    const { size } = this.#parts.options;
    if (this.#labels.length < size) this.#labels.push(label);
    else this.#labels[this.#next] = label;
    this.#next = (this.#next + 1) % size;
  }

  train(): boolean {
    const { options: { every, samples }, random } = this.#parts;
    if (this.#heard < every || this.#labels.length === 0) return false;
    this.#heard = 0;
    for (let k = 0; k < samples; k++) {
      this.#choice.step(...this.#labels[random.integers(0, this.#labels.length)]!);
    }
    return false; // what the model itself answers stays
  }

  save(): StageState {
    const json: SavedReference = {
      pairs: this.#choice.save(),
      labels: [...this.#labels],
      next: this.#next,
      heard: this.#heard,
      random: this.#parts.random.save(),
    };
    return { json };
  }

  load({ json }: StageState): void {
    const { pairs, labels, next, heard, random } = json as SavedReference;
    this.#choice.load(pairs);
    this.#labels = [...labels];
    [this.#next, this.#heard] = [next, heard];
    this.#parts.random.load(random);
  }
}

function sightOf(mission: string, seen: readonly string[], things: readonly Thing[]): Sight {
  const holds = seen.some((line) => wordsOf(line).some((word) => HOLDING.has(word)));
  const named = meaningOf(mission.toLowerCase()).things.flatMap((words, index) =>
    words.map((word) => `${holds ? "holding " : ""}${index + 1} ${word}`)
  );
  return { mission: named, things: things.map(({ words }) => words) };
}

/** What a verdict says of the things; undefined where it says nothing. */
function targetOf(
  { candidate, right, sign, worth }: Example,
  things: readonly Thing[],
): Target | undefined {
  const indices = (isRight: (place: number) => boolean) =>
    things.flatMap((thing, index) => isRight(thing.candidate) ? [index] : []);
  const isMeant = right
    ? (place: number) => right.includes(place)
    : (place: number) => (place === candidate) === sign > 0;
  const meant = indices(isMeant);
  if (meant.length === 0 || meant.length === things.length || worth === 0) return undefined;
  return { right: meant, all: right !== undefined || sign > 0, weight: Math.abs(worth) };
}

/** Learns which of the things in sight is meant. */
export const reference: BuiltinChannel<{ readonly reference: ReferenceOptions }> = {
  description: 'Learns which of the things in sight is meant, at the grain "reference".',
  onScores: true,
  open({ options, wiring: { grain, candidates }, context }) {
    if (grain !== "reference") {
      throw new TandemError(
        "E_OPTION",
        `The channel "reference" learns which thing is meant, and teacher.grain is "${grain}"; ` +
          'right would be "reference".',
        { stage: "teacher" },
      );
    }
    const random = context.random("teacher.reference");
    return new ReferenceChannel({ candidates, options: options.reference, random });
  },
};
