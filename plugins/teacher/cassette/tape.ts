import * as v from "valibot";
import {
  GRAINS,
  type Mode,
  type Observations,
  type StageState,
  type Stateful,
  TandemError,
} from "@tandem/core";
import { outsideText, parseJson, rowBytes } from "@tandem/core/internal";
import { builtin, readTextFile, systemReason } from "@tandem/runtimes/files";

/** Bytes of a recording that is read. */
const LONGEST = 2 ** 29;

const strings = v.array(v.string());
/** In single precision, one may be a little more than one. */
const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1.001));

/** The first line of a recording. */
export const HEADER = v.object({
  tandem: v.literal("cassette"),
  version: v.literal(1),
  /** The environment's id. */
  env: v.string(),
  grain: v.picklist(GRAINS),
  candidates: strings,
  /** Whether the recorded teacher asked the environment's expert. */
  oracle: v.boolean(),
});

/** A line of a recording: the answer to a content from the n-th asking on. */
export const ANSWER = v.object({
  /** What was asked; see {@linkcode contentOf}. */
  content: v.string(),
  /** How often it had been asked before. */
  n: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** The candidate suggested, or -1. */
  choice: v.pipe(v.number(), v.integer(), v.minValue(-1)),
  /** Probabilities of the candidates; single precision survives JSON exactly. */
  p: v.array(probability),
  /** The choice's log-probability; null is minus infinity. */
  logProb: v.nullable(v.pipe(v.number(), v.finite())),
  text: v.string(),
  tokens: v.array(v.pipe(v.number(), v.finite())),
  author: v.optional(v.string()),
});

export type Header = v.InferOutput<typeof HEADER>;
export type Answer = v.InferOutput<typeof ANSWER>;

/** A recording: the answers to each content, in the order of askings. */
export interface Tape {
  readonly header: Header;
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
}

/** What is asked in environment i, as a hash: observation, mission, and whether it is a measurement. */
export function contentOf(observations: Observations, i: number, mode: Mode): string {
  const { tensors, envs } = observations;
  const hash = builtin("node:crypto").createHash("sha256").update(
    `${mode}\n${observations.mission(i)}\n`,
  );
  return hash.update(rowBytes(tensors, envs, i)).digest("hex").slice(0, 32);
}

/** Counts askings by content. */
export class Askings implements Stateful {
  readonly #counts = new Map<string, number>();

  /** How often the content was asked before this time. */
  next(content: string): number {
    const n = this.#counts.get(content) ?? 0;
    this.#counts.set(content, n + 1);
    return n;
  }

  save(): StageState {
    return { json: [...this.#counts] };
  }

  load({ json }: StageState): void {
    this.#counts.clear();
    for (const [content, n] of json as [string, number][]) this.#counts.set(content, n);
  }
}

/**
 * Reads a recording. A last line without its end, as a crash leaves it, is passed over.
 *
 * @throws {TandemError} E_FILE where the file cannot be read or is no recording.
 */
export async function readTape(file: string): Promise<Tape> {
  let text: string;
  try {
    text = await readTextFile(file, LONGEST);
  } catch (cause) {
    const reason = outsideText(systemReason(cause)).replace(/\.$/, "");
    throw new TandemError(
      "E_FILE",
      `The cassette "${outsideText(file)}" cannot be read: ${reason}.`,
      { cause },
    );
  }
  const lines = text.split("\n").slice(0, -1);
  const header = parseLine(HEADER, lines[0] ?? "", file, 1);
  const answers = new Map<string, Answer[]>();
  for (const [index, line] of lines.slice(1).entries()) {
    const answer = parseLine(ANSWER, line, file, index + 2);
    const count = header.candidates.length;
    if (answer.p.length !== count || answer.choice >= count) {
      throw broken(file, index + 2, `it does not fit the ${count} candidates`);
    }
    const known = answers.get(answer.content);
    if (known) known.push(answer);
    else answers.set(answer.content, [answer]);
  }
  return { header, answers };
}

/** Whether a line is the first one of a recording. */
export function isHeader(line: string): boolean {
  try {
    return v.is(HEADER, parseJson(line));
  } catch {
    return false;
  }
}

function parseLine<S extends v.GenericSchema>(
  schema: S,
  line: string,
  file: string,
  number: number,
): v.InferOutput<S> {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch {
    throw broken(file, number, "it is no JSON");
  }
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw broken(file, number, parsed.issues[0].message);
}

function broken(file: string, line: number, reason: string): TandemError {
  return new TandemError("E_FILE", `The cassette "${file}" is broken at line ${line}: ${reason}.`);
}
