import * as v from "valibot";
import {
  definePlugin,
  type Feedback,
  type Guidance,
  option,
  type Plugin,
  stageOption,
  TandemError,
  type Teacher,
} from "@tandem/core";
import {
  addUsage,
  decodeGuidance,
  described,
  type EncodedGuidance,
  encodeGuidance,
  NO_USAGE,
  scopedContext,
} from "@tandem/core/internal";
import {
  argmax,
  cacheDict,
  silence,
  stateDict,
  streamState,
  suggestionOf,
  tokensOf,
} from "@tandem/core/kit";
import type { EnsembleOptions } from "./options.ts";

const options = {
  of: described(
    "The teachers, two or more of one grain and with the same candidates.",
    v.pipe(v.array(stageOption("teacher")), v.minLength(2), v.maxLength(100)),
  ),
  rule: option(
    `Who speaks in an environment: one drawn by lot, the first of the largest party, or the one
    that is surest of what it suggests.`,
    v.picklist(["lot", "vote", "surest"]),
    "vote",
  ),
} as const;

/** Several teachers that speak as one: by vote, by lot, or the surest. */
export const ensemble: Plugin<"teacher", EnsembleOptions> = definePlugin({
  kind: "teacher",
  name: "ensemble",
  description: "Several teachers that speak as one: by vote, by lot, or the surest.",
  details: `
    Several teachers that speak as one. Each suggestion is that of one of them, its author, which
    the ledger records; verdicts on it reach those who made it and no other. The distribution is
    the mean of those of the teachers that are not silent. When it is measured, a lot falls on the
    teacher that suggests the mean's likeliest candidate.`,
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
        const speaker = rule === "lot" && mode === "evaluate" ? likeliest : SPEAKERS[rule];
        return joined(
          voices,
          names,
          (...at) => speaker(...at, (willing) => random.choice(willing)),
        );
      },
      async receive(feedback) {
        for (const [index, teacher] of teachers.entries()) {
          await teacher.receive(shareOf(feedback, index, candidates));
        }
      },
      usage: () =>
        teachers.map((teacher) => teacher.usage()).reduce((a, b) => addUsage(a, b), NO_USAGE),
      startAnew: () => teachers.forEach((teacher) => teacher.startAnew?.()),
      dispose,
    };
  },
});

/** The note on an ensemble's guidance: what each teacher said, for the verdicts to reach it. */
interface Note {
  readonly voices: readonly EncodedGuidance[];
}

/** What several teachers say of the same states, and the mean of those that are not silent. */
interface Voices {
  readonly voices: readonly Guidance[];
  readonly mean: Float32Array;
  /** K. */
  readonly count: number;
}

/** Chooses who speaks in environment i among the teachers that are willing. */
type Speaker = (
  said: Voices,
  i: number,
  willing: readonly number[],
  draw: (willing: readonly number[]) => number,
) => number;

/** The guidance of several teachers as one: in each environment the words of one of them. */
function joined(
  voices: readonly Guidance[],
  names: readonly string[],
  speaker: (said: Voices, i: number, willing: readonly number[]) => number,
): Guidance {
  const { envs, candidates } = voices[0]!;
  const guidance = silence(envs, candidates);
  const said = { voices, mean: guidance.distribution, count: candidates.length };
  const authors = new Array<number>(envs).fill(-1);
  for (let i = 0; i < envs; i++) {
    const willing = voices.flatMap(({ choices }, index) => choices[i]! < 0 ? [] : index);
    if (willing.length === 0) continue;
    mix(said, i, willing);
    const author = authors[i] = speaker(said, i, willing);
    guidance.choices[i] = voices[author]!.choices[i]!;
    guidance.logProbs[i] = voices[author]!.logProbs[i]!;
  }
  const column = <T>(of: (voice: Guidance, i: number) => T, none: T) =>
    authors.map((author, i) => author < 0 ? none : of(voices[author]!, i));
  const note: Note = { voices: voices.map(encodeGuidance) };
  return {
    ...guidance,
    ...voices.some(({ texts }) => texts) && { texts: column(suggestionOf, "") },
    ...voices.some(({ tokens }) => tokens) && { tokens: column(tokensOf, []) },
    authors: authors.map((author) => names[author] ?? ""),
    note,
  };
}

/** Sets environment i's distribution to the mean of some teachers'. */
function mix({ voices, mean, count }: Voices, i: number, willing: readonly number[]): void {
  for (let k = i * count; k < (i + 1) * count; k++) {
    const sum = willing.reduce((sum, index) => sum + voices[index]!.distribution[k]!, 0);
    mean[k] = sum / willing.length;
  }
}

const SPEAKERS: Readonly<Record<"lot" | "vote" | "surest", Speaker>> = {
  lot: (_said, _i, willing, draw) => draw(willing),
  vote({ voices, count }, i, willing) {
    const votes = new Array<number>(count).fill(0);
    for (const index of willing) votes[voices[index]!.choices[i]!]!++;
    const most = Math.max(...votes);
    return willing.find((index) => votes[voices[index]!.choices[i]!] === most)!;
  },
  surest({ voices, count }, i, willing) {
    const sure = willing.map((index) => {
      const { choices, distribution } = voices[index]!;
      return distribution[i * count + choices[i]!]!;
    });
    return willing[argmax(sure)]!;
  },
};

/** The teacher whose suggestion has the largest mean probability. */
const likeliest: Speaker = ({ voices, mean, count }, i, willing) => {
  const shares = willing.map((index) => mean[i * count + voices[index]!.choices[i]!]!);
  return willing[argmax(shares)]!;
};

/** Feedback as one teacher hears it: its own words, and verdicts on those that were passed on. */
function shareOf(
  { rollout, verdicts, past }: Feedback,
  index: number,
  candidates: readonly string[],
): Feedback {
  const guidance = rollout.guidance.map((said) => {
    const { voices } = said.note as Note ?? {};
    return voices ? decodeGuidance(voices[index]!, candidates) : said;
  });
  return {
    rollout: { ...rollout, guidance },
    verdicts: verdicts.map((verdict, t) => ({
      ...verdict,
      signs: verdict.signs.map((sign, i) => {
        const own = guidance[t]!.choices[i]!;
        const right = verdict.right?.[i];
        // What is right in a state is so for all who speak about it.
        if (right) return sign === 0 ? 0 : own < 0 || right.includes(own) ? 1 : -1;
        return own === rollout.guidance[t]!.choices[i] ? sign : 0;
      }),
    })),
    ...past && { past },
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
