/** One option of a space: what it may be, read off a Valibot schema, and how it lies between 0 and 1. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";

/** What an option may be set to: a text is read as `--set` reads it. */
export type OptionValue = string | number | boolean | null;

/** A number between two ends, both of which may be taken. */
export interface NumberDimension {
  /** What `--set` calls it, such as "student.learningRate". */
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Whether it is tried on a logarithmic scale. */
  readonly log: boolean;
  /** Whether it is a whole number. */
  readonly whole: boolean;
}

/** One of several values, which have no order. */
export interface ChoiceDimension {
  /** What `--set` calls it, such as "student.activation". */
  readonly name: string;
  readonly choices: readonly OptionValue[];
}

/** An option that is tuned. */
export type Dimension = NumberDimension | ChoiceDimension;

/** More choices than these are no choice. */
const MOST_CHOICES = 1000;
/** Digits of a number that is tried: more are noise, and make commands long. */
const DIGITS = 4;

/**
 * The dimension that a schema describes: a number with two ends (`between`, `logBetween`, `whole`, or
 * `v.pipe(v.number(), v.minValue(a), v.maxValue(b))`), a picklist, a boolean, a literal or a union of
 * literals. `v.metadata({ scale: "log" })` makes the scale logarithmic.
 *
 * @throws {TandemError} E_ARGUMENT for any other schema.
 * @example
 * ```ts
 * import { dimensionOf } from "./dimension.ts";
 * import * as v from "valibot";
 * import assert from "node:assert/strict";
 * assert.deepEqual(dimensionOf("student.hidden", v.picklist([16, 64])),
 *   { name: "student.hidden", choices: [16, 64] });
 * ```
 */
export function dimensionOf(name: string, schema: unknown): Dimension {
  const choices = choicesOf(schema);
  if (choices) {
    const isFit = choices.length > 0 && choices.length <= MOST_CHOICES && choices.every(isValue);
    if (isFit) return { name, choices: [...new Set(choices)] as OptionValue[] };
    throw wrong(
      name,
      `must have from 1 to ${MOST_CHOICES} choices, each a text, a number or a boolean`,
    );
  }
  if (!isSchema(schema) || schema.type !== "number") {
    throw wrong(
      name,
      'is no schema that can be tried; right would be between(0, 1) or v.picklist(["a", "b"])',
    );
  }
  return numberDimension(name, schema);
}

function numberDimension(name: string, schema: Schema): NumberDimension {
  const actions = actionsOf(schema);
  const end = (type: string) => {
    const found = actions.filter((action) => action.type === type).map(({ requirement }) =>
      requirement
    );
    return found.filter((value) => typeof value === "number");
  };
  const [low, high] = [Math.max(...end("min_value")), Math.min(...end("max_value"))];
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw wrong(name, "must have two ends, the lower first, such as between(0.1, 0.9)");
  }
  const log = v.getMetadata(schema as v.GenericSchema).scale === "log";
  if (log && low <= 0) throw wrong(name, `begins at "${low}", and a logarithmic scale above 0`);
  const whole = actions.some(({ type }) => type === "integer" || type === "safe_integer");
  return { name, low, high, log, whole };
}

/** How many values a dimension has; Infinity for a number that is not whole. */
export function sizeOf(dimension: Dimension): number {
  if ("choices" in dimension) return dimension.choices.length;
  const { low, high, whole } = dimension;
  if (low === high) return 1;
  return whole ? Math.floor(high) - Math.ceil(low) + 1 : Infinity;
}

/**
 * The value at a place of a dimension.
 *
 * @param place 0 to 1; of choices each has an equal part.
 */
export function valueAt(dimension: Dimension, place: number): OptionValue {
  const count = sizeOf(dimension);
  if ("choices" in dimension) return dimension.choices[partOf(place, count)]!;
  const { low, high, log, whole } = dimension;
  if (whole && !log) return Math.ceil(low) + partOf(place, count);
  const value = log ? low * (high / low) ** place : low + (high - low) * place;
  const short = whole ? Math.round(value) : Number(value.toPrecision(DIGITS));
  return Math.min(high, Math.max(low, short));
}

/** The place of a value, 0 to 1: of choices and whole numbers the middle of its part. */
export function placeOf(dimension: Dimension, value: OptionValue): number {
  const count = sizeOf(dimension);
  if ("choices" in dimension) return (dimension.choices.indexOf(value) + 0.5) / count;
  const { low, high, log, whole } = dimension;
  if (low === high) return 0.5;
  if (whole && !log) return (Number(value) - Math.ceil(low) + 0.5) / count;
  const place = log
    ? Math.log(Number(value) / low) / Math.log(high / low)
    : (Number(value) - low) / (high - low);
  return Math.min(1, Math.max(0, place));
}

function partOf(place: number, count: number): number {
  return Math.min(count - 1, Math.floor(place * count));
}

/** A schema of Valibot's, as far as it is looked into. */
interface Schema {
  readonly type: string;
  readonly pipe?: readonly Schema[];
  readonly wrapped?: unknown;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly requirement?: unknown;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "type" in value && "kind" in value;
}

/** The actions of a pipe, those of pipes within it too. */
function actionsOf(schema: Schema): Schema[] {
  return (schema.pipe ?? []).flatMap((part) =>
    part !== schema && part.pipe ? actionsOf(part) : [part]
  );
}

/** What a schema lets one choose from; undefined where it is no choice. */
function choicesOf(schema: unknown): readonly unknown[] | undefined {
  if (!isSchema(schema)) return undefined;
  if (schema.wrapped) return choicesOf(schema.wrapped);
  switch (schema.type) {
    case "boolean":
      return [false, true];
    case "null":
      return [null];
    case "literal":
      return [schema.literal];
    case "picklist":
    case "enum":
      return schema.options;
    case "union": {
      const parts = (schema.options ?? []).map(choicesOf);
      return parts.includes(undefined) ? undefined : parts.flatMap((part) => part!);
    }
  }
  return undefined;
}

function isValue(value: unknown): value is OptionValue {
  return value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
}

function wrong(name: string, what: string): TandemError {
  return new TandemError("E_ARGUMENT", `The space's "${name}" ${what}.`);
}
