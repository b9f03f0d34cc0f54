/**
 * Options of a plugin: schema, type, defaults and unknown keys are one thing, a table of Valibot
 * schemas. A default stands in the schema and nowhere else.
 */
import * as v from "valibot";
import { shownAddress } from "../kit/address.ts";
import { didYouMean, TandemError } from "../base/errors.ts";
import { outsideText } from "../base/outside.ts";
import { MASK } from "../base/secrets.ts";

/** A table of option schemas; each is optional with a default, or required. */
export type OptionsSchema = Readonly<Record<string, v.GenericSchema>>;

/**
 * An object with whatever keys; all are kept. (Valibot's `record` drops "__proto__" and "constructor",
 * and nobody would be told.)
 */
export const anyObject: v.GenericSchema<Record<string, unknown>> = v.custom(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "Expected an object",
);

/**
 * The schema of an option that may be left out, with what help and pages say of it. White space within
 * the text is one space, so that it may go over several lines.
 *
 * @param text What it is, one sentence or several.
 * @param schema What it may be.
 * @param fallback Its default; undefined where there is none.
 * @example
 * ```ts
 * import { descriptionOf, option, parseOptions } from "./options.ts";
 * import * as v from "valibot";
 * import assert from "node:assert/strict";
 * const schema = { margin: option("Smallest change that counts.", v.number(), 0.05) };
 * assert.deepEqual(parseOptions(schema, {}, "my-rule"), { margin: 0.05 });
 * assert.equal(descriptionOf(schema.margin), "Smallest change that counts.");
 * ```
 */
export function option<const S extends v.GenericSchema>(
  text: string,
  schema: S,
): v.OptionalSchema<S, undefined>;
/** The same, of an option that has a default. */
export function option<
  const S extends v.GenericSchema,
  const D extends v.Default<S, undefined>,
>(text: string, schema: S, fallback: D): v.OptionalSchema<S, D>;
export function option(text: string, schema: v.GenericSchema, fallback?: unknown): v.GenericSchema {
  return described(text, v.optional(schema, fallback));
}

/**
 * A schema with what help and pages say of it: for options that must be given, and for those of another
 * table that mean something else here.
 */
export function described<S extends v.GenericSchema>(text: string, schema: S): S {
  const inOneLine = text.replace(/\s+/g, " ").trim();
  // A pipe has all that its first schema has: only its type is another.
  return v.pipe(schema, v.description<v.InferOutput<S>, string>(inOneLine)) as unknown as S;
}

/** What a schema's author says that it is, by {@linkcode option} or `v.description`; "" for nothing. */
export function descriptionOf(schema: v.GenericSchema): string {
  const inner = "wrapped" in schema ? schema.wrapped as v.GenericSchema : undefined;
  return v.getDescription(schema) ?? (inner ? descriptionOf(inner) : "");
}

/** What a user may write: defaults may be left out. */
export type OptionsInput<O extends OptionsSchema> = Flat<
  v.InferInput<v.ObjectSchema<O, undefined>>
>;

/** What a plugin receives: every option is there. */
export type OptionsOutput<O extends OptionsSchema> = Flat<
  v.InferOutput<v.ObjectSchema<O, undefined>>
>;

/** The same type, of which an editor shows the properties in place of the schemas that they come from. */
export type Flat<T> = { [P in keyof T]: T[P] };

/**
 * Checks options against their schema and fills in the defaults.
 *
 * @param schema The table of schemas.
 * @param input What the user gave.
 * @param owner Whose options they are, for the message ("student.ppo").
 * @throws {TandemError} E_OPTION for an unknown key (with the nearest right one) or a bad value.
 * @example
 * ```ts
 * import { parseOptions } from "./options.ts";
 * import * as v from "valibot";
 * import assert from "node:assert/strict";
 * const schema = { lambda: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.95) };
 * assert.deepEqual(parseOptions(schema, {}, "gae"), { lambda: 0.95 });
 * assert.throws(() => parseOptions(schema, { lamda: 1 }, "gae"), /Did you mean "lambda"\?/);
 * ```
 */
export function parseOptions<O extends OptionsSchema>(
  schema: O,
  input: unknown,
  owner: string,
): OptionsOutput<O> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new TandemError(
      "E_OPTION",
      `The options of ${owner} are ${quote(input)}, not an object.`,
    );
  }
  expectKnown(schema, input, owner);
  const result = v.safeParse(v.object(schema), input, { abortEarly: true });
  if (result.success) return result.output as OptionsOutput<O>;
  const issue = result.issues[0];
  const path = issue.path?.map((item) => String(item.key)).join(".") ?? "";
  const shown = holdsSecrets(schema[path]) ? `"${MASK}"` : quote(issue.input);
  throw new TandemError(
    "E_OPTION",
    `The option "${path}" of ${owner} is ${shown}: ${sentence(issue.message)}`,
  );
}

/** @throws {TandemError} E_OPTION for a key that the schema has not, in objects within options too. */
function expectKnown(schema: OptionsSchema, input: object, owner: string): void {
  const known = Object.keys(schema);
  for (const [key, value] of Object.entries(input)) {
    if (!Object.hasOwn(schema, key)) {
      const right = didYouMean(key, known) ||
        (known.length ? ` Its options: ${known.join(", ")}.` : " It has no options.");
      throw new TandemError("E_OPTION", `${owner} has no option ${quote(key)}.${right}`);
    }
    const within = entriesOf(schema[key]!);
    if (within && typeof value === "object" && value !== null && !Array.isArray(value)) {
      expectKnown(within, value, `${owner}.${key}`);
    }
  }
}

/** The table of schemas of an option that is a strict object. */
export function entriesOf(schema: v.GenericSchema): OptionsSchema | undefined {
  if ("wrapped" in schema) return entriesOf(schema.wrapped as v.GenericSchema);
  return schema.type === "strict_object" && "entries" in schema
    ? schema.entries as OptionsSchema
    : undefined;
}

/** The options of a schema with their defaults; a required option is undefined. */
export function defaultsOf(schema: OptionsSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema).map(([name, entry]) => [name, v.getDefault(entry as v.GenericSchema)]),
  );
}

/** Whether an option may be given a secret by mistake, so that no message repeats its value. */
function holdsSecrets(entry: v.GenericSchema | undefined): boolean {
  if (!entry) return false;
  const schema = "wrapped" in entry ? entry.wrapped as v.GenericSchema : entry;
  return (v.getMetadata(schema) as { secret?: boolean }).secret === true;
}

/** A value as a message shows it. */
export function quote(value: unknown): string {
  const plain = typeof value === "string" ? value : JSON.stringify(value) ?? String(value);
  const text = shownAddress(plain);
  return `"${outsideText(text.length > 80 ? text.slice(0, 77) + "..." : text)}"`;
}

function sentence(raw: string): string {
  const message = shownAddress(raw);
  const text = message.charAt(0).toLowerCase() + message.slice(1);
  return text.endsWith(".") ? text : `${text}.`;
}
