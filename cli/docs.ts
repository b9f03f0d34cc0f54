import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import { TandemError } from "../core/errors.ts";
import type { AnyPlugin } from "../core/plugin.ts";
import { PLUGIN_KINDS } from "../core/stages.ts";
import { builtins } from "../plugins/mod.ts";
import { documentPlugin, type PluginDoc, readSources, ROOT } from "./plugin_doc.ts";
import { pluginIndex, pluginPage } from "./plugin_page.ts";
import { print } from "./print.ts";

const FOLDER = "docs/plugins";

/** `docs`: writes docs/plugins/ from the schemas and docstrings of the built-in plugins. */
export function docsCommand() {
  return new Command("docs")
    .description("write docs/plugins/ from the plugins' schemas and docstrings")
    .action(async () => {
      const pages = await pluginPages();
      await Deno.mkdir(join(ROOT, FOLDER), { recursive: true });
      for (const name of await stalePages(pages)) await Deno.remove(join(ROOT, FOLDER, name));
      for (const [name, text] of pages) await Deno.writeTextFile(join(ROOT, FOLDER, name), text);
      print(`${FOLDER}: ${pages.size} pages`);
    });
}

/** The documentation of all built-in plugins, in the order of their kinds. */
export async function builtinDocs(): Promise<PluginDoc[]> {
  const sources = await readSources();
  return PLUGIN_KINDS.flatMap((kind) =>
    Object.values<AnyPlugin>(builtins[kind]).map((plugin) => documentPlugin(plugin, sources))
  );
}

/** The pages of docs/plugins/ by file name, as they should be. */
export async function pluginPages(): Promise<ReadonlyMap<string, string>> {
  const docs = await builtinDocs();
  const undocumented = docs.find(({ paragraphs }) => paragraphs.length === 0);
  if (undocumented) {
    const { kind, name } = undocumented;
    throw new TandemError("E_PLUGIN", `The ${kind} "${name}" has no docstring that could be read.`);
  }
  const pages = new Map([["README.md", pluginIndex(docs)]]);
  for (const { name } of docs) {
    pages.set(`${name}.md`, pluginPage(docs.filter((doc) => doc.name === name)));
  }
  return pages;
}

/** Pages that stand in the folder and should not. */
export async function stalePages(pages: ReadonlyMap<string, string>): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(join(ROOT, FOLDER)), ({ name }) => name);
  return names.filter((name) => !pages.has(name));
}
