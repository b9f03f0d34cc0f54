/** Values that cross between stages, kept beyond their time: as JSON in a checkpoint and back. */
import { pack, type Packed, unpack } from "./packing.ts";
import { expectGuidance, expectLength, expectTensor } from "./shapes.ts";
import { mapTensors } from "./tensors.ts";
import type {
  EnvSpec,
  Feedback,
  Guidance,
  Moment,
  Observations,
  Rollout,
  Teacher,
  Tensor,
  Tensors,
  Verdicts,
} from "../stages/mod.ts";
import { sizeOf } from "../stages/mod.ts";

/** JSON of a kept value, as the function beside it makes it. */
type Kept<F extends (value: never) => unknown> = ReturnType<F>;

/** How a teacher knows its own words again. */
export type Recaller = Pick<Teacher, "candidates" | "recall">;

// ----------------------------------------------------------------------------------- tensors

const PACKED = { float32: "f32", int32: "i32", uint8: "u8" } as const;

type PackedTensors = Readonly<Record<string, Packed<"f32"> | Packed<"i32"> | Packed<"u8">>>;

/** What there was before observations had names: all of one tensor of bytes. */
type OldTensors = Packed<"u8">;

function keepTensors(tensors: Tensors): PackedTensors {
  return mapTensors(tensors, ({ dtype, data }) => pack(PACKED[dtype], data as never));
}

/**
 * The tensors that were kept.
 *
 * @param like Spaces or tensors of the same names. @param lead What stands before their own shapes.
 * @throws {TandemError} E_SHAPE where they are not those of the env.
 */
function tensorsFrom(
  kept: PackedTensors | OldTensors,
  like: Readonly<Record<string, Pick<Tensor, "dtype" | "shape">>>,
  lead: readonly number[] = [],
): Tensors {
  const [sole] = Object.keys(like);
  const packed = typeof kept.u8 === "string" ? { [sole!]: kept as OldTensors } : kept;
  return mapTensors(like, ({ dtype, ...own }, name) => {
    const bytes = (packed as PackedTensors)[name];
    const shape = [...lead, ...own.shape];
    const data = bytes && PACKED[dtype] in bytes
      ? unpack(PACKED[dtype], bytes as never)
      : undefined;
    const tensor = data && { dtype, shape, place: "host", data } as Tensor;
    return expectTensor(name, tensor, dtype, sizeOf(shape));
  });
}

// ------------------------------------------------------------------------------ observations

export type KeptObservations = Kept<typeof keepObservations>;

/** Observations, in their words too: they outlive the step that they are a view of. */
export function keepObservations(observations: Observations) {
  const { envs, tensors, legal } = observations;
  const all = <T>(of: (i: number) => T) => Array.from({ length: envs }, (_, i) => of(i));
  return {
    data: keepTensors(tensors) as PackedTensors | OldTensors,
    legal: legal && pack("u8", legal),
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
  { data, legal, missions, texts, keys }: KeptObservations,
  like: Observations,
): Observations {
  const { envs } = like;
  const tensors = tensorsFrom(data, like.tensors);
  for (const words of [missions, texts, keys]) expectLength("env", "observations", words, envs);
  return {
    envs,
    tensors,
    ...legal && { legal: unpack("u8", legal) },
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
  legal: "u8",
  keys: "f64",
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
  Exclude<keyof Rollout, "steps" | "envs" | "observations" | "missions" | "guidance" | "actions">,
  string
>;

type Column = keyof typeof COLUMNS;

export type KeptRollout = Kept<typeof keepRollout>;

/** A rollout with its guidance. */
export function keepRollout(rollout: Rollout) {
  const { steps, envs, missions, guidance, observations, actions } = rollout;
  const columns = (Object.keys(COLUMNS) as Column[])
    .filter((name) => rollout[name] !== undefined)
    .map((name) => [name, pack(COLUMNS[name], rollout[name] as never)]);
  return {
    steps,
    envs,
    missions: [...missions],
    guidance: guidance.map(keepGuidance),
    observations: keepTensors(observations) as PackedTensors | undefined,
    columns: {
      actions: actions instanceof Int32Array ? pack("i32", actions) : pack("f32", actions),
      ...Object.fromEntries(columns) as Readonly<Record<Column, never>>,
      /** Where they stood before they had names. */
      observations: undefined as OldTensors | undefined,
    },
  };
}

/** The rollout that was kept. */
export function rolloutFrom(
  { steps, envs, missions, guidance, observations, columns }: KeptRollout,
  teacher: Recaller,
  spec: EnvSpec,
): Rollout {
  const { actions, observations: old, ...rest } = columns;
  const arrays = Object.entries(rest)
    .map(([name, packed]) => [name, unpack(COLUMNS[name as Column], packed)]);
  expectLength("env", "missions", missions, steps * envs);
  expectLength("teacher", "guidance", guidance, steps);
  for (const [name, array] of arrays) {
    const isWide = name === "legal" || name === "memory";
    if (!isWide) expectLength("student", String(name), array as Float32Array, steps * envs);
  }
  return {
    steps,
    envs,
    missions,
    guidance: guidance.map((kept) => expectGuidance(guidanceFrom(kept, teacher), envs)),
    observations: tensorsFrom(observations ?? old!, spec.observation, [steps, envs]),
    actions: "i32" in actions ? unpack("i32", actions) : unpack("f32", actions),
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
export function feedbackFrom(
  { rollout, verdicts }: KeptFeedback,
  teacher: Recaller,
  spec: EnvSpec,
): Feedback {
  return {
    rollout: rolloutFrom(rollout, teacher, spec),
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
export function momentFrom(kept: KeptMoment, teacher: Recaller, spec: EnvSpec): Moment {
  return {
    advantages: unpack("f32", kept.advantages),
    frozenAdvantages: kept.frozenAdvantages && unpack("f32", kept.frozenAdvantages),
    effects: kept.effects && unpack("f32", kept.effects),
    firsts: unpack("u8", kept.firsts),
    rollout: rolloutFrom(kept.rollout, teacher, spec),
    step: kept.step,
  };
}
