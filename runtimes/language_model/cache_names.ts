/** Which outputs of a decoder's graphs are kept for the next step, and under which inputs it takes them. */
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import type { OnnxSession, OnnxSpec } from "../onnx/onnx.ts";

/** Keys and values of attention grow with the text; states of convolutions and recurrences do not. */
type Kind = "keys and values" | "state";

const IS_PAST = /^past(?:_key_values)?[._]/;
const IS_FLOAT = /^float/;
const IS_KEY_OR_VALUE = /\bkeys?\b|\bvalues?\b/;

/** What an input keeps of the steps before, or undefined where it keeps nothing. */
export function cacheKind(name: string, { type, dims }: OnnxSpec): Kind | undefined {
  if (!IS_PAST.test(name) || !IS_FLOAT.test(type)) return undefined;
  const named = name.replace(IS_PAST, "");
  return IS_KEY_OR_VALUE.test(named) || dims.length === 4 && typeof dims[2] === "string"
    ? "keys and values"
    : "state";
}

/** The names of a decoder's cache. */
export interface CacheNames {
  /** The input of the next step by the output that it takes. */
  readonly inputOf: ReadonlyMap<string, string>;
  /** Whether some of it has no length: what was padding would stay in it. */
  readonly hasStates: boolean;
}

/**
 * The cache that `next` continues from: "present.X", "present_key_values.X" or "present_X" becomes
 * "past_key_values.X", "past.X" or "past_X", whatever X is.
 *
 * @throws TandemError E_MODEL where an input is given by no output: it would stay empty, unsaid.
 */
export function cacheNames(first: OnnxSession, next: OnnxSession | undefined): CacheNames {
  const inputOf = new Map<string, string>();
  if (!next) return { inputOf, hasStates: false };
  const kinds = new Map([...next.inputs].map(([name, spec]) => [name, cacheKind(name, spec)]));
  for (const output of new Set([...first.outputs.keys(), ...next.outputs.keys()])) {
    const input = pastNames(output).find((name) => kinds.get(name));
    if (input !== undefined) inputOf.set(output, input);
  }
  const given = new Set(inputOf.values());
  const missing = [...kinds].find(([name, kind]) => kind && !given.has(name));
  if (missing) {
    throw new TandemError(
      "E_MODEL",
      `The model "${next.file}" takes "${outsideText(missing[0], { max: 100 })}" from the step ` +
        "before, which has no output of that name; its graphs do not belong together.",
    );
  }
  return { inputOf, hasStates: [...kinds.values()].includes("state") };
}

/** The names that an input may have which takes an output. */
function pastNames(output: string): string[] {
  const [whole, , joint = "", rest = ""] = /^(present)(?:_key_values)?([._])(.+)$/.exec(output) ??
    [];
  if (whole === undefined) return [];
  return [`past_key_values${joint}${rest}`, `past${joint}${rest}`];
}
