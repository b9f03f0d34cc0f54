/**
 * Makes a package of what was transpiled into npm/: its package.json comes from deno.json. Tandem's
 * packages are optional peers: the plugin works with the Tandem that loads it, and brings no other one.
 */
import config from "./config.json" with { type: "json" };

const source = await Deno.readTextFile(config.exports);
const module = config.exports.replace(/\.ts$/, "");

// "npm:valibot@^1.0.0" as ["valibot", "^1.0.0"], where the plugin imports it, and not its tests alone.
const imported = Object.entries(config.imports)
  .filter(([name]) => source.includes(`from "${name}`))
  .map(([name, specifier]) => [name, specifier.split("@").at(-1)!] as const);
const isTandem = ([name]: readonly [string, string]) => name.startsWith("@tandem/");
const peers = imported.filter(isTandem);

const manifest = {
  name: config.name,
  version: config.version,
  license: config.license,
  keywords: ["tandem-plugin"],
  type: "module",
  publishConfig: { access: "public" },
  exports: { types: `${module}.d.ts`, default: `${module}.js` },
  dependencies: Object.fromEntries(imported.filter((entry) => !isTandem(entry))),
  peerDependencies: Object.fromEntries(peers),
  peerDependenciesMeta: Object.fromEntries(peers.map(([name]) => [name, { optional: true }])),
};
await Deno.writeTextFile("npm/package.json", `${JSON.stringify(manifest, null, 2)}\n`);

// Files import one another as JavaScript; types name packages, and not where they lie on this machine.
const CACHED =
  /import\("file:[^"]*?\/((?:@[\w.-]+\/)?[\w.-]+)\/\d+\.[^/"]*\/(?:(\w+)\/)?[^/"]*"\)/g;
for (const { name } of Deno.readDirSync("npm")) {
  if (!/\.(js|d\.ts)$/.test(name)) continue;
  const text = (await Deno.readTextFile(`npm/${name}`)).replace(/^\/\/\/ <amd-module .*\n/, "")
    .replace(/((?:from|import) "\.[^"]*)\.ts"/g, '$1.js"')
    .replace(CACHED, (_, name, door) => `import("${name}${door ? `/${door}` : ""}")`);
  if (text.includes("file:///")) throw new Error(`npm/${name} names a file of this machine.`);
  await Deno.writeTextFile(`npm/${name}`, text);
}
