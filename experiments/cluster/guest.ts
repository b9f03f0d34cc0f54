/** What a pipeline may use that came as a message: built-in plugins, and one rule that is known by its content. */
import { readFileSync } from "node:fs";
import { allowing, type Effect, notAllowed } from "../../core/pipeline/effects.ts";
import { TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";
import type { Catalog } from "../../core/pipeline/plugin.ts";
import { sha256 } from "../../lab/digest.ts";
import { builtins } from "../../plugins/mod.ts";

/** The effects that a worker can be told to allow. Modules are not among them: no message brings code. */
export const GUEST_EFFECTS = ["network", "write", "process"] as const satisfies readonly Effect[];

/** How a pipeline is run that came as a message. */
export interface Guest {
  /** The effects that the worker's owner allowed. */
  readonly effects: readonly Effect[];
  /** The feedback rule that its plan names by hash: the file's path here, and its SHA-256. */
  readonly rule?: { readonly path: string; readonly sha256: string };
}

/**
 * The plugins of a guest: no module is imported at any depth, a rule runs in the sandbox if it is the
 * one that the plan names, and effects are those that were allowed.
 *
 * @param plugins What names stand for; Tandem's own unless given.
 */
export async function guestCatalog(
  { effects, rule }: Guest,
  plugins: Catalog = builtins,
): Promise<Catalog> {
  const { sandboxedRule } = await import("../../runtimes/sandbox/rule.ts");
  const permit = allowing(
    effects,
    "Who trusts the plan starts the worker with --allow-effect and the word in brackets.",
  );
  return {
    ...plugins,
    permit: (request) => {
      if (request.effect === "import") throw notAllowed(request, NO_MODULES);
      return permit(request);
    },
    sandbox: async (module, options) => {
      if (rule === undefined || module !== rule.path) {
        throw notAllowed({ effect: "import", kind: "feedback", plugin: module }, NO_MODULES);
      }
      if (!isFile(rule.path, rule.sha256)) throw changedRule(module);
      return await sandboxedRule(module, options);
    },
  };
}

const NO_MODULES = "A worker loads no module that a message names, but the feedback rule that a " +
  "plan brings with its hash.";

/** Whether a file has a content, by its SHA-256. */
export function isFile(path: string, wanted: string): boolean {
  try {
    return sha256(readFileSync(path)) === wanted;
  } catch {
    return false;
  }
}

/** The error for a rule that is another than the plan's. */
export function changedRule(name: string): TandemError {
  return new TandemError(
    "E_PLUGIN",
    `The rule "${
      outsideText(name)
    }" is not what the plan names by its content; the worker does not run it.`,
  );
}
