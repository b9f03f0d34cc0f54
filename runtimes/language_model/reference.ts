/** reference.json: what transformers computed with a model, to hold this runtime to. */
import { join } from "node:path";
import * as v from "valibot";
import { TandemError } from "../../core/errors.ts";

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
const reference = v.object({ prompts: v.pipe(v.array(prompt), v.minLength(1)) });

/** One prompt with everything that was computed of it. */
export type ReferencePrompt = v.InferOutput<typeof prompt>;

/** Reads reference.json of a model folder. @throws TandemError E_FILE where it is missing or malformed. */
export async function readReference(dir: string): Promise<readonly ReferencePrompt[]> {
  const file = join(dir, "reference.json");
  let value: unknown;
  try {
    value = JSON.parse(await Deno.readTextFile(file));
  } catch (cause) {
    throw new TandemError(
      "E_FILE",
      `The file "${file}" is missing or is not JSON; a check needs the values that transformers gives.`,
      { cause },
    );
  }
  const parsed = v.safeParse(reference, value);
  if (parsed.success) return parsed.output.prompts;
  const [issue] = parsed.issues;
  const path = issue.path?.map(({ key }) => key).join(".") ?? "";
  throw new TandemError(
    "E_FILE",
    `The file "${file}" is malformed at "${path}": ${issue.message}.`,
  );
}
