/** Which plugins a pipeline may name, and where rules given by path run. */
import type { Catalog } from "../core/plugin.ts";
import { builtins } from "../plugins/mod.ts";

/**
 * The built-in plugins.
 *
 * @param sandbox Whether feedback rules given by path run in QuickJS, out of reach.
 */
export async function catalogFor(sandbox: boolean): Promise<Catalog> {
  if (!sandbox) return builtins;
  const { sandboxedRule } = await import("../runtimes/sandbox/rule.ts");
  return { ...builtins, sandbox: sandboxedRule };
}
