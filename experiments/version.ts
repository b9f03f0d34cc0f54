import manifest from "../core/deno.json" with { type: "json" };

/** Tandem's version. */
export const VERSION: string = manifest.version;
