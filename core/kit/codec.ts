/** Values that cross between stages, kept beyond their time: as JSON in a checkpoint and back. */
import { pack, unpack } from "./packing.ts";
import { expectGuidance, expectLength } from "./shapes.ts";
import type {
  Feedback,
  Guidance,
  Moment,
  Observations,
  Rollout,
  Teacher,
  Verdicts,
} from "../stages/mod.ts";

/** JSON of a kept value, as the function beside it makes it. */
type Kept<F extends (value: never) => unknown> = ReturnType<F>;

/** How a teacher knows its own words again. */
export type Recaller = Pick<Teacher, "candidates" | "recall">;

// ------------------------------------------------------------------------------ observations

export type KeptObservations = Kept<typeof keepObservations>;

/** Observations, in their words too: they outlive the step that they are a view of. */
export function keepObservations(observations: Observations) {
  const { envs, data } = observations;
  const all = <T>(of: (i: number) => T) => Array.from({ length: envs }, (_, i) => of(i));
  return {
    data: pack("u8", data),
    missions: all((i) => observations.mission(i)),
    texts: all((i) => observations.text(i)),
    keys: all((i) => observations.key(i)),
  };
}

/**
 * The observations that were kept.
 *
 * @param like Observations of the same envs.
 * @throws {TandemError} E_SHAPE where they are of others.
 */
export function observationsFrom(
  { data, missions, texts, keys }: KeptObservations,
  like: Observations,
): Observations {
  const { envs } = like;
  const entries = unpack("u8", data);
  expectLength("env", "observations", entries, like.data.length);
  for (const words of [missions, texts, keys]) expectLength("env", "observations", words, envs);
  return {
    envs,
    data: entries,
    mission: (i) => missions[i]!,
    text: (i) => texts[i]!,
    key: (i) => keys[i]!,
  };
}

// ---------------------------------------------------------------------------------- guidance

export type KeptGuidance = Kept<typeof keepGuidance>;

/** Guidance with all that stages may ask of it. */
export function keepGuidance(guidance: Guidance) {
  const { envs, choices, distribution, logProbs } = guidance;
  const all = <T>(of: (i: number) => T) => Array.from({ length: envs }, (_, i) => of(i));
  return {
    choices: pack("i32", choices),
    distribution: pack("f32", distribution),
    logProbs: pack("f32", logProbs),
    texts: all((i) => guidance.text(i)),
    tokens: all((i) => Array.from(guidance.tokens(i))),
    authors: guidance.author ? all((i) => guidance.author!(i)) : null,
    memo: guidance.memo?.() ?? null,
  };
}

/** The guidance that was kept, as the teacher knows it again. */
export function guidanceFrom(kept: KeptGuidance, teacher: Recaller): Guidance {
  const { texts, tokens, authors, memo } = kept;
  const choices = unpack("i32", kept.choices);
  const guidance: Guidance = {
    envs: choices.length,
    candidates: teacher.candidates,
    choices,
    distribution: unpack("f32", kept.distribution),
    logProbs: unpack("f32", kept.logProbs),
    text: (i) => texts[i]!,
    tokens: (i) => tokens[i]!,
    ...(authors && { author: (i: number) => authors[i]! }),
  };
  expectGuidance(guidance, choices.length);
  return memo === null ? guidance : teacher.recall?.(guidance, memo) ?? guidance;
}

// ----------------------------------------------------------------------------------- rollout

/** The columns of a rollout by the type of their numbers; a new one does not compile unless named. */
const COLUMNS = {
  observations: "u8",
  keys: "f64",
  actions: "i32",
  logProbs: "f32",
  targetLogProbs: "f32",
  qValues: "f32",
  values: "f32",
  nextValues: "f32",
  rewards: "f32",
  envRewards: "f32",
  terminated: "u8",
  truncated: "u8",
  firsts: "u8",
  memory: "f32",
  oracleRight: "u8",
} as const satisfies Record<
  Exclude<keyof Rollout, "steps" | "envs" | "missions" | "guidance">,
  string
>;

type Column = keyof typeof COLUMNS;

export type KeptRollout = Kept<typeof keepRollout>;

/** A rollout with its guidance. */
export function keepRollout(rollout: Rollout) {
  const { steps, envs, missions, guidance } = rollout;
  const columns = (Object.keys(COLUMNS) as Column[])
    .filter((name) => rollout[name] !== undefined)
    .map((name) => [name, pack(COLUMNS[name], rollout[name] as never)]);
  return {
    steps,
    envs,
    missions: [...missions],
    guidance: guidance.map(keepGuidance),
    columns: Object.fromEntries(columns) as Readonly<Record<Column, never>>,
  };
}

/** The rollout that was kept. */
export function rolloutFrom(
  { steps, envs, missions, guidance, columns }: KeptRollout,
  teacher: Recaller,
): Rollout {
  const arrays = Object.entries(columns)
    .map(([name, packed]) => [name, unpack(COLUMNS[name as Column], packed)]);
  expectLength("env", "missions", missions, steps * envs);
  expectLength("teacher", "guidance", guidance, steps);
  for (const [name, array] of arrays) {
    const isWide = name === "observations" || name === "memory";
    if (!isWide) expectLength("student", String(name), array as Float32Array, steps * envs);
  }
  return {
    steps,
    envs,
    missions,
    guidance: guidance.map((kept) => expectGuidance(guidanceFrom(kept, teacher), envs)),
    ...Object.fromEntries(arrays) as Record<Column, never>,
  };
}

// ----------------------------------------------------------------------- verdicts and moments

export type KeptFeedback = Kept<typeof keepFeedback>;

/** Feedback under way, with the words of its verdicts. */
export function keepFeedback({ rollout, verdicts }: Feedback) {
  return {
    rollout: keepRollout(rollout),
    verdicts: verdicts.map(({ signs, strengths, words, comparesWithBefore }) => ({
      signs: pack("i8", signs),
      strengths: pack("f32", strengths),
      words: Array.from(signs, (_, i) => words(i)),
      comparesWithBefore,
    })),
  };
}

/** The feedback that was kept. */
export function feedbackFrom({ rollout, verdicts }: KeptFeedback, teacher: Recaller): Feedback {
  return {
    rollout: rolloutFrom(rollout, teacher),
    verdicts: verdicts.map(({ signs, strengths, words, comparesWithBefore }): Verdicts => ({
      signs: unpack("i8", signs),
      strengths: unpack("f32", strengths),
      words: (i) => words[i]!,
      comparesWithBefore,
    })),
  };
}

export type KeptMoment = Kept<typeof keepMoment>;

/** A moment with the rollout of its step. */
export function keepMoment({ advantages, frozenAdvantages, effects, firsts, ...rest }: Moment) {
  return {
    advantages: pack("f32", advantages),
    frozenAdvantages: frozenAdvantages && pack("f32", frozenAdvantages),
    effects: effects && pack("f32", effects),
    firsts: pack("u8", firsts),
    rollout: keepRollout(rest.rollout),
    step: rest.step,
  };
}

/** The moment that was kept. */
export function momentFrom(kept: KeptMoment, teacher: Recaller): Moment {
  return {
    advantages: unpack("f32", kept.advantages),
    frozenAdvantages: kept.frozenAdvantages && unpack("f32", kept.frozenAdvantages),
    effects: kept.effects && unpack("f32", kept.effects),
    firsts: unpack("u8", kept.firsts),
    rollout: rolloutFrom(kept.rollout, teacher),
    step: kept.step,
  };
}
