import { Command } from "@commander-js/extra-typings";
import { didYouMean, TandemError } from "../core/base/errors.ts";
import { outsideText } from "../core/base/outside.ts";
import { isModule, loadPlugin } from "../core/pipeline/plugin.ts";
import { PLUGIN_KINDS } from "../core/stages/mod.ts";
import { builtins } from "../plugins/mod.ts";
import { CHANNELS } from "../plugins/teacher/language_model/channels/table.ts";
import { builtinDocs } from "./docs.ts";
import { readAdmitted } from "./admission/admitted.ts";
import { documentPlugin, type PluginDoc } from "./plugin_doc.ts";
import { pluginText } from "./plugin_page.ts";
import { print } from "./print.ts";

/** `plugins`: what can stand in which stage. */
export function pluginsCommand() {
  return new Command("plugins")
    .description("list the plugins, built in or let in, one line each, or show the options of one")
    .argument("[name]", "a plugin, such as ppo or ./my_rule.ts")
    .action(async (name) => {
      if (name === undefined) return await list();
      const docs = isModule(name) ? [documentPlugin(await loadPlugin(name))] : docsOf(name);
      print(docs.map(pluginText).join("\n\n\n"));
    });
}

async function list(): Promise<void> {
  const admitted = await readAdmitted();
  for (const kind of PLUGIN_KINDS) {
    print(kind);
    for (const [name, { description }] of Object.entries(builtins[kind])) {
      print(`  ${name.padEnd(24)} ${description}`);
    }
    if (kind === "channel") listChannels();
    for (const { module, description } of admitted.filter((plugin) => plugin.kind === kind)) {
      print(`  ${outsideText(module).padEnd(24)} ${outsideText(description)}`);
    }
  }
}

/** The names that the language model's `learnsBy` takes beside plugins. */
function listChannels(): void {
  for (const [name, { description }] of Object.entries(CHANNELS)) {
    print(`  ${name.padEnd(24)} ${description}`);
  }
}

/** @throws {TandemError} E_PLUGIN for an unknown name. */
function docsOf(name: string): PluginDoc[] {
  const all = builtinDocs();
  const docs = all.filter((doc) => doc.name === name);
  if (docs.length > 0) return docs;
  const hint = didYouMean(name, all.map((doc) => doc.name)) || ` \`deno task plugins\` lists them.`;
  throw new TandemError("E_PLUGIN", `There is no plugin "${name}".${hint}`);
}
