/**
 * Teachers: what guides. A language model, recordings and ensembles of teachers, and controls.
 *
 * @example Control: an expert that is right four times out of five.
 * ```ts
 * import { bot } from "@tandem/plugins/teacher";
 * import assert from "node:assert/strict";
 * assert.equal(bot({ accuracy: 0.8 }).usesOracle, true);
 * ```
 *
 * @module
 */
export { bot } from "./bot.ts";
export { cassette } from "./cassette/mod.ts";
export { chat } from "./chat/mod.ts";
export { constant } from "./constant.ts";
export { ensemble } from "./ensemble.ts";
export { imperfect } from "./imperfect.ts";
export { languageModel } from "./language_model/mod.ts";
export { misleading } from "./misleading.ts";
export { none as noTeacher } from "./none.ts";
export { random } from "./random.ts";
export { shuffled } from "./shuffled.ts";
// Every interface there is one of a plugin's options.
export type * from "./options.ts";
