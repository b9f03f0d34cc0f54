import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AnyPlugin, isPlugin } from "../core/pipeline/plugin.ts";
import { PLUGIN_KINDS } from "../core/stages/mod.ts";
import { builtins } from "../plugins/mod.ts";
import { documentPlugin, type PluginDoc } from "./plugin_doc.ts";
import { pluginIndex, pluginPage } from "./plugin_page.ts";
import { optionTypeFiles } from "./option_types.ts";
import { print } from "./print.ts";

/** Tandem's folder. */
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const FOLDER = "docs/plugins";

/** `docs`: writes docs/plugins/ and the types of options from what the built-in plugins say of themselves. */
export function docsCommand() {
  return new Command("docs")
    .description(
      "write docs/plugins/ and the types of options from what the plugins say of themselves",
    )
    .action(async () => {
      const pages = await pluginPages();
      await Deno.mkdir(join(ROOT, FOLDER), { recursive: true });
      for (const name of await stalePages(pages)) await Deno.remove(join(ROOT, FOLDER, name));
      for (const [name, text] of pages) await Deno.writeTextFile(join(ROOT, FOLDER, name), text);
      const types = optionTypeFiles();
      for (const [path, text] of types) await Deno.writeTextFile(join(ROOT, path), text);
      print(`${FOLDER}: ${pages.size} pages, and ${[...types.keys()].join(", ")}`);
    });
}

/** The documentation of all built-in plugins, in the order of their kinds. */
export function builtinDocs(): PluginDoc[] {
  return PLUGIN_KINDS.flatMap((kind) =>
    Object.values<AnyPlugin>(builtins[kind]).map((plugin) => documentPlugin(plugin))
  );
}

/** The pages of docs/plugins/ by file name, as they should be. */
export async function pluginPages(): Promise<ReadonlyMap<string, string>> {
  const docs = builtinDocs();
  const files = await pluginFiles();
  const fileOf = ({ kind, name }: PluginDoc) => files.get(builtins[kind][name]) ?? "";
  const pages = new Map([["README.md", pluginIndex(docs)]]);
  for (const { name } of docs) {
    pages.set(`${name}.md`, pluginPage(docs.filter((doc) => doc.name === name), fileOf));
  }
  return pages;
}

/** The files that export plugins, by plugin, from Tandem's folder on; those that gather are left out. */
async function pluginFiles(): Promise<ReadonlyMap<unknown, string>> {
  const files = new Map<unknown, string>();
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory) await visit(path);
      else if (name.endsWith(".ts") && !/^plugins\/(\w+\/)?mod\.ts$/.test(path)) {
        const module: Readonly<Record<string, unknown>> = await import(`../${path}`);
        for (const plugin of Object.values(module).filter(isPlugin)) files.set(plugin, path);
      }
    }
  };
  await visit("plugins");
  return files;
}

/** Pages that stand in the folder and should not. */
export async function stalePages(pages: ReadonlyMap<string, string>): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(join(ROOT, FOLDER)), ({ name }) => name);
  return names.filter((name) => !pages.has(name));
}
