/** What a plugin's schema and source say about it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as v from "valibot";
import { type Effect, EFFECTS } from "../core/effects.ts";
import { defaultsOf, type OptionsSchema } from "../core/options.ts";
import type { AnyPlugin, Stage } from "../core/plugin.ts";
import type { PluginKind } from "../core/stages.ts";

/** Tandem's folder. */
export const ROOT: string = fileURLToPath(new URL("../", import.meta.url));

/** One option of a plugin. */
export interface OptionDoc {
  readonly name: string;
  /** What it may be, such as "a number, at least 0". */
  readonly values: string;
  /** Its default as JSON; undefined where there is none. */
  readonly default: string | undefined;
  /** Whether it must be given. */
  readonly required: boolean;
  /** Its comment, on one line. */
  readonly doc: string;
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
  /** The docstring's paragraphs. */
  readonly paragraphs: readonly string[];
  readonly options: readonly OptionDoc[];
  /** What it may do besides computing, a clause each, such as "reaches the network". */
  readonly effects: readonly EffectDoc[];
  /** The file that defines it. */
  readonly source: string;
}

/** The sources in which built-in plugins are looked for, by path. */
export async function readSources(): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory) await visit(path);
      else if (name.endsWith(".ts")) sources.set(path, await Deno.readTextFile(join(ROOT, path)));
    }
  };
  await visit("plugins");
  return new Map([...sources].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A plugin's documentation.
 *
 * @param sources Where its definition is, and perhaps its options; see {@linkcode readSources}.
 */
export function documentPlugin(
  plugin: Pick<AnyPlugin, "kind" | "pluginName" | "description" | "options" | "effectsOf">,
  sources: ReadonlyMap<string, string>,
): PluginDoc {
  const { kind, pluginName, description, options } = plugin;
  const defined = new RegExp(`kind: "${kind}",\\s+name: "${pluginName}"`);
  const [source, text] = [...sources].find(([, text]) => defined.test(text)) ?? ["", ""];
  return {
    kind,
    name: pluginName,
    description,
    paragraphs: docstringBefore(text, text.search(defined)),
    options: documentOptions(options, withImports(source, sources)),
    effects: documentEffects(plugin),
    source,
  };
}

/** The texts of a file and of those of its folder that it imports, the nearest first. */
function withImports(file: string, sources: ReadonlyMap<string, string>): string[] {
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  const reached = new Set([file]); // grows while it is gone through
  for (const path of reached) {
    for (const [, name] of (sources.get(path) ?? "").matchAll(/from "\.\/([^"]+)"/g)) {
      reached.add(folder + name);
    }
  }
  return [...reached].map((path) => sources.get(path) ?? "");
}

/** The docstring of the export in which a position lies, without its tags. */
function docstringBefore(text: string, at: number): string[] {
  const head = text.slice(0, Math.max(0, at));
  const start = head.search(
    /\/\*\*(?:(?!\*\/)[^])*\*\/\s*export (?:const|default)(?:(?!\nexport )[^])*$/,
  );
  const comment = /\/\*\*([^]*?)\*\//.exec(head.slice(start))?.[1];
  if (start < 0 || comment === undefined) return [];
  const [prose = ""] = linesOf(comment).join("\n").split(/\n@/);
  return prose.trim().split(/\n{2,}/).map(plain);
}

/** The options of a table of schemas, with the comments that stand in sources. */
export function documentOptions(schema: OptionsSchema, sources: readonly string[]): OptionDoc[] {
  const defaults = defaultsOf(schema);
  return Object.entries(schema).map(([name, entry]) => ({
    name,
    values: describe(entry),
    default: defaults[name] === undefined ? undefined : JSON.stringify(defaults[name], stageName),
    required: entry.type !== "optional",
    doc: sources.map((text) => commentOf(text, name)).find((doc) => doc !== "") ?? "",
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

/** The comment above an entry of a table of options. */
function commentOf(text: string, option: string): string {
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*${option}: (?:v\\.|\\w+Option\\()`)
    .exec(text);
  return found ? plain(linesOf(found[1]!).join(" ").trim()) : "";
}

/** A comment's lines without their asterisks. */
function linesOf(comment: string): string[] {
  return comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
}

function plain(text: string): string {
  return text.replace(/\{@linkcode ([^}]+)\}/g, "`$1`").trim();
}

/** A stage as a default's JSON shows it. */
function stageName(_key: string, value: unknown): unknown {
  const isStage = typeof value === "object" && value !== null && "create" in value;
  return isStage ? (value as Stage).toJSON() : value;
}

/** What the parts of a schema have that is read here. */
type Part = v.GenericSchema & {
  readonly wrapped?: Part;
  readonly item?: Part;
  readonly options?: readonly unknown[];
  readonly entries?: OptionsSchema;
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
export function describe(schema: v.GenericSchema): string {
  const { type, wrapped, item, options, entries = {}, literal, pipe = [] } = schema as Part;
  if (wrapped) return describe(wrapped);
  const inner = pipe[0] as Part | undefined;
  if (inner?.pipe) return [describe(inner), ...bounds(pipe.slice(1))].join(", ");
  const stage = pipe.map((part) => (part as { metadata?: { stage?: string } }).metadata?.stage)
    .find((kind) => kind !== undefined);
  if (stage !== undefined) return `a ${stage}`;
  const base: Record<string, () => string> = {
    number: () => pipe.some(({ type }) => type === "integer") ? "a whole number" : "a number",
    string: () => "a text",
    boolean: () => "`true` or `false`",
    picklist: () => (options ?? []).map((option) => `\`${JSON.stringify(option)}\``).join(", "),
    union: () => (options as Part[]).map(describe).join(" or "),
    literal: () => `\`${JSON.stringify(literal)}\``,
    array: () => `a list: ${describe(item!)}`,
    record: () => "an object",
    strict_object: () => `an object of ${namedParts(entries)}`,
  };
  return [base[type]?.() ?? type, ...bounds(pipe)].join(", ");
}

/** The entries of an object, each with what it takes and what it is by default. */
function namedParts(entries: OptionsSchema): string {
  const defaults = defaultsOf(entries);
  return Object.entries(entries).map(([name, entry]) => {
    const chosen = defaults[name] === undefined ? "" : `; \`${JSON.stringify(defaults[name])}\``;
    return `\`${name}\` (${describe(entry)}${chosen})`;
  }).join(", ");
}

function bounds(pipe: NonNullable<Part["pipe"]>): string[] {
  return pipe.flatMap(({ type, requirement }) => ACTIONS[type]?.(requirement) ?? []);
}
