import type { Effect } from "@tandem/core";
import { SHIPPED_T5 } from "@tandem/models";
import { diskPath, serverUrl } from "../files/location.ts";
import { findPulled } from "./pull.ts";

/**
 * The folder of a model as users name it: "shipped", the name of one that was pulled, or a folder,
 * which need not exist; a path, or the URL of one.
 *
 * @example
 * ```ts
 * import { modelFolder } from "@tandem/runtimes/hub";
 * import assert from "node:assert/strict";
 * assert.match(await modelFolder("shipped"), /tandem-t5-babyai$/);
 * assert.equal(await modelFolder("./mine"), "./mine");
 * ```
 */
export async function modelFolder(model: string): Promise<string> {
  if (/^(?:https?|file):/i.test(model)) return model;
  return model === "shipped"
    ? diskPath(SHIPPED_T5.href).replace(/[\\/]$/, "")
    : await findPulled(model).catch(() => undefined) ?? model;
}

/** What opening a model does beside computing: one at a server is fetched. */
export function modelEffects(model = ""): readonly Effect[] {
  return serverUrl(model) ? ["network"] : [];
}
