/** What a plugin and the schemas of its options say about it. */
import type * as v from "valibot";
import { type Effect, EFFECTS } from "../core/pipeline/effects.ts";
import {
  defaultsOf,
  descriptionOf,
  entriesOf,
  type OptionsSchema,
} from "../core/pipeline/options.ts";
import type { AnyPlugin, StageSpec } from "../core/pipeline/plugin.ts";
import type { PluginKind } from "../core/stages/mod.ts";

/** One option of a plugin. */
export interface OptionDoc {
  readonly name: string;
  /** What it may be, such as "a number, at least 0". */
  readonly values: string;
  /** The same as TypeScript has it, such as "number"; of an object its `parts` tell more. */
  readonly type: string;
  /** Its default as JSON; undefined where there is none. */
  readonly default: string | undefined;
  /** Whether it must be given. */
  readonly required: boolean;
  /** What it is, on one line; "" where nothing is said. */
  readonly description: string;
  /** The options within it, where it is an object of some. */
  readonly parts: readonly OptionDoc[];
}

/** Something that a plugin may do besides computing. */
export interface EffectDoc {
  readonly effect: Effect;
  /** The options with which it does so, such as `mode "auto" or "record"`; empty for always. */
  readonly where: string;
}

/** A plugin as it is documented. */
export interface PluginDoc {
  readonly kind: PluginKind;
  readonly name: string;
  readonly description: string;
  /** Paragraphs with an empty line between them; "" where there are none. */
  readonly details: string;
  readonly options: readonly OptionDoc[];
  /** What it may do besides computing, a clause each, such as "reaches the network". */
  readonly effects: readonly EffectDoc[];
}

/** A plugin's documentation. */
export function documentPlugin(plugin: AnyPlugin): PluginDoc {
  const { kind, pluginName: name, description, details, options } = plugin;
  return {
    ...{ kind, name, description, details },
    options: documentOptions(options),
    effects: documentEffects(plugin),
  };
}

/** The options of a table of schemas. */
export function documentOptions(schema: OptionsSchema): OptionDoc[] {
  const defaults = defaultsOf(schema);
  return Object.entries(schema).map(([name, entry]) => ({
    name,
    values: valuesOf(entry),
    type: typeOf(entry),
    default: defaults[name] === undefined ? undefined : JSON.stringify(defaults[name], stageName),
    required: entry.type !== "optional",
    description: descriptionOf(entry),
    parts: documentOptions(entriesOf(entry) ?? {}),
  }));
}

/** What a plugin says that it does, asked with its defaults and with each value that can be listed. */
function documentEffects(
  { options, effectsOf }: Pick<AnyPlugin, "options" | "effectsOf">,
): EffectDoc[] {
  const defaults = defaultsOf(options);
  const choices = Object.entries(options).flatMap(([name, entry]) => {
    const values = listedValues(entry);
    return values.length > 1 ? [{ name, values }] : [];
  });
  const found: EffectDoc[] = [];
  for (const effect of Object.keys(EFFECTS) as Effect[]) {
    const has = (change: Readonly<Record<string, unknown>>) =>
      effectsOf({ ...defaults, ...change }).includes(effect);
    const where = choices.map(({ name, values }) => {
      const those = values.filter((value) => has({ [name]: value }));
      const isDecided = those.length > 0 && those.length < values.length;
      return isDecided ? `${name} ${those.map((value) => JSON.stringify(value)).join(" or ")}` : "";
    }).filter((text) => text !== "");
    if (where.length > 0) found.push({ effect, where: where.join(", or ") });
    else if (has({})) found.push({ effect, where: "" });
  }
  return found;
}

/** The values of an option of which there are few; none for others. */
function listedValues(schema: v.GenericSchema): readonly unknown[] {
  const { type, wrapped, options = [] } = schema as Part;
  if (wrapped) return listedValues(wrapped);
  if (type === "boolean") return [true, false];
  return type === "picklist" ? options : [];
}

/** A stage as a default's JSON shows it. */
function stageName(_key: string, value: unknown): unknown {
  const isStage = typeof value === "object" && value !== null && "create" in value;
  return isStage ? (value as StageSpec).toJSON() : value;
}

/** What the parts of a schema have that is read here. */
type Part = v.GenericSchema & {
  readonly wrapped?: Part;
  readonly item?: Part;
  readonly value?: Part;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
};

const ACTIONS: Readonly<Record<string, (requirement: unknown) => string>> = {
  min_value: (least) => `at least ${least}`,
  max_value: (most) => `at most ${most}`,
  gt_value: (bound) => `above ${bound}`,
  lt_value: (bound) => `below ${bound}`,
  min_length: (least) => `at least ${least}`,
  non_empty: () => "not empty",
  url: () => "an address",
};

/** What a schema takes, in words. */
export function valuesOf(schema: v.GenericSchema): string {
  const { type, wrapped, item, options, literal, pipe = [] } = schema as Part;
  if (wrapped) return valuesOf(wrapped);
  const inner = pipe[0] as Part | undefined;
  if (inner?.pipe) return [valuesOf(inner), ...bounds(pipe.slice(1))].join(", ");
  const stage = stageOf(pipe);
  if (stage !== undefined) return `a ${stage}`;
  const base: Record<string, () => string> = {
    number: () => pipe.some(({ type }) => type === "integer") ? "a whole number" : "a number",
    string: () => "a text",
    boolean: () => "`true` or `false`",
    picklist: () => (options ?? []).map((option) => `\`${JSON.stringify(option)}\``).join(", "),
    union: () => (options as Part[]).map(valuesOf).join(" or "),
    literal: () => `\`${JSON.stringify(literal)}\``,
    array: () => `a list: ${valuesOf(item!)}`,
    record: () => "an object",
    strict_object: () => "an object",
  };
  return [base[type]?.() ?? type, ...bounds(pipe)].join(", ");
}

function bounds(pipe: NonNullable<Part["pipe"]>): string[] {
  return pipe.flatMap(({ type, requirement }) => ACTIONS[type]?.(requirement) ?? []);
}

/** What a schema takes, as a type of TypeScript. */
function typeOf(schema: v.GenericSchema): string {
  const { type, wrapped, item, value, options, literal, pipe = [] } = schema as Part;
  if (wrapped) return typeOf(wrapped);
  const inner = pipe[0] as Part | undefined;
  if (inner?.pipe) return typeOf(inner);
  const stage = stageOf(pipe);
  if (stage !== undefined) return `StageSpec<"${stage}">`;
  const base: Record<string, () => string> = {
    picklist: () => (options ?? []).map((option) => JSON.stringify(option)).join(" | "),
    union: () => (options as Part[]).map(typeOf).join(" | "),
    literal: () => JSON.stringify(literal),
    array: () => {
      const of = typeOf(item!);
      return of.includes(" | ") ? `(${of})[]` : `${of}[]`;
    },
    record: () => `Record<string, ${typeOf(value!)}>`,
    strict_object: () => "object",
  };
  return base[type]?.() ?? type;
}

/** The kind of the stages that a schema holds. */
function stageOf(pipe: NonNullable<Part["pipe"]>): string | undefined {
  return pipe.map((part) => (part as { metadata?: { stage?: string } }).metadata?.stage)
    .find((kind) => kind !== undefined);
}
