/** TypeScript's interfaces of options, as their schemas say: on hover one reads what help says. */
import type { AnyPlugin } from "../core/pipeline/plugin.ts";
import { EVALUATION, SCHEDULE } from "../core/pipeline/schedule.ts";
import { PLUGIN_KINDS } from "../core/stages/mod.ts";
import { builtins } from "../plugins/mod.ts";
import { documentOptions, documentPlugin, type OptionDoc } from "./plugin_doc.ts";

/** The characters of a line, as the formatter has it. */
const WIDTH = 100;

const HEADER = "Written by `deno task docs:plugins` from the schemas of the options: change those.";

/** The files that hold the interfaces of options, by path, as they should be. */
export function optionTypeFiles(): ReadonlyMap<string, string> {
  const kinds = PLUGIN_KINDS.map((kind): [string, string] => [
    `plugins/${kind}/options.ts`,
    file(Object.values<AnyPlugin>(builtins[kind]).map(interfaceOfPlugin).filter((it) => it !== "")),
  ]);
  const schedule = file([
    interfaceOf("Schedule", "How often what happens.", documentOptions(SCHEDULE), true),
    interfaceOf(
      "Evaluation",
      "How a run is measured, on worlds that training never sees.",
      documentOptions(EVALUATION),
      true,
    ),
  ]);
  return new Map([
    ...kinds.filter(([, text]) => text.includes("interface")),
    ["core/pipeline/schedule_types.ts", schedule],
  ]);
}

/** A file of interfaces, with the one import that they may need. */
function file(interfaces: readonly string[]): string {
  const body = interfaces.join("\n");
  const needsStages = body.includes("StageSpec<");
  const imports = needsStages ? 'import type { StageSpec } from "@tandem/core";\n' : "";
  return `/** ${HEADER} */\n${imports}\n${body}`;
}

/** The interface of a plugin's options; "" where it has none. */
function interfaceOfPlugin(plugin: AnyPlugin): string {
  const { name, description, options } = documentPlugin(plugin);
  if (options.length === 0) return "";
  return interfaceOf(
    `${pascalCase(name)}Options`,
    `Options of \`${name}\`: ${description}`,
    options,
  );
}

/** "q-minus-v" as "QMinusV". */
function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** @param parsed Whether every default is filled in. */
function interfaceOf(
  name: string,
  text: string,
  options: readonly OptionDoc[],
  parsed = false,
): string {
  return `${comment(text, "")}export interface ${name} {\n${properties(options, "  ", parsed)}}\n`;
}

function properties(options: readonly OptionDoc[], indent: string, parsed = false): string {
  return options.map((option) => {
    const isThere = option.required || parsed && option.default !== undefined;
    const property = `${indent}readonly ${option.name}${isThere ? "" : "?"}:`;
    return comment(textOf(option), indent) + property + typeText(option, property.length, indent);
  }).join("");
}

/** A type and its end, in the formatter's way: on one line where it fits, else a line a choice. */
function typeText({ type, parts }: OptionDoc, column: number, indent: string): string {
  if (parts.length > 0) return ` {\n${properties(parts, `${indent}  `)}${indent}};\n`;
  if (column + type.length + 2 <= WIDTH || !type.includes(" | ")) return ` ${type};\n`;
  const list = /^\((.*)\)\[\]$/.exec(type); // of one of several
  const choices = (list?.[1] ?? type).split(" | ").map((choice) => `\n${indent}  | ${choice}`).join(
    "",
  );
  return list ? ` (${choices}\n${indent})[];\n` : `${choices};\n`;
}

/** What an option is, between which numbers it lies, and its default. */
function textOf({ description, values, parts, ...option }: OptionDoc): string {
  const number = /^(a (?:whole )?number), at least (\S+), at most ([^, ]+)/.exec(values);
  const between = number
    ? ` ${number[1]!.replace("a", "A")} from ${number[2]} to ${number[3]}.`
    : "";
  const isSaid = option.default === undefined || parts.length > 0;
  return `${description}${between}${isSaid ? "" : ` Default: ${option.default}.`}`;
}

/** A docstring of lines that are not too long. */
function comment(text: string, indent: string): string {
  const oneLine = `${indent}/** ${text} */\n`;
  if (oneLine.length <= WIDTH + 1) return oneLine;
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (indent.length + 3 + line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}
