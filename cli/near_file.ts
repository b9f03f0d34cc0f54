/** Finds a file that was named from another folder than the one in which a task runs. */
import { join } from "node:path";

/** Folders that are looked into at most, and how deep. */
const [MOST_FOLDERS, DEEPEST] = [500, 4];

/** Where nobody keeps files of his own. */
const PASSED_OVER = ["node_modules", "runs", "cache"];

/**
 * A file below the working directory to which a relative path would lead from some folder there, the
 * shallowest. `deno task` runs in the project's folder, whichever folder below it is started from.
 *
 * @param file A path that leads nowhere from the working directory itself.
 */
export async function nearFile(file: string): Promise<string | undefined> {
  if (/^(\/|[a-z]+:)|^\.\.|(^|\/)\.\.(\/|$)/i.test(file)) return undefined;
  const folders: { path: string; depth: number }[] = [{ path: "", depth: 0 }];
  for (const { path, depth } of folders) { // grows while it is gone through
    for (const name of await foldersIn(path || ".")) {
      const folder = join(path, name);
      const found = join(folder, file);
      if (await Deno.stat(found).then((info) => info.isFile, () => false)) return found;
      if (depth < DEEPEST && folders.length < MOST_FOLDERS) {
        folders.push({ path: folder, depth: depth + 1 });
      }
    }
  }
  return undefined;
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ name, isDirectory }) =>
      isDirectory && !name.startsWith(".") && !PASSED_OVER.includes(name)
    ).map(({ name }) => name).sort();
  } catch {
    return [];
  }
}
