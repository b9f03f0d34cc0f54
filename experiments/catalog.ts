/** Which plugins a pipeline may name, and where rules given by path run. */
import type { Permit } from "../core/pipeline/effects.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import { builtins } from "../plugins/mod.ts";

/**
 * The built-in plugins.
 *
 * @param sandbox Whether feedback rules given by path run in a sandbox.
 * @param permit Asked for each module and each plugin with an effect; without it all is allowed.
 */
export async function catalogFor(sandbox: boolean, permit?: Permit): Promise<Catalog> {
  if (!sandbox) return { ...builtins, permit };
  const { sandboxedRule } = await import("../runtimes/sandbox/rule.ts");
  return { ...builtins, permit, sandbox: sandboxedRule };
}
