/**
 * How long the compiler takes to check what users write: the time an editor or `deno check` asks for.
 *
 *     deno task bench bench/types_bench.ts
 *
 * Each sample checks a new file, since the compiler remembers what it has checked.
 */

import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const at = (path: string) => JSON.stringify(new URL(path, ROOT).href);

/** What is checked, by what a user would call it. */
const SOURCES: Readonly<Record<string, string>> = {
  "nothing": "",
  "the public face": `export * from ${at("core/mod.ts")};`,
  "a feedback rule": `
    import { changeOf, definePlugin, verdictsOf } from ${at("core/mod.ts")};
    export default definePlugin({
      kind: "feedback", name: "rule", description: "A rule.", options: {},
      create: () => ({
        judge: (now, before) => verdictsOf(changeOf(now, before)),
      }),
    });`,
  "pipelines/babyai.ts": `export { default } from ${at("pipelines/babyai.ts")};`,
};

const folder = Deno.makeTempDirSync({ dir: "/tmp", prefix: "tandem-types-" });
let files = 0;

async function check(source: string): Promise<void> {
  const path = `${folder}/${files++}.ts`;
  await Deno.writeTextFile(path, `${source}\nexport const sample = ${files};\n`);
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["check", "--config", fileURLToPath(new URL("deno.json", ROOT)), path],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

for (const [name, source] of Object.entries(SOURCES)) {
  Deno.bench(`check ${name}`, { n: 3, warmup: 1, group: "types" }, async () => {
    await check(source);
  });
}

globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
