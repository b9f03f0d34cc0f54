/** A plugin's documentation as pages and lines. */
import { PLUGIN_KINDS, type PluginKind } from "../core/stages/mod.ts";
import { EFFECTS } from "../core/pipeline/effects.ts";
import type { OptionDoc, PluginDoc } from "./plugin_doc.ts";

/** What each kind is called. */
export const KIND_NAMES: Readonly<Record<PluginKind, string>> = {
  env: "environment",
  teacher: "teacher",
  student: "student",
  advantage: "advantage estimator",
  feedback: "feedback rule",
  extra: "extra stage",
  channel: "channel",
};

const WRITTEN = "<!-- Written by `deno task docs:plugins` from the plugins: edit those. -->";

/**
 * A page of docs/plugins/: all plugins of one name.
 *
 * @param fileOf The file that defines a plugin, from Tandem's folder on.
 */
export function pluginPage(docs: readonly PluginDoc[], fileOf: (doc: PluginDoc) => string): string {
  const [first] = docs;
  const sections = docs.map((doc) => section(doc, fileOf(doc), docs.length > 1)).join("\n");
  return `${WRITTEN}\n\n# ${first!.name}\n\n${sections}`;
}

function section(doc: PluginDoc, file: string, isOneOfSeveral: boolean): string {
  const { kind, name, description, details, options } = doc;
  const head = isOneOfSeveral ? `## ${capitalised(KIND_NAMES[kind])}\n\n` : "";
  const parts = [
    `${description} This ${KIND_NAMES[kind]} is in [${file}](../../${file}).`,
    details,
    effectsSentence(doc, (where) => where.replace(/\w+ (?=")/g, (name) => `\`${name.trim()}\` `)),
    options.length === 0 ? "It has no options." : optionTable("option", options),
    ...options.filter(({ parts }) => parts.length > 0).map(({ name, parts }) =>
      optionTable(`within \`${name}\``, parts)
    ),
    "```sh\ndeno task run pipelines/babyai.ts " + setting(kind, name, requiredOf(options)) +
    "\n```",
  ];
  return `${head}${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** What a plugin does besides computing, and what lets a document use it; empty for most. */
function effectsSentence({ effects }: PluginDoc, written: (where: string) => string): string {
  if (effects.length === 0) return "";
  const clauses = effects.map(({ effect, where }) =>
    `${EFFECTS[effect]}${where === "" ? "" : ` where ${written(where)}`}`
  );
  const flags = effects.map(({ effect }) => `--allow-effect ${effect}`).join(" ");
  return `It ${clauses.join(", and ")}: a pipeline in JSON from elsewhere may use it so once its ` +
    `reader has said ${flags}.`;
}

/** docs/plugins/README.md: one line each. */
export function pluginIndex(docs: readonly PluginDoc[]): string {
  const kinds = PLUGIN_KINDS.filter((kind) => docs.some((doc) => doc.kind === kind));
  const lists = kinds.map((kind) => {
    const lines = docs.filter((doc) => doc.kind === kind)
      .map(({ name, description }) => `- [${name}](${name}.md): ${description}`);
    return `## ${capitalised(KIND_NAMES[kind])}s\n\n${lines.join("\n")}\n`;
  });
  const intro =
    "`deno task plugins` lists them too, and `deno task plugins NAME` shows the options " +
    "of one.\nAnything else can stand in their place: `--set feedback=./my_rule.ts` takes a plugin " +
    "from a file.";
  return `${WRITTEN}\n\n# Plugins\n\n${intro}\n\n${lists.join("\n")}`;
}

function optionTable(head: string, options: readonly OptionDoc[]): string {
  const rows = options.map((option) => [
    `\`${option.name}\``,
    option.values,
    option.default === undefined
      ? option.required ? "none: it must be given" : ""
      : `\`${option.default}\``,
    option.description,
  ]);
  return table([[head, "values", "default", "what it is"], ...rows]);
}

function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = cells[0]!.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const [head, ...body] = cells;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join(
    "\n",
  );
}

/**
 * How a plugin is chosen on the command line.
 *
 * @param name Its name, or its module as a shell must be told it.
 * @param required The options that must be given.
 * @param extra What an extra stage is called in its run.
 */
export function setting(
  kind: PluginKind,
  name: string,
  required: readonly string[],
  extra = "NAME",
): string {
  if (kind === "channel") return `--set 'teacher.learnsBy=["${name}"]'`;
  const owner = kind === "extra" ? `extra.${extra}` : kind;
  const needed = required.map((option) => ` --set ${owner}.${option}=...`);
  return `--set ${owner}=${name}${needed.join("")}`;
}

function requiredOf(options: readonly OptionDoc[]): string[] {
  return options.filter(({ required }) => required).map(({ name }) => name);
}

/** A plugin for a terminal. */
export function pluginText(doc: PluginDoc): string {
  const { kind, name, description, details, options } = doc;
  const parts = [
    `${kind} ${name}: ${description}`,
    details,
    effectsSentence(doc, (where) => where),
    options.length
      ? `Options:\n${optionLines(options, chosenDefault).join("\n")}`
      : "It has no options.",
    setting(kind, name, requiredOf(options)),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function chosenDefault(option: OptionDoc): string {
  if (option.default !== undefined) return ` (default ${option.default})`;
  return option.required ? " (must be given)" : "";
}

/** Options for a terminal, a line each and one for what it is; those within one stand below it. */
export function optionLines(
  options: readonly OptionDoc[],
  chosen: (option: OptionDoc, i: number) => string,
): string[] {
  const width = Math.max(0, ...options.map((option) => option.name.length));
  return options.flatMap((option, i) => {
    const values = option.values.replaceAll("`", "");
    return [
      `  ${option.name.padEnd(width)}  ${values}${chosen(option, i)}`,
      ...(option.description === "" ? [] : [`  ${" ".repeat(width)}  ${option.description}`]),
      ...optionLines(option.parts, chosenDefault).map((line) => `  ${line}`),
    ];
  });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
