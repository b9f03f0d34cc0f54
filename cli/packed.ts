/** Pipelines that a compiled command line brings along. */
import { fileURLToPath } from "node:url";

/** Their paths in the repository. */
export const PACKED_PIPELINES = ["pipelines/babyai.ts"];

/**
 * Where a pipeline is read from: a user's own file as it was named, and in a compiled command line one that
 * it holds, under its path or its bare name, such as "babyai", where the user has no such file.
 *
 * @param file What was named.
 * @param isCompiled Whether this is a compiled command line.
 */
export async function packedOr(
  file: string,
  isCompiled: boolean = Deno.build.standalone,
): Promise<string> {
  if (!isCompiled) return file;
  const packed = PACKED_PIPELINES.find((path) => [path, bareName(path)].includes(file));
  if (packed === undefined) return file;
  const isThere = await Deno.stat(file).then((info) => info.isFile, () => false);
  return isThere ? file : fileURLToPath(new URL(`../${packed}`, import.meta.url));
}

function bareName(path: string): string {
  return path.replace(/^.*\/|\.ts$/g, "");
}
