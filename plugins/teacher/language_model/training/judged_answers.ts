import type { StageState } from "@tandem/core";

/** What was judged of the C answers in one state. */
interface Record {
  readonly prompt: string;
  readonly worth: Float64Array;
  readonly good: Float64Array;
  readonly bad: Float64Array;
  readonly counts: Float64Array;
  /** Weights of verdicts by which an answer is right, shared among those that one names. */
  readonly right: Float64Array;
  /** log p of the answers under the reference, once it was asked. */
  reference: Float32Array | undefined;
}

/** Of a record, in the order in which it is saved. */
const COLUMNS = ["worth", "good", "bad", "counts", "right"] as const;

/** What verdicts say of the C answers in one state, each array [C]; 0 where nothing was said. */
export interface TrainingExample {
  readonly state: string;
  readonly prompt: string;
  /** Mean worth, less the baseline where there is one. */
  readonly advantages: Float64Array;
  /** Mean strength of praise and of blame. */
  readonly good: Float64Array;
  readonly bad: Float64Array;
  /** n / (n + halfTrust) of n verdicts. */
  readonly trust: Float64Array;
  /** Mean weight a verdict by which an answer is right. */
  readonly right: Float64Array;
  /** Number of verdicts on all of them. */
  readonly judged: number;
}

/** What a verdict says in a state of C answers. */
export interface JudgedAnswer {
  /** The answer that it is about. */
  readonly answer: number;
  /** Its sign times its strength. */
  readonly worth: number;
  /** Which answers are right there, where it says so; else the one that it praises, if it does. */
  readonly right?: readonly number[];
}

/** How verdicts are summed up. */
export interface SummaryOptions {
  /** Verdicts at which an answer counts half of what it can. */
  readonly halfTrust: number;
  /** Whether an answer is held against what else was worth in its place, rather than against 0. */
  readonly centred: boolean;
}

/**
 * Verdicts on the answers given in states, summed up: a state that is met a thousand times is one example.
 * Bounded: the states that were not judged for longest are forgotten first.
 *
 * @example
 * ```ts
 * import { JudgedAnswers } from "./judged_answers.ts";
 * import assert from "node:assert/strict";
 * const judged = new JudgedAnswers(2, 100);
 * const prompt = () => "You see a key. What next?";
 * judged.add("a key", { answer: 0, worth: 1 }, prompt);
 * judged.add("a key", { answer: 0, worth: -0.5, right: [1] }, prompt);
 * const [example] = judged.examples({ halfTrust: 2, centred: false });
 * assert.deepEqual([...example!.advantages], [0.25, 0]);
 * assert.deepEqual([...example!.good, ...example!.bad], [0.5, 0, 0.25, 0]);
 * assert.deepEqual([...example!.trust], [0.5, 0]);
 * assert.deepEqual([...example!.right], [0.5, 0.25]);
 * ```
 */
export class JudgedAnswers {
  readonly #records = new Map<string, Record>();

  /** @param answers Answers a state has, C. @param capacity Most states that are remembered. */
  constructor(private readonly answers: number, private readonly capacity: number) {}

  /** States remembered. */
  get size(): number {
    return this.#records.size;
  }

  /**
   * Adds a verdict.
   *
   * @param prompt What was asked; of a state that is known already, the prompt asked first is kept.
   */
  add(state: string, judged: JudgedAnswer, prompt: () => string): void {
    const { answer, worth, right = worth > 0 ? [answer] : [] } = judged;
    const record = this.#records.get(state) ?? emptyRecord(prompt(), this.answers);
    this.#records.delete(state);
    this.#records.set(state, record); // the youngest again
    record.worth[answer]! += worth;
    record[worth > 0 ? "good" : "bad"][answer]! += Math.abs(worth);
    record.counts[answer]! += 1;
    for (const one of right) record.right[one]! += Math.abs(worth) / right.length;
    if (this.#records.size > this.capacity) {
      this.#records.delete(this.#records.keys().next().value!);
    }
  }

  /** What has been learned in every state, the youngest last. */
  examples({ halfTrust, centred }: SummaryOptions): TrainingExample[] {
    const overall = centred ? this.#overall() : 0;
    return [...this.#records].map(([state, { prompt, worth, good, bad, counts, right }]) => {
      const judged = total(counts);
      // Where little was judged the baseline is what is usual everywhere.
      const baseline = centred
        ? (total(worth) + halfTrust * overall) / Math.max(judged + halfTrust, Number.MIN_VALUE)
        : 0;
      const perVerdict = (sums: Float64Array) =>
        sums.map((sum, c) => counts[c]! > 0 ? sum / counts[c]! : 0);
      const advantages = perVerdict(worth).map((mean, c) => counts[c]! > 0 ? mean - baseline : 0);
      return {
        ...{ state, prompt, judged, advantages },
        good: centred ? advantages.map((a) => Math.max(a, 0)) : perVerdict(good),
        bad: centred ? advantages.map((a) => Math.max(-a, 0)) : perVerdict(bad),
        right: right.map((sum) => judged > 0 ? sum / judged : 0),
        trust: counts.map((n) => n > 0 ? n / (n + halfTrust) : 0),
      };
    });
  }

  /** log p [C] of a state's answers under the reference, if it was asked. */
  reference(state: string): Float32Array | undefined {
    return this.#records.get(state)?.reference;
  }

  setReference(state: string, logProbs: Float32Array): void {
    const record = this.#records.get(state);
    if (record) record.reference = logProbs;
  }

  /** Lets what was said so far count less: 1 is as much as before, 0 forgets it all. */
  fade(keep: number): void {
    if (keep === 1) return;
    if (keep === 0) this.#records.clear();
    for (const record of this.#records.values()) {
      for (const column of COLUMNS) {
        for (const [c, sum] of record[column].entries()) record[column][c] = keep * sum;
      }
    }
  }

  save(): StageState {
    const records = [...this.#records.values()];
    const shape = [records.length, COLUMNS.length, this.answers];
    const sums = Float64Array.from(records.flatMap((r) => COLUMNS.flatMap((c) => [...r[c]])));
    const known = records.flatMap(({ reference }) => reference ? [...reference] : []);
    return {
      json: {
        states: [...this.#records].map(([state, { prompt, reference }]) => ({
          ...{ state, prompt },
          asked: reference !== undefined,
        })),
      },
      arrays: {
        // Their bytes: rounded to single precision they would not go on exactly.
        sums: { shape: [...shape, 8], data: new Uint8Array(sums.buffer) },
        references: { shape: [known.length], data: Float32Array.from(known) },
      },
    };
  }

  load({ json, arrays }: StageState): void {
    const { states } = json as { states: { state: string; prompt: string; asked: boolean }[] };
    const sums = new Float64Array(Uint8Array.from(arrays!.sums!.data).buffer);
    const known = Float32Array.from(arrays!.references!.data);
    // Earlier versions knew fewer of them.
    const columns = COLUMNS.slice(0, arrays!.sums!.shape[1]);
    this.#records.clear();
    let [at, from] = [0, 0];
    for (const { state, prompt, asked } of states) {
      const record = emptyRecord(prompt, this.answers);
      for (const column of columns) record[column].set(sums.subarray(at, at += this.answers));
      if (asked) record.reference = known.slice(from, from += this.answers);
      this.#records.set(state, record);
    }
  }

  #overall(): number {
    let [worth, judged] = [0, 0];
    for (const record of this.#records.values()) {
      worth += total(record.worth);
      judged += total(record.counts);
    }
    return judged > 0 ? worth / judged : 0;
  }
}

function emptyRecord(prompt: string, answers: number): Record {
  const zeros = () => new Float64Array(answers);
  return {
    ...{ prompt, reference: undefined },
    ...{ worth: zeros(), good: zeros(), bad: zeros(), counts: zeros(), right: zeros() },
  };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
