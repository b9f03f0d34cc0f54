/** The members' sources as packages, for engines that do not know Deno's workspaces. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../cli/command.ts";

const MEMBERS = ["core", "models", "runtimes", "plugins/env", "plugins", "lab"];

/** Copies the members into a folder, where a file at its top may import them by name. */
export function layOutPackages(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@tandem"), { recursive: true });
  for (const member of MEMBERS) {
    const { name, version, exports } = JSON.parse(
      readFileSync(join(ROOT, member, "deno.json"), "utf8"),
    );
    // Not within node_modules: Node takes no types out of what stands there.
    const copy = join(folder, "packages", name);
    cpSync(join(ROOT, member), copy, { recursive: true });
    const manifest = { name, version, exports, type: "module" };
    writeFileSync(join(copy, "package.json"), JSON.stringify(manifest));
    link(copy, join(modules, name));
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const valibot = fileURLToPath(new URL("../", import.meta.resolve("valibot")));
  cpSync(valibot, join(modules, "valibot"), { recursive: true });
}

/** By a command: Deno makes links for who may read and write everything alone. */
function link(target: string, path: string): void {
  new Deno.Command("ln", { args: ["-s", target, path] }).outputSync();
}
