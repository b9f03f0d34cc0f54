import { fileURLToPath } from "node:url";
import { SHIPPED_T5 } from "@tandem/models";
import { findPulled } from "./pull.ts";

/** The shipped model's folder, without a slash at its end. */
const SHIPPED = fileURLToPath(SHIPPED_T5).replace(/[\\/]$/, "");

/**
 * The folder of a model as users name it: "shipped", the name of one that was pulled, or a folder,
 * which need not exist.
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
  return model === "shipped" ? SHIPPED : await findPulled(model).catch(() => undefined) ?? model;
}
