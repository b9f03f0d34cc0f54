/** Largest sizes that a model's configuration may give: beyond any model's, and within any memory's reach. */
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";

const LAYERS = 1024;
const WIDTH = 2 ** 17;
const HEADS = 4096;
const POSITIONS = 2 ** 31;

/** By the names that configurations have for them; the least is 1. */
const LARGEST: Readonly<Record<string, number>> = {
  vocab_size: 2 ** 23,
  ...named(LAYERS, "num_layers", "num_decoder_layers", "num_hidden_layers", "n_layer"),
  ...named(LAYERS, "encoder_layers", "decoder_layers"),
  ...named(WIDTH, "d_model", "hidden_size", "n_embd", "d_kv", "head_dim"),
  ...named(8 * WIDTH, "d_ff", "intermediate_size", "n_inner"),
  ...named(HEADS, "num_heads", "num_attention_heads", "n_head", "num_key_value_heads"),
  relative_attention_num_buckets: 2 ** 16,
  ...named(POSITIONS, "relative_attention_max_distance", "max_position_embeddings"),
  ...named(POSITIONS, "n_positions", "n_ctx"),
};

function named(largest: number, ...names: string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, largest]));
}

/**
 * The first of some sizes that a configuration gives, or undefined.
 *
 * @param file Named in errors.
 * @throws TandemError E_MODEL where it is no whole number, or too large.
 */
export function sizeIn(
  config: Readonly<Record<string, unknown>>,
  file: string,
  ...keys: string[]
): number | undefined {
  for (const key of keys) {
    const value = config[key];
    if (value === undefined || value === null) continue;
    const largest = LARGEST[key]!;
    if (Number.isSafeInteger(value) && value as number > 0 && value as number <= largest) {
      return value as number;
    }
    throw refused(file, key, value, `a positive whole number is needed, at most ${largest}`);
  }
  return undefined;
}

/** Checks every size that a configuration gives, used or not. @throws TandemError E_MODEL. */
export function checkSizes(config: Readonly<Record<string, unknown>>, file: string): void {
  for (const key of Object.keys(LARGEST)) sizeIn(config, file, key);
}

/** Most ids that end a text: a beam search keeps that many times its beams. */
const MOST_ENDS = 256;

/**
 * Token ids: configurations have a number, a list, null, or -1 for none.
 *
 * @throws TandemError E_MODEL where they are anything else.
 */
export function idsIn(
  config: Readonly<Record<string, unknown>>,
  file: string,
  key: string,
): number[] {
  const value = config[key];
  const list: unknown[] = Array.isArray(value) ? value : [value ?? -1];
  if (
    list.length <= MOST_ENDS && list.every((id) => Number.isSafeInteger(id) && id as number >= -1)
  ) {
    return (list as number[]).filter((id) => id >= 0);
  }
  throw refused(file, key, value, `an id, null or a list of at most ${MOST_ENDS} ids is needed`);
}

/** @throws TandemError E_MODEL, always. */
export function refused(file: string, key: string, value: unknown, right: string): TandemError {
  const shown = outsideText(typeof value === "string" ? value : shownValue(value), { max: 60 });
  return new TandemError("E_MODEL", `The file "${file}" says ${key} is "${shown}"; ${right}.`);
}

/** JSON has no word for the numbers that are none. */
function shownValue(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value) ?? "nothing";
}
