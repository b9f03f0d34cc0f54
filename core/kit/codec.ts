/** Values that cross between stages as JSON, for checkpoints, and back. */
import { pack, type Packed, unpack } from "./packing.ts";
import { expectGuidance, expectLength, expectTensor } from "./shapes.ts";
import { mapTensors } from "./tensors.ts";
import {
  type EnvSpec,
  type Feedback,
  type Guidance,
  type JudgedStep,
  type Observations,
  type Rollout,
  sizeOf,
  type Tensor,
  type Tensors,
  type Verdicts,
} from "../stages/mod.ts";

// ----------------------------------------------------------------------------------- tensors

const PACKED = { float32: "f32", int32: "i32", uint8: "u8" } as const;

type PackedTensors = Readonly<Record<string, Packed<"f32"> | Packed<"i32"> | Packed<"u8">>>;

/** What there was before observations had names: all of one tensor of bytes. */
type OldTensors = Packed<"u8">;

function encodeTensors(tensors: Tensors): PackedTensors {
  return mapTensors(tensors, ({ dtype, data }) => pack(PACKED[dtype], data as never));
}

/**
 * The tensors that were encoded.
 *
 * @param like Spaces or tensors of the same names. @param lead What stands before their own shapes.
 * @throws {TandemError} E_SHAPE where they are not those of the env.
 */
function decodeTensors(
  encoded: PackedTensors | OldTensors,
  like: Readonly<Record<string, Pick<Tensor, "dtype" | "shape">>>,
  lead: readonly number[] = [],
): Tensors {
  const [sole] = Object.keys(like);
  const packed = typeof encoded.u8 === "string" ? { [sole!]: encoded as OldTensors } : encoded;
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

export type EncodedObservations = ReturnType<typeof encodeObservations>;

/** Observations, in their words too: they outlive the step that they are a view of. */
export function encodeObservations(observations: Observations) {
  const { envs, tensors, legal } = observations;
  const all = <T>(of: (i: number) => T) => Array.from({ length: envs }, (_, i) => of(i));
  return {
    data: encodeTensors(tensors) as PackedTensors | OldTensors,
    legal: legal && pack("u8", legal),
    missions: all((i) => observations.mission(i)),
    texts: all((i) => observations.text(i)),
    keys: all((i) => observations.key(i)),
  };
}

/**
 * The observations that were encoded.
 *
 * @param like Observations of the same envs.
 * @throws {TandemError} E_SHAPE where they are of others.
 */
export function decodeObservations(
  { data, legal, missions, texts, keys }: EncodedObservations,
  like: Observations,
): Observations {
  const { envs } = like;
  const tensors = decodeTensors(data, like.tensors);
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

/** Guidance as JSON; its candidates are its teacher's. */
export interface EncodedGuidance extends Pick<Guidance, "texts" | "tokens" | "note"> {
  /** [N] int32. */
  readonly choices: Packed<"i32">;
  /** [N, K] float32. */
  readonly distribution: Packed<"f32">;
  /** [N] float32. */
  readonly logProbs: Packed<"f32">;
  /** null in checkpoints of before, where nobody was named. */
  readonly authors?: Guidance["authors"] | null;
  /** The note as checkpoints of before have it; null where there was none. */
  readonly memo?: unknown;
}

/** Guidance with all its columns. */
export function encodeGuidance(guidance: Guidance): EncodedGuidance {
  const { choices, distribution, logProbs, texts, tokens, authors, note } = guidance;
  return {
    choices: pack("i32", choices),
    distribution: pack("f32", distribution),
    logProbs: pack("f32", logProbs),
    ...texts && { texts },
    ...tokens && { tokens },
    ...authors && { authors },
    ...note !== undefined && { note },
  };
}

/**
 * The guidance that was encoded.
 *
 * @param candidates Its teacher's.
 * @throws {TandemError} E_SHAPE where a column is not as long as the others.
 */
export function decodeGuidance(
  encoded: EncodedGuidance,
  candidates: readonly string[],
): Guidance {
  const { texts, tokens, authors, memo, note = memo ?? undefined } = encoded;
  const choices = unpack("i32", encoded.choices);
  const guidance: Guidance = {
    ...{ envs: choices.length, candidates, choices },
    distribution: unpack("f32", encoded.distribution),
    logProbs: unpack("f32", encoded.logProbs),
    ...texts && { texts },
    ...tokens && { tokens },
    ...authors && { authors },
    ...note !== undefined && { note },
  };
  return expectGuidance(guidance, choices.length);
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
  returns: "f32",
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

export type EncodedRollout = ReturnType<typeof encodeRollout>;

/** A rollout with its guidance. */
export function encodeRollout(rollout: Rollout) {
  const { steps, envs, missions, guidance, observations, actions } = rollout;
  const columns = (Object.keys(COLUMNS) as Column[])
    .filter((name) => rollout[name] !== undefined)
    .map((name) => [name, pack(COLUMNS[name], rollout[name] as never)]);
  return {
    steps,
    envs,
    missions: [...missions],
    guidance: guidance.map(encodeGuidance),
    observations: encodeTensors(observations) as PackedTensors | undefined,
    columns: {
      actions: actions instanceof Int32Array ? pack("i32", actions) : pack("f32", actions),
      ...Object.fromEntries(columns) as Readonly<Record<Column, never>>,
      /** Where they stood before they had names. */
      observations: undefined as OldTensors | undefined,
    },
  };
}

/** The rollout that was encoded. */
export function decodeRollout(
  { steps, envs, missions, guidance, observations, columns }: EncodedRollout,
  candidates: readonly string[],
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
    guidance: guidance.map((row) => expectGuidance(decodeGuidance(row, candidates), envs)),
    observations: decodeTensors(observations ?? old!, spec.observation, [steps, envs]),
    actions: "i32" in actions ? unpack("i32", actions) : unpack("f32", actions),
    ...Object.fromEntries(arrays) as Record<Column, never>,
  };
}

// ----------------------------------------------------------------------- verdicts and judged steps

export type EncodedFeedback = ReturnType<typeof encodeFeedback>;

/** Feedback under way, with the words of its verdicts. */
export function encodeFeedback({ rollout, verdicts, past }: Feedback) {
  return {
    rollout: encodeRollout(rollout),
    verdicts: verdicts.map(({ signs, strengths, words, comparesWithBefore, right, missions }) => ({
      signs: pack("i8", signs),
      strengths: pack("f32", strengths),
      words: Array.from(signs, (_, i) => words(i)),
      comparesWithBefore,
      ...right && { right: right.map((each) => each ?? null) },
      ...missions && { missions: missions.map((each) => each ?? null) },
    })),
    ...past && { past },
  };
}

/** The feedback that was encoded. */
export function decodeFeedback(
  { rollout, verdicts, past }: EncodedFeedback,
  candidates: readonly string[],
  spec: EnvSpec,
): Feedback {
  return {
    rollout: decodeRollout(rollout, candidates, spec),
    verdicts: verdicts.map((
      { signs, strengths, words, comparesWithBefore, right, missions },
    ): Verdicts => ({
      signs: unpack("i8", signs),
      strengths: unpack("f32", strengths),
      words: (i) => words[i]!,
      comparesWithBefore,
      ...right && { right: right.map((each) => each ?? undefined) },
      ...missions && { missions: missions.map((each) => each ?? undefined) },
    })),
    ...past && { past },
  };
}

export type EncodedJudgedStep = ReturnType<typeof encodeJudgedStep>;

/** A judged step with its rollout. */
export function encodeJudgedStep(
  { advantages, frozenAdvantages, effects, firsts, achieved, ...rest }: JudgedStep,
) {
  return {
    advantages: pack("f32", advantages),
    frozenAdvantages: frozenAdvantages && pack("f32", frozenAdvantages),
    effects: effects && pack("f32", effects),
    firsts: pack("u8", firsts),
    ...achieved && { achieved: Array.from(firsts, (_, i) => achieved(i)) },
    rollout: encodeRollout(rest.rollout),
    step: rest.step,
  };
}

/** The judged step that was encoded. */
export function decodeJudgedStep(
  encoded: EncodedJudgedStep,
  candidates: readonly string[],
  spec: EnvSpec,
): JudgedStep {
  const { achieved } = encoded;
  return {
    advantages: unpack("f32", encoded.advantages),
    frozenAdvantages: encoded.frozenAdvantages && unpack("f32", encoded.frozenAdvantages),
    effects: encoded.effects && unpack("f32", encoded.effects),
    firsts: unpack("u8", encoded.firsts),
    ...achieved && { achieved: (i: number) => achieved[i]! },
    rollout: decodeRollout(encoded.rollout, candidates, spec),
    step: encoded.step,
  };
}
