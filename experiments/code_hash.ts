/** What code a comparison is run by. */
import { createHash } from "node:crypto";
import { contentOf, OWN_CODE } from "./fingerprints.ts";

/** SHA-256 of Tandem's own files, wherever they lie. */
export async function codeHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of OWN_CODE) hash.update(`${await contentOf(folder)}\n`);
  return hash.digest("hex");
}
