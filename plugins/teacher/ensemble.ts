import * as v from "valibot";
import { scopedContext } from "../../core/kit/context.ts";
import { TandemError } from "../../core/stages/errors.ts";
import { argmax, ArrayGuidance } from "../../core/kit/guidance.ts";
import { cacheDict, stateDict } from "../../core/kit/state_dict.ts";
import { guidanceFrom, keepGuidance, type KeptGuidance } from "../../core/kit/codec.ts";
import { stageOption } from "../../core/pipeline/nested.ts";
import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import type { Feedback, Guidance, Teacher } from "../../core/stages/mod.ts";
import { streamState } from "../../core/kit/streams.ts";
import { addUsage, NO_USAGE } from "../../core/run/parts/usage.ts";

const options = {
  /** The teachers, two or more of one grain and with the same candidates. */
  of: v.pipe(v.array(stageOption("teacher")), v.minLength(2)),
  /**
   * Who speaks in an environment: one drawn by lot, the first of the largest party, or the one that
   * is surest of what it suggests.
   */
  rule: v.optional(v.picklist(["lot", "vote", "surest"]), "vote"),
} as const;

/**
 * Several teachers that speak as one. Each suggestion is that of one of them, its author, which
 * the ledger records; verdicts on it reach those who made it and no other. The distribution is the
 * mean of those of the teachers that are not silent. When it is measured, a lot falls on the teacher
 * that suggests the mean's likeliest candidate.
 */
export const ensemble: Plugin<"teacher", typeof options> = definePlugin({
  kind: "teacher",
  name: "ensemble",
  description: "Several teachers that speak as one: by vote, by lot, or the surest.",
  options,
  usesOracle: ({ of }) => of.some(({ usesOracle }) => usesOracle),
  async create({ of, rule }, context, wiring) {
    const teachers: Teacher[] = [];
    const dispose = async () => {
      for (const teacher of teachers.splice(0).reverse()) await teacher.dispose?.();
    };
    const names = of.map(({ plugin }, index) => `${index + 1} ${plugin}`);
    try {
      for (const [index, stage] of of.entries()) {
        teachers.push(await stage.create(scopedContext(context, `ensemble ${index}`), wiring));
      }
      expectAlike(teachers, names);
    } catch (error) {
      await dispose();
      throw error;
    }
    const random = context.random("teacher");
    const { grain, candidates } = teachers[0]!;
    const parts = { ...teachers, streams: streamState({ random }) };
    return {
      ...stateDict(parts as unknown as Record<string, Teacher>),
      cache: cacheDict(Object.fromEntries(teachers.entries())),
      grain,
      candidates,
      learnsBy: [...new Set(teachers.flatMap(({ learnsBy }) => learnsBy))],
      async advise(observations, mode, oracle) {
        const voices = await Promise.all(
          teachers.map((teacher, index) =>
            teacher.advise(observations, mode, of[index]!.usesOracle ? oracle : undefined)
          ),
        );
        const guidance = new EnsembleGuidance(voices, names);
        const speaker = rule === "lot" && mode === "evaluate" ? likeliest : SPEAKERS[rule];
        for (let i = 0; i < guidance.envs; i++) {
          const willing = voices.flatMap(({ choices }, index) => choices[i]! < 0 ? [] : index);
          if (willing.length === 0) continue;
          guidance.mix(i, willing);
          guidance.speak(i, speaker(guidance, i, willing, () => random.choice(willing)));
        }
        return guidance;
      },
      async receive(feedback) {
        for (const [index, teacher] of teachers.entries()) {
          await teacher.receive(shareOf(feedback, index));
        }
      },
      recall: (kept, memo) => EnsembleGuidance.recall(kept, memo as Memo, teachers, names),
      usage: () =>
        teachers.map((teacher) => teacher.usage()).reduce((a, b) => addUsage(a, b), NO_USAGE),
      dispose,
    };
  },
});

/** What {@linkcode EnsembleGuidance} knows beyond all guidance. */
interface Memo {
  readonly authors: readonly number[];
  readonly voices: readonly KeptGuidance[];
}

/** Guidance that knows who suggested what. */
class EnsembleGuidance extends ArrayGuidance {
  /** [N] whose suggestion it is, or -1. */
  readonly #authors: Int32Array;

  constructor(readonly voices: readonly Guidance[], private readonly names: readonly string[]) {
    super(voices[0]!.envs, voices[0]!.candidates);
    this.#authors = new Int32Array(this.envs).fill(-1);
  }

  /** Guidance that was kept, with the voices that it was made of. */
  static recall(
    { choices, distribution, logProbs }: Guidance,
    { authors, voices }: Memo,
    teachers: readonly Teacher[],
    names: readonly string[],
  ): EnsembleGuidance {
    const recalled = new EnsembleGuidance(
      voices.map((voice, index) => guidanceFrom(voice, teachers[index]!)),
      names,
    );
    recalled.#authors.set(authors);
    recalled.choices.set(choices);
    recalled.distribution.set(distribution);
    recalled.logProbs.set(logProbs);
    return recalled;
  }

  memo(): Memo {
    return { authors: [...this.#authors], voices: this.voices.map(keepGuidance) };
  }

  /** Sets environment i's distribution to the mean of some teachers'. */
  mix(i: number, willing: readonly number[]): void {
    const count = this.candidates.length;
    for (let k = i * count; k < (i + 1) * count; k++) {
      const sum = willing.reduce((sum, index) => sum + this.voices[index]!.distribution[k]!, 0);
      this.distribution[k] = sum / willing.length;
    }
  }

  /** Lets a teacher speak in environment i. */
  speak(i: number, author: number): void {
    const { choices, logProbs } = this.voices[author]!;
    this.#authors[i] = author;
    this.choices[i] = choices[i]!;
    this.logProbs[i] = logProbs[i]!;
  }

  author(i: number): string {
    return this.names[this.#authors[i]!] ?? "";
  }

  override text(i: number): string {
    return this.voices[this.#authors[i]!]?.text(i) ?? "";
  }

  override tokens(i: number): ArrayLike<number> {
    return this.voices[this.#authors[i]!]?.tokens(i) ?? [];
  }
}

/** Chooses who speaks in environment i among the teachers that are willing. */
type Speaker = (
  guidance: EnsembleGuidance,
  i: number,
  willing: readonly number[],
  draw: () => number,
) => number;

const SPEAKERS: Readonly<Record<"lot" | "vote" | "surest", Speaker>> = {
  lot: (_guidance, _i, _willing, draw) => draw(),
  vote({ voices, candidates }, i, willing) {
    const votes = new Array<number>(candidates.length).fill(0);
    for (const index of willing) votes[voices[index]!.choices[i]!]!++;
    const most = Math.max(...votes);
    return willing.find((index) => votes[voices[index]!.choices[i]!] === most)!;
  },
  surest({ voices, candidates }, i, willing) {
    const sure = willing.map((index) => {
      const { choices, distribution } = voices[index]!;
      return distribution[i * candidates.length + choices[i]!]!;
    });
    return willing[argmax(sure)]!;
  },
};

/** The teacher whose suggestion has the largest mean probability. */
const likeliest: Speaker = ({ voices, distribution, candidates }, i, willing) => {
  const offset = i * candidates.length;
  return willing[
    argmax(willing.map((index) => distribution[offset + voices[index]!.choices[i]!]!))
  ]!;
};

/** Feedback as one teacher hears it: its own words, and verdicts on those that were passed on. */
function shareOf({ rollout, verdicts }: Feedback, index: number): Feedback {
  const guidance = rollout.guidance.map((said) =>
    said instanceof EnsembleGuidance ? said.voices[index]! : said
  );
  return {
    rollout: { ...rollout, guidance },
    verdicts: verdicts.map((verdict, t) => ({
      ...verdict,
      signs: verdict.signs.map((sign, i) =>
        guidance[t]!.choices[i] === rollout.guidance[t]!.choices[i] ? sign : 0
      ),
    })),
  };
}

/** @throws {TandemError} E_WIRING where teachers differ in grain or candidates. */
function expectAlike(teachers: readonly Teacher[], names: readonly string[]): void {
  const describe = ({ grain, candidates }: Teacher) => `${grain}: ${candidates.join(", ")}`;
  const other = teachers.findIndex((teacher) => describe(teacher) !== describe(teachers[0]!));
  if (other < 0) return;
  throw new TandemError(
    "E_WIRING",
    `The teachers of an ensemble must suggest the same things: "${names[0]}" suggests ` +
      `"${describe(teachers[0]!)}", and "${names[other]}" "${describe(teachers[other]!)}".`,
  );
}
