/**
 * Teachers.
 *
 * @module
 */
export { bot } from "./bot.ts";
export { cassette } from "./cassette/mod.ts";
export { chat } from "./chat/mod.ts";
export { constant } from "./constant.ts";
export { ensemble } from "./ensemble.ts";
export { languageModel } from "./language_model/mod.ts";
export { misleading } from "./misleading.ts";
export { none as noTeacher } from "./none.ts";
export { random } from "./random.ts";
export { shuffled } from "./shuffled.ts";
