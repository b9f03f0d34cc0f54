/** Prompts as data: text with fields in braces. */
import { didYouMean, TandemError } from "../base/errors.ts";

/** What a template's fields say of the parts that are filled in. */
export type TemplateFields<P> = Readonly<Record<string, (parts: P) => string>>;

/**
 * Compiles a template: text with fields such as {mission}.
 *
 * @param template The text.
 * @param fields The fields it may have.
 * @returns Fills the fields in.
 * @throws {TandemError} E_OPTION for a field that does not exist.
 * @example
 * ```ts
 * import { compileTemplate } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * const fill = compileTemplate("goal: {mission}", { mission: (parts: { goal: string }) => parts.goal });
 * assert.equal(fill({ goal: "go to the flag" }), "goal: go to the flag");
 * ```
 */
export function compileTemplate<P>(
  template: string,
  fields: TemplateFields<P>,
): (parts: P) => string {
  // The pieces at odd places are what stood in braces.
  const pieces = template.split(/\{(\w+)\}/).map((piece, index) => {
    if (index % 2 === 0) return () => piece;
    const field = Object.hasOwn(fields, piece) ? fields[piece] : undefined;
    if (field) return field;
    const names = Object.keys(fields);
    const hint = didYouMean(piece, names) || ` Its fields: ${names.join(", ")}.`;
    throw new TandemError("E_OPTION", `The prompt has no field "{${piece}}".${hint}`);
  });
  return (parts) => pieces.map((piece) => piece(parts)).join("");
}
