/**
 * The version of the contract between plugins and what runs them. Plugins and stages carry it, so that
 * one made by another copy of this package, which a program may have by way of another package, works
 * where the contract is the same, and is told apart where it is not.
 */
import { TandemError } from "../base/errors.ts";
import { outsideText } from "../base/outside.ts";

/** Goes up by one where plugins that worked before may not work any more. */
export const CONTRACT_VERSION = 1;

/** Registered, so that every copy of this file finds the same. */
const CONTRACT = Symbol.for("tandem.plugin");

/** Marks what was made for this version of the contract. */
export function withContract<T extends object>(made: T): T {
  return Object.assign(made, { [CONTRACT]: CONTRACT_VERSION });
}

/**
 * Expects that a plugin or a stage was made for this version. One without a mark was made by hand, and
 * is taken as it is.
 *
 * @param made The plugin or the stage.
 * @param named What it is called: its name, or the module that it comes from.
 * @throws {TandemError} E_PLUGIN
 */
export function expectContract(made: object, named: string): void {
  const version = (made as { [CONTRACT]?: unknown })[CONTRACT];
  if (version === undefined || version === CONTRACT_VERSION) return;
  const isOlder = typeof version === "number" && version < CONTRACT_VERSION;
  const remedy = isOlder
    ? `"npm update" of the package that it comes from`
    : `"npm install @tandem/core@latest" (in Deno: "deno add npm:@tandem/core@latest")`;
  throw new TandemError(
    "E_PLUGIN",
    `The plugin "${outsideText(named)}" was made for contract ${outsideText(String(version))} of ` +
      `@tandem/core, and the one that runs it has contract ${CONTRACT_VERSION}; ${remedy} brings ` +
      `what fits, and "npm ls @tandem/core" shows who brings which.`,
  );
}
