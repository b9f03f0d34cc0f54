/**
 * Reader of reference traces: JSON lines, gzipped or not, each what the original environment did
 * after one `reset(seed)`. Lines are read one by one, so a file of any length needs little memory.
 */

import * as v from "valibot";
import { TandemError } from "../../core/base/errors.ts";
import { expectFile } from "../../runtimes/files/read.ts";

/** The longest line read; a line of the largest level has about 20 kB. */
const MAX_LINE = 1 << 22;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Hex = v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/, "not hexadecimal digits"));
const Base64 = v.pipe(v.string(), v.base64("not base64"));
const Carrying = v.nullable(v.tuple([v.string(), v.string()]));
const pose = { agentPos: v.tuple([Count, Count]), agentDir: Count, carrying: Carrying };

const Episode = v.object({
  actions: v.pipe(v.string(), v.regex(/^[0-6]*$/, "not actions from 0 to 6")),
  obs8: Hex,
  reward: v.number(),
  terminated: v.boolean(),
  truncated: v.boolean(),
  digest: Hex,
  textDigest: Hex,
  end: v.object(pose),
});

const Next = v.object({
  mission: v.string(),
  maxSteps: Count,
  gridSha: Hex,
  obs8: Hex,
  ...pose,
});

const TraceLine = v.object({
  level: v.string(),
  seed: Count,
  width: Count,
  height: Count,
  maxSteps: Count,
  mission: v.string(),
  grid: Base64,
  image: Base64,
  direction: Count,
  ...pose,
  text: v.array(v.string()),
  random: Episode,
  next: v.array(Next),
  bot: v.union([Episode, v.object({ error: v.string() })], "neither an episode nor an error"),
});

/** Where the agent stands, where it faces, and what it carries as type and colour. */
export interface Pose {
  readonly agentPos: readonly [x: number, y: number];
  readonly agentDir: number;
  readonly carrying: readonly [type: string, color: string] | null;
}

/** One episode of given actions: `actions` has a digit a step, `obs8` eight hex digits a step. */
export interface EpisodeTrace {
  readonly actions: string;
  readonly obs8: string;
  /** The last step's reward. */
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly digest: string;
  readonly textDigest: string;
  readonly end: Pose;
}

/** The start of an episode that follows from the same generator. */
export interface NextTrace extends Pose {
  readonly mission: string;
  readonly maxSteps: number;
  readonly gridSha: string;
  readonly obs8: string;
}

/** One line of a trace file. `grid` and `image` are base64 of bytes. */
export interface Trace extends Pose {
  readonly level: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly maxSteps: number;
  readonly mission: string;
  readonly grid: string;
  readonly image: string;
  readonly direction: number;
  readonly text: readonly string[];
  readonly random: EpisodeTrace;
  readonly next: readonly NextTrace[];
  /** The expert's episode, or why the reference's expert gave none. */
  readonly bot: EpisodeTrace | { readonly error: string };
}

/**
 * The traces of a file, in order.
 *
 * @param file Path of JSON lines, plain or gzipped (told by the first two bytes, not by the name).
 * @throws TandemError E_FILE where the file cannot be opened; E_TRACE, with the line's number, where
 * it is cut off, not text, not JSON, or lacks a field.
 */
export async function* readTraces(file: string): AsyncGenerator<Trace> {
  let number = 0;
  for await (const line of readLines(file)) {
    number++;
    if (line !== "") yield parseTrace(line, `Line ${number} of "${file}"`);
  }
  if (number === 0) throw new TandemError("E_TRACE", `"${file}" is empty: it holds no trace.`);
}

/**
 * One trace from its JSON.
 *
 * @param line The JSON.
 * @param where How an error names the line, as its sentence's subject.
 */
export function parseTrace(line: string, where: string): Trace {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TandemError("E_TRACE", `${where} is not JSON: "${line.slice(0, 40)}".`);
  }
  const parsed = v.safeParse(TraceLine, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    const field = v.getDotPath(issue) ?? "the line";
    throw new TandemError("E_TRACE", `${where} is no trace: in "${field}", ${issue.message}.`);
  }
  checkEpisode(parsed.output.random, `${where}, "random"`);
  if (!("error" in parsed.output.bot)) checkEpisode(parsed.output.bot, `${where}, "bot"`);
  return parsed.output;
}

function checkEpisode({ actions, obs8 }: EpisodeTrace, where: string): void {
  if (obs8.length === 8 * actions.length) return;
  throw new TandemError(
    "E_TRACE",
    `${where} has ${actions.length} actions and ${obs8.length / 8} observations of 8 digits: ` +
      "there must be one for each.",
  );
}

async function* readLines(file: string): AsyncGenerator<string> {
  const { bytes, zipped } = await open(file);
  const plain = zipped ? bytes.pipeThrough(new DecompressionStream("gzip")) : bytes;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let lines = 0;
  try {
    for await (const chunk of plain) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop()!;
      for (const part of parts) {
        lines++;
        yield part;
      }
      if (rest.length > MAX_LINE) throw new TypeError(`longer than ${MAX_LINE} characters`);
    }
    rest += decoder.decode();
  } catch (error) {
    if (error instanceof TandemError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TandemError("E_TRACE", `Line ${lines + 1} of "${file}" cannot be read: ${reason}.`);
  }
  if (rest !== "") yield rest;
}

interface Opened {
  /** The file's bytes from its start; the stream closes the file. */
  readonly bytes: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly zipped: boolean;
}

async function open(file: string): Promise<Opened> {
  let handle: Deno.FsFile | undefined;
  try {
    expectFile(file, Infinity);
    handle = await Deno.open(file);
    const magic = new Uint8Array(2);
    await handle.read(magic);
    await handle.seek(0, Deno.SeekMode.Start);
    return { bytes: handle.readable, zipped: magic[0] === 0x1f && magic[1] === 0x8b };
  } catch (error) {
    handle?.close();
    throw new TandemError("E_FILE", `The trace file "${file}" cannot be read.`, { cause: error });
  }
}
