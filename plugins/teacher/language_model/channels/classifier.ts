import type * as v from "valibot";
import {
  type Channel,
  type Example,
  type Mode,
  type ObservedState,
  type StageState,
  TandemError,
  type VerdictEvent,
} from "@tandem/core";
import { joinStates, partOfState } from "@tandem/core/internal";
import { argmax, type Pcg64, type Pcg64State } from "@tandem/core/kit";
import { Blend, type Learned } from "./classifier/blend.ts";
import { FeatureIndex } from "./classifier/feature_index.ts";
import { LabelBuffer } from "./classifier/label_buffer.ts";
import { mirroredCandidates } from "./classifier/mirror.ts";
import type { classifierOptions } from "./classifier/options.ts";
import { Readings, roleFeatures } from "./classifier/role_features.ts";
import { type Label, SoftmaxRegression, type Target } from "./classifier/softmax_regression.ts";
import { wordFeatures } from "./classifier/word_features.ts";
import { bytes, doubles } from "./logits/bandit.ts";
import { hash } from "./logits/linear.ts";
import type { BuiltinChannel } from "./opened.ts";

/** How the channel learns. */
type ClassifierOptions = v.InferOutput<typeof classifierOptions>;

/** What a channel is made with. */
export interface ClassifierParts {
  /** By name, K. */
  readonly candidates: readonly string[];
  readonly options: ClassifierOptions;
  /** Draws labels, and which are mirrored. */
  readonly random: Pcg64;
}

/** What a checkpoint holds besides arrays. */
interface SavedClassifier {
  readonly names: readonly string[];
  /** Where the buffer's next label goes. */
  readonly next: number;
  readonly heard: number;
  readonly usual: UsualWorth;
  readonly random: Pcg64State;
}

/** The mean worth of verdicts lately, and the number of all. */
type UsualWorth = readonly [mean: number, count: number];

/** What was learned of a state, with the standard errors of all candidates, [K]. */
type LearnedOfState = Learned & { readonly errors: Float64Array };

/** Features that are told apart; later ones are passed over. */
const MOST_FEATURES = 1 << 16;

/** Verdicts over which the usual worth is averaged. */
const WORTH_SPAN = 2048;

/**
 * Learns which candidates are right as one joint model of all of them: {@linkcode SoftmaxRegression} on
 * {@linkcode roleFeatures} or {@linkcode wordFeatures}, beside the model's own scores as {@linkcode Blend} weighs them. Labels stand
 * in a bounded buffer, from which some are drawn at each time to train, half of them mirrored.
 *
 * A verdict that names the right candidates is a label as it stands, and counts as much as it is strong,
 * in units of the usual strength. One that praises or blames a candidate says by its worth v against the
 * mean of v lately whether that one is right or one of the others, and counts |v - mean| (the baseline of
 * a gradient bandit: Sutton & Barto, second edition, section 2.8).
 */
export class ClassifierChannel implements Channel {
  readonly #parts: ClassifierParts;
  readonly #index = new FeatureIndex(MOST_FEATURES);
  readonly #model: SoftmaxRegression;
  readonly #labels: LabelBuffer;
  readonly #blend = new Blend();
  /** What each candidate is in the mirror; undefined where nothing is mirrored. */
  readonly #turned: readonly number[] | undefined;
  readonly #featuresOf: (mission: string, seen: readonly string[]) => string[];
  #heard = 0;
  #usual: UsualWorth = [0, 0];

  constructor(parts: ClassifierParts) {
    const { candidates, options: { rate, size, mirror, features } } = parts;
    this.#parts = parts;
    this.#model = new SoftmaxRegression({ candidates: candidates.length, rate });
    this.#labels = new LabelBuffer(size);
    this.#turned = mirror === false ? undefined : mirroredCandidates(candidates);
    if (mirror && !this.#turned) throw noSides(candidates);
    const readings = new Readings();
    const featuresOf = features === "words" ? wordFeatures : roleFeatures;
    this.#featuresOf = (mission, seen) => featuresOf(mission, seen, readings);
  }

  correct(scores: Float32Array, { mission, seen }: ObservedState, mode: Mode): void {
    if (mode === "train") this.#blend.remember(stateOf(mission, seen), scores);
    if (this.#labels.size === 0) return;
    const learned = this.#learnedOf(this.#featuresOf(mission, seen));
    if (!this.#isSure(learned)) return;
    const weights = this.#blend.weights(learned.error);
    for (let c = 0; c < scores.length; c++) {
      scores[c] = weights.model * scores[c]! + weights.learned * learned.z[c]!;
    }
  }

  /** Counts the steps that were judged; verdicts on steps of before come as they come. */
  onVerdict({ stepsAgo }: VerdictEvent): void {
    if (stepsAgo === undefined) this.#heard++;
  }

  learn(example: Example): void {
    const target = this.#targetOf(example);
    if (!target) return;
    const { mission, seen } = example;
    const names = this.#featuresOf(mission, seen);
    this.#blend.learn(stateOf(mission, seen), this.#learnedOf(names), target);
    const rows = this.#index.enter(names);
    this.#model.grow(this.#index.size);
    this.#labels.add({ rows, ...target });
    this.#model.count(rows, target.weight);
    const image = this.#index.mirrored(rows);
    if (this.#turned && differ(rows, image)) this.#model.count(image, target.weight);
  }

  train(): boolean {
    const { every, samples } = this.#parts.options;
    if (this.#heard < every) return false;
    this.#heard = 0;
    if (this.#labels.size > 0) { for (let k = 0; k < samples; k++) this.#model.step(this.#draw()); }
    return false; // what the model itself answers stays
  }

  save(): StageState {
    const { next, arrays } = this.#labels.save();
    const json: SavedClassifier = {
      names: this.#index.names(),
      next,
      heard: this.#heard,
      usual: this.#usual,
      random: this.#parts.random.save(),
    };
    const own = { json, arrays: { ...arrays, model: bytes(this.#model.save()) } };
    return joinStates({ own, blend: this.#blend.save() });
  }

  load(state: StageState): void {
    const { json, arrays = {} } = partOfState(state, "own")!;
    const { names, next, heard, usual, random } = json as SavedClassifier;
    this.#index.load(names);
    this.#model.load(names.length, doubles(arrays.model!));
    this.#labels.load(next, arrays);
    this.#blend.load(partOfState(state, "blend")!);
    this.#heard = heard;
    this.#usual = usual;
    this.#parts.random.load(random);
  }

  #learnedOf(names: readonly string[]): LearnedOfState {
    const rows = this.#index.find(names);
    const z = this.#model.logits(rows);
    const errors = this.#model.errors(rows, names.length - rows.length);
    return { z, errors, error: errors[argmax(z)]! };
  }

  /** Whether its first candidate leads the second by enough standard errors of their difference. */
  #isSure({ z, errors }: LearnedOfState): boolean {
    const { certainty } = this.#parts.options;
    if (certainty === 0) return true;
    const first = argmax(z);
    const second = argmax(z.map((logit, c) => c === first ? -Infinity : logit));
    return z[first]! - z[second]! >= certainty * Math.hypot(errors[first]!, errors[second]!);
  }

  /** What a verdict says is right, and how much it counts; undefined where it says nothing. */
  #targetOf({ candidate, right, worth }: Example): Target | undefined {
    if (right) return { right, all: true, weight: Math.abs(worth) };
    const [mean, count] = this.#usual;
    this.#usual = [mean + (worth - mean) / Math.min(count + 1, WORTH_SPAN), count + 1];
    const better = worth - mean;
    const others = this.#parts.candidates.map((_, c) => c).filter((c) => c !== candidate);
    if (better === 0 || others.length === 0) return undefined;
    return { right: better > 0 ? [candidate] : others, all: false, weight: Math.abs(better) };
  }

  #draw(): Label {
    const { random } = this.#parts;
    const label = this.#labels.at(random.integers(0, this.#labels.size));
    if (!this.#turned || random.random() < 0.5) return label;
    const rows = this.#index.mirrored(label.rows);
    if (!differ(rows, label.rows)) return label; // it names no side
    return { ...label, rows, right: label.right.map((c) => this.#turned![c]!) };
  }
}

function noSides(candidates: readonly string[]): TandemError {
  return new TandemError(
    "E_WIRING",
    `The option classifier.mirror is "true", but no world can be mirrored in which "${
      candidates.slice(0, 3).join('", "')
    }" .. are suggested: each side that is named must have its counterpart ("turn left", "turn right"); ` +
      "right would be to leave it out.",
    { stage: "teacher" },
  );
}

function differ(some: Int32Array, others: Int32Array): boolean {
  return some.some((row, k) => row !== others[k]);
}

/** A state by the words that tell of it. */
function stateOf(mission: string, seen: readonly string[]): number {
  return hash([mission, ...seen].join("\n")) | 0;
}

/** Learns which candidates are right as one joint model of all of them. */
export const classifier: BuiltinChannel<{ readonly classifier: ClassifierOptions }> = {
  description: "Learns one model of which candidates are right, over features by role.",
  onScores: true,
  open: ({ options: { classifier }, wiring: { candidates }, context }) =>
    new ClassifierChannel({
      ...{ candidates, options: classifier },
      random: context.random("teacher.classifier"),
    }),
};
