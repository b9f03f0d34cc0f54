/** What is compared: a pipeline under names, each a list of settings. */
import { TandemError } from "@tandem/core";
import { didYouMean } from "@tandem/core/internal";

/** A variant of a pipeline. */
export interface Variant {
  /** What it is called in tables and figures. */
  readonly name: string;
  /**
   * Settings as `--set` takes them, on top of the pipeline. A value `$teacher` (or another stage)
   * stands for that stage of the pipeline as it was before. `teacher.from=$bidirectional` begins with what
   * the teacher of that variant had learned, on the same level and under the neighbouring seed;
   * `$bidirectional@GoToLocal` on another level.
   */
  readonly settings: readonly string[];
  /** One line that says what it shows. */
  readonly about: string;
}

/** The variants that have a name. */
export const VARIANTS: readonly Variant[] = [
  variant("alone", "the student without a teacher", "teacher=none", "feedback=none"),
  variant("one-way", "guidance without verdicts", "feedback=none"),
  variant("verdicts-only", "verdicts, and a student that hears no guidance", "student.hears=false"),
  variant("synthetic", "random verdicts", "feedback=synthetic"),
  variant("bidirectional", "guidance and verdicts, as the pipeline has them"),
  variant(
    "fresh-student",
    "another student under the teacher that bidirectional taught, without verdicts",
    "teacher.from=$bidirectional",
    "teacher.frozen=true",
    "feedback=none",
  ),
  variant("random", "a teacher that says anything", "teacher=random"),
  variant("constant", "a teacher that always says the same", "teacher=constant"),
  variant(
    "shuffled",
    "the teacher's words, dealt to the wrong states",
    "teacher=shuffled",
    "teacher.of=$teacher",
  ),
  variant("misleading", "a teacher that is always wrong", "teacher=misleading"),
  variant("oracle", "a teacher that is always right", "teacher=bot", "teacher.accuracy=1"),
];

/** Words that stand for several variants. */
export const VARIANT_GROUPS: Readonly<Record<string, readonly string[]>> = {
  /** What no claim about a teacher may go without. */
  controls: [
    "alone",
    "one-way",
    "verdicts-only",
    "random",
    "constant",
    "shuffled",
    "misleading",
    "oracle",
  ],
  /** The experiments that readers of the paper ask for first. */
  paper: ["alone", "one-way", "synthetic", "bidirectional"],
};

/**
 * The variants of a list of names and groups, each once, in the order in which they are named.
 *
 * @param own Variants of the user's, which come before those of the same name here.
 * @throws {TandemError} E_ARGUMENT for an unknown name.
 * @example
 * ```ts
 * import { findVariants } from "./variants.ts";
 * import assert from "node:assert/strict";
 * const own = [{ name: "slow", settings: ["student.learningRate=1e-5"], about: "" }];
 * assert.deepEqual(findVariants(["slow", "alone", "paper"], own).map(({ name }) => name),
 *   ["slow", "alone", "one-way", "synthetic", "bidirectional"]);
 * ```
 */
export function findVariants(
  names: readonly string[],
  own: readonly Variant[] = [],
): Variant[] {
  const known = [...own, ...VARIANTS];
  const expanded = names.flatMap((name) =>
    Object.hasOwn(VARIANT_GROUPS, name) ? VARIANT_GROUPS[name]! : [name]
  );
  return [...new Set(expanded)].map((name) => {
    const found = known.find((candidate) => candidate.name === name);
    if (found) return found;
    const words = [...known.map((candidate) => candidate.name), ...Object.keys(VARIANT_GROUPS)];
    const hint = didYouMean(name, words) ||
      ` Known are ${words.join(", ")}; --variant NAME=SETTING,SETTING adds one.`;
    throw new TandemError("E_ARGUMENT", `There is no variant "${name}".${hint}`);
  });
}

/**
 * A variant as `--variant` takes it: NAME=SETTING,SETTING, such as
 * `careful=feedback=margin,feedback.margin=0.1`. A comma within brackets, braces or quotes parts
 * nothing.
 *
 * @throws {TandemError} E_ARGUMENT where there is no name.
 */
export function parseVariant(text: string): Variant {
  const match = /^(?<name>[\w.+-]+)=(?<settings>.*)$/s.exec(text);
  if (!match?.groups) {
    throw new TandemError(
      "E_ARGUMENT",
      `"--variant ${text}" is not NAME=SETTING,SETTING, such as careful=feedback=margin.`,
    );
  }
  const { name = "", settings = "" } = match.groups;
  return { name, settings: splitSettings(settings), about: settings };
}

function splitSettings(text: string): string[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{[^}]*\}|[^,])+/gs) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function variant(name: string, about: string, ...settings: string[]): Variant {
  return { name, settings, about };
}
