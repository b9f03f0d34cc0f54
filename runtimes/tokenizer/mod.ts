/**
 * Tokenizers as tokenizer.json describes them.
 *
 * @module
 */
export { readTokenizer, type Tokenizer } from "./tokenizer.ts";
