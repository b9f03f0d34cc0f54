/**
 * The language model that Tandem ships: a small T5 that knows BabyAI's words. Its card says how it was
 * made and how good it is.
 *
 * @module
 */

/** Where its files are, as a URL that ends with a slash. */
export const SHIPPED_T5: URL = new URL("./tandem-t5-babyai/", import.meta.url);
