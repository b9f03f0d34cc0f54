/** Plugins from npm, JSR and the web, as a user names them, in a copy of the project. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { withFolder } from "./command.ts";
import { withCopy } from "./copy.ts";

/** A rule that is no more than its definition: packages cannot import a clone of Tandem. */
const DEFINITION = `export default {
  kind: "feedback",
  name: "praise",
  description: "Every token is good.",
  options: {},
  create: () => ({
    judge: ({ advantages }) => ({
      signs: new Int8Array(advantages.length).fill(1),
      strengths: new Float32Array(advantages.length).fill(1),
      words: () => "good",
    }),
  }),
};
`;
/** The same with types and Tandem's own function, as a file on the web may have it. */
const RULE = `import { definePlugin, type JudgedStep } from "@tandem/core";
export default definePlugin(${
  DEFINITION.replace("export default ", "").replace(";\n", "")
    .replace("({ advantages })", "({ advantages }: JudgedStep)").replace(
      '"feedback"',
      '"feedback" as const',
    )
});
`;

/** The files of an npm package as the registry packs them. */
async function packed(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  let archive = new Uint8Array(0);
  await withFolder(async (folder) => {
    mkdirSync(`${folder}/package`);
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(`${folder}/package/${name}`, text);
    }
    const tar = new Deno.Command("tar", { args: ["czf", "-", "-C", folder, "package"] });
    archive = (await tar.output()).stdout as Uint8Array<ArrayBuffer>;
  });
  return archive;
}

const digest = (algorithm: string, data: string | Uint8Array) => createHash(algorithm).update(data);

/** A registry of npm and of JSR, and a site with one rule. */
async function site(): Promise<{ host: string } & AsyncDisposable> {
  const manifest = { name: "@rules/praise", version: "1.0.0", type: "module", main: "index.js" };
  const archive = await packed({
    "package.json": JSON.stringify(manifest),
    "index.js": DEFINITION,
  });
  const answers = (host: string): Record<string, string | Uint8Array> => ({
    "/rule.ts": RULE,
    "/praise.tgz": archive,
    "/@rules/praise": JSON.stringify({
      name: manifest.name,
      "dist-tags": { latest: "1.0.0" },
      versions: {
        "1.0.0": {
          ...manifest,
          dist: {
            tarball: `http://${host}/praise.tgz`,
            integrity: `sha512-${digest("sha512", archive).digest("base64")}`,
            shasum: digest("sha1", archive).digest("hex"),
          },
        },
      },
    }),
    "/@rules/praise/meta.json": JSON.stringify({
      ...{ scope: "rules", name: "praise", latest: "1.0.0", versions: { "1.0.0": {} } },
    }),
    "/@rules/praise/1.0.0_meta.json": JSON.stringify({
      manifest: {
        "/mod.js": {
          size: DEFINITION.length,
          checksum: `sha256-${digest("sha256", DEFINITION).digest("hex")}`,
        },
      },
      exports: { ".": "./mod.js" },
    }),
    "/@rules/praise/1.0.0/mod.js": DEFINITION,
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url, headers }) => {
      const path = decodeURIComponent(new URL(url).pathname);
      const body = answers(headers.get("host")!)[path] as BodyInit | undefined;
      if (body === undefined) return new Response("nothing", { status: 404 });
      const type = path.endsWith(".ts")
        ? "application/typescript"
        : path.endsWith(".js")
        ? "text/javascript"
        : "application/json";
      return new Response(body, { headers: { "content-type": type } });
    },
  );
  const host = `127.0.0.1:${server.addr.port}`;
  return { host, [Symbol.asyncDispose]: () => server.shutdown() };
}

const run = (rule: string, ...more: string[]) => [
  ...["run", "tests/cli/corridor.ts", "--set", `feedback=${rule}`],
  ...["--quiet", "--device", "cpu", ...more],
];

Deno.test("a plugin comes from npm, JSR, the web or a file alike, once its user lets it in", async (test) => {
  await using registry = await site();
  const { host } = registry;
  await withCopy(`@rules:registry=http://${host}/\n`, async (task, folder) => {
    writeFileSync(`${folder}/rule.ts`, RULE);
    const allow = { TANDEM_ALLOW: `--allow-import=${host}` };
    const jsr = { JSR_URL: `http://${host}/` };
    const sources: readonly [name: string, env: Record<string, string>][] = [
      ["npm:@rules/praise@1.0.0", {}],
      ["jsr:@rules/praise@1.0.0", jsr],
      [`http://${host}/rule.ts`, allow],
    ];
    for (const [name, env] of sources) {
      await test.step(`${name.replace(host, "HOST")} is refused until it is in the lock`, async () => {
        if ("TANDEM_ALLOW" in env) {
          const { status, stderr } = await task(run(name));
          assert.equal(status, 2);
          const allowing = `put TANDEM_ALLOW=--allow-import=${host} before the command`;
          assert.ok(stderr.includes(allowing), stderr);
        }
        const { status, stderr } = await task(run(name), env);
        assert.equal(status, 2);
        const sentence =
          `E_PLUGIN: The plugin "${name}" cannot be loaded: deno.lock does not hold ` +
          `"${name}"; "deno task plugins:add ${name}" adds what you trust.`;
        assert.ok(stderr.includes(sentence), stderr);
      });
    }
    const added = await task(["plugins:add", ...sources.map(([name]) => name)], jsr);
    assert.equal(added.status, 0, added.stderr);
    for (const [name, env] of sources) {
      const before = "TANDEM_ALLOW" in env ? `TANDEM_ALLOW=--allow-import=${host} ` : "";
      const use = `  ${before}deno task run pipelines/babyai.ts --set feedback=${name}\n`;
      assert.ok(added.stdout.includes(`${name} is let in: the feedback "praise". Every token is`));
      assert.ok(added.stdout.includes(use), added.stdout);
    }
    for (const [name, env] of [...sources, ["./rule.ts", {}] as const]) {
      for (const how of name.startsWith("jsr:") ? [[]] : [[], ["--sandbox"]]) {
        await test.step(`${name.replace(host, "HOST")} runs ${how.join()}`, async () => {
          const out = `${folder}/runs/${encodeURIComponent(name + how.join())}`;
          const { status, stderr } = await task(run(name, "--out", out, ...how), env);
          assert.equal(status, 0, stderr);
          assert.doesNotMatch(stderr, /abstains/);
          const config = JSON.parse(await Deno.readTextFile(`${out}/config.json`));
          assert.deepEqual(config.pipeline.feedback, { plugin: name, options: {} });
          const { verdicts } = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
          assert.ok(verdicts.positive > 0 && verdicts.negative === 0, JSON.stringify(verdicts));
        });
      }
      await test.step(`${name.replace(host, "HOST")} is checked`, async () => {
        const { status, stdout, stderr } = await task(["check", name], env);
        assert.equal(status, 0, stderr);
        assert.equal(stdout, 'feedback "praise" keeps its contract.\n');
      });
    }
    await test.step("the sandbox says how to name a rule from JSR", async () => {
      const { status, stderr } = await task(run("jsr:@rules/praise@1.0.0", "--sandbox"), jsr);
      assert.equal(status, 2);
      assert.match(stderr, /^E_PLUGIN: The sandbox cannot read "jsr:.*name its file, as https:/m);
    });
  });
});
