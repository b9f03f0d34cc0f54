/** The flags by which an owner allows what a document names: the same for every command. */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { type Effect, EFFECTS } from "../../core/pipeline/effects.ts";
import { moduleUrl } from "../../core/base/module_url.ts";

/** What may be allowed by name; a module is allowed by itself, and not all of them at once. */
const NAMED = (Object.keys(EFFECTS) as Effect[]).filter((effect) => effect !== "import");

/** Arguments of `.option()` for effects. */
export const ALLOW_EFFECT = [
  "--allow-effect <effect>",
  `what plugins that a document names may do: ${NAMED.join(", ")} (repeatable)`,
  collectEffect,
  [] as readonly Effect[],
] as const;

/** Arguments of `.option()` for modules. */
export const ALLOW_MODULE = [
  "--allow-module <module>",
  "a module that a document names and that you trust, as ./my_rule.ts (repeatable)",
  collectModule,
  [] as readonly string[],
] as const;

function collectEffect(value: string, before: readonly Effect[]): readonly Effect[] {
  const effect = NAMED.find((name) => name === value);
  if (effect) return [...before, effect];
  throw new InvalidArgumentError(`Allowed choices are ${NAMED.join(", ")}.`);
}

function collectModule(value: string, before: readonly string[]): readonly string[] {
  try {
    moduleUrl(value);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return [...before, value];
}
