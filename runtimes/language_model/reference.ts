/** reference.json: what another program computed with a model, to hold this runtime to. */
import { join } from "node:path";
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { parsePythonJson } from "../files/python_json.ts";
import { readTextFile } from "../files/read.ts";

/** Bytes of a reference.json that is read. */
const MOST_BYTES = 2 ** 26;

const numbers = v.array(v.number());
const candidate = v.object({
  text: v.string(),
  ids: numbers,
  tokenLogprobs: numbers,
  sum: v.optional(v.number()),
  mean: v.optional(v.number()),
});
const prompt = v.object({
  text: v.string(),
  ids: numbers,
  encoderMeanAbs: v.optional(v.number()),
  encoderFirst8: v.optional(numbers),
  firstLogits: v.optional(numbers),
  lastLogits16: v.optional(numbers),
  greedy: v.optional(numbers),
  greedyText: v.optional(v.string()),
  beam3: v.optional(numbers),
  candidates: v.optional(v.array(candidate), []),
});
const reference = v.object({
  /** Who computed it; transformers where it does not say so. */
  madeBy: v.optional(v.string(), "transformers"),
  prompts: v.pipe(v.array(prompt), v.minLength(1)),
});

/** What a file holds. */
export type Reference = v.InferOutput<typeof reference>;

/** One prompt with everything that was computed of it. */
export type ReferencePrompt = v.InferOutput<typeof prompt>;

/** The prompts of {@linkcode readReferenceFile}. */
export async function readReference(dir: string): Promise<readonly ReferencePrompt[]> {
  return (await readReferenceFile(dir)).prompts;
}

/** Reads reference.json of a model folder. @throws TandemError E_FILE where it is missing or malformed. */
export async function readReferenceFile(dir: string): Promise<Reference> {
  const file = join(dir, "reference.json");
  let value: unknown;
  try {
    value = parsePythonJson(await readTextFile(file, MOST_BYTES));
  } catch (cause) {
    throw new TandemError(
      "E_FILE",
      `The file "${file}" is missing or is not JSON; a check needs the values that another program, such as transformers, gives.`,
      { cause },
    );
  }
  const parsed = v.safeParse(reference, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = issue.path?.map(({ key }) => key).join(".") ?? "";
  throw new TandemError(
    "E_FILE",
    `The file "${file}" is malformed at "${outsideText(path)}": ${outsideText(issue.message)}.`,
  );
}
