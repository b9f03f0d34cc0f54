/** Tandem's packages that plugins import, as a registry has them: JavaScript, types and a manifest. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/command.ts";
import { type Registry, tarballOf } from "./registry.ts";

/** Publishes @tandem/core and @tandem/env of this checkout. */
export async function publishTandem(registry: Registry, folder: string): Promise<void> {
  for (const member of ["core", "plugins/env"]) registry.publish(await packed(member, folder));
}

async function packed(member: string, folder: string): Promise<Uint8Array> {
  const root = join(ROOT, member);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const out = join(folder, member);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["transpile", "--quiet", "--no-lock", "--declaration", "--outdir", out],
      ...files.filter((file) => file.endsWith(".ts")),
    ],
    cwd: root,
  }).output();
  const made = readdirSync(out, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(js|d\.ts)$/.test(file));
  assert.ok(success || made.length > 0, new TextDecoder().decode(stderr));
  const data = files.filter((file) => /(?<!^|deno|package)\.json$/.test(file));
  const texts = [
    ...made.map((file) => [file, asJavaScript(readFileSync(join(out, file), "utf8"))] as const),
    ...data.map((file) => [file, readFileSync(join(root, file), "utf8")] as const),
  ];
  return tarballOf({ "package.json": manifestOf(root), ...Object.fromEntries(texts) });
}

const asJavaScript = (text: string) =>
  text.replace(/((?:from|import) ?\(?"\.[^"]*)\.ts"/g, '$1.js"');

function manifestOf(root: string): string {
  const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
  const { name, version, exports } = json("deno.json");
  const doors = Object.entries<string>(exports).map(([door, file]) => {
    const module = file.replace(/\.ts$/, "");
    return [door, { types: `${module}.d.ts`, default: `${module}.js` }];
  });
  const core = name === "@tandem/core" ? {} : { "@tandem/core": version };
  const { valibot } = JSON.parse(readFileSync(join(ROOT, "import_map.json"), "utf8")).imports;
  const dependencies = { ...core, valibot: valibot.split("@")[1] };
  return JSON.stringify(
    { name, version, type: "module", exports: Object.fromEntries(doors), dependencies },
  );
}
