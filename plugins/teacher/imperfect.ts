import {
  definePlugin,
  type Mode,
  type Observations,
  option,
  type Plugin,
  stageOption,
  type StageState,
} from "@tandem/core";
import {
  hashOf,
  type Pcg64,
  share,
  stateDict,
  streamState,
  teacherStreams,
} from "@tandem/core/kit";
import { described, scopedContext } from "@tandem/core/internal";
import type { ImperfectOptions } from "./options.ts";

const options = {
  of: described("The teacher that is told.", stageOption("teacher")),
  missing: option("Chance that a sentence about the state is left out.", share, 0),
  wrong: option(
    `Chance that a sentence is replaced by one that is true of another environment at that moment;
    where there is no other, it is left out.`,
    share,
    0,
  ),
  stale: option(
    "Chance that the state of the step before is told in place of the present one.",
    share,
    0,
  ),
} as const;

/** Another teacher under imperfect information: what it is told is incomplete, wrong or late. */
export const imperfect: Plugin<"teacher", ImperfectOptions> = definePlugin({
  kind: "teacher",
  name: "imperfect",
  description:
    "Another teacher under imperfect information: what it is told is incomplete, wrong or late.",
  details: `
    Another teacher under imperfect information. Each sentence that it is told about a state is lost,
    or is that of another environment, with the given chances; with another chance all of them are
    those of the step before, which may be of the episode before. The mission is always told as it
    is. Losses are drawn anew at every step, when it is measured as well, so that its accuracy is
    that of a teacher who knows no more. Verdicts reach it as they are, and it learns from what it
    was told. The environment's expert, where a teacher asks for it, stays perfect.`,
  options,
  usesOracle: ({ of }) => of.usesOracle,
  async create({ of, ...rates }, context, wiring) {
    const teacher = await of.create(scopedContext(context, "imperfect"), wiring);
    const streams = teacherStreams(context);
    const told: Readonly<Record<Mode, Told>> = {
      train: new Told(rates, streams.train),
      evaluate: new Told(rates, streams.evaluate),
    };
    return {
      ...stateDict({ teacher, streams: streamState(streams), train: told.train }),
      cache: teacher.cache,
      files: () => teacher.files?.(),
      grain: teacher.grain,
      candidates: teacher.candidates,
      learnsBy: teacher.learnsBy,
      advise: (observations, mode, oracle) =>
        teacher.advise(told[mode].of(observations), mode, oracle),
      receive(feedback) {
        const { past } = feedback;
        if (!past) return teacher.receive(feedback);
        // What was seen in full is not for it: it knows these states by what it was told then.
        const { texts: _, ...known } = past;
        return teacher.receive({ ...feedback, past: known });
      },
      features(observations, i) {
        const seen = told.evaluate.last ?? observations;
        const mission = seen.mission(i);
        return teacher.features?.(seen, i) ?? seen.text(i).map((thing) => `${mission}\n${thing}`);
      },
      usage: () => teacher.usage(),
      startAnew() {
        told.train.forget();
        teacher.startAnew?.();
      },
      dispose: () => teacher.dispose?.(),
    };
  },
});

type Texts = readonly (readonly string[])[];

/** What is told of states, one step after another. */
class Told {
  #before: Texts = [];
  #last: Observations | undefined;

  constructor(
    private readonly rates: Readonly<Record<"missing" | "wrong" | "stale", number>>,
    private readonly random: Pcg64,
  ) {}

  /** What was told last, as long as its states last. */
  get last(): Observations | undefined {
    return this.#last;
  }

  /** Observations with other sentences, and keys to match. */
  of(observations: Observations): Observations {
    const { envs } = observations;
    const now: Texts = Array.from({ length: envs }, (_, i) => [...observations.text(i)]);
    const before = this.#before.length === envs ? this.#before : now;
    this.#before = now;
    const texts = now.map((_, i) => {
      const isStale = this.random.random() < this.rates.stale;
      return this.#garbled(isStale ? before : now, i);
    });
    const keys = texts.map((sentences, i) => keyOf(observations.mission(i), sentences));
    return this.#last = {
      envs,
      tensors: observations.tensors,
      ...observations.legal && { legal: observations.legal },
      mission: (i) => observations.mission(i),
      text: (i) => texts[i]!,
      key: (i) => keys[i]!,
    };
  }

  save(): StageState {
    return { json: this.#before };
  }

  load({ json }: StageState): void {
    this.#before = json as Texts;
  }

  /** The step before was in environments of another run. */
  forget(): void {
    this.#before = [];
  }

  /** Sentences of environment i, each kept, lost, or another environment's. */
  #garbled(texts: Texts, i: number): readonly string[] {
    const { missing, wrong } = this.rates;
    return texts[i]!.flatMap((sentence) => {
      const [isLost, isWrong] = [this.random.random() < missing, this.random.random() < wrong];
      if (isLost) return [];
      return isWrong ? this.#another(texts, i) : [sentence];
    });
  }

  /** A sentence of another environment, if there is one. */
  #another(texts: Texts, i: number): readonly string[] {
    const others = texts.filter((sentences, other) => other !== i && sentences.length > 0);
    return others.length === 0 ? [] : [this.random.choice(this.random.choice(others))];
  }
}

const encoder = new TextEncoder();

function keyOf(mission: string, sentences: readonly string[]): number {
  return hashOf([encoder.encode(JSON.stringify([mission, ...sentences]))]);
}
