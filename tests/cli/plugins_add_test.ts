/** What stands in the way of letting a plugin in, as its user is told it, and the way out again. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { readSpecifier } from "../../cli/admission/specifier.ts";
import { openRegistry, tarballOf } from "../registry/registry.ts";
import { task } from "./command.ts";
import { type CopyTask, withCopy } from "./copy.ts";

/** A package with one module. */
function packed(name: string, source: string, more: Readonly<Record<string, unknown>> = {}) {
  const manifest = { name, version: "1.0.0", type: "module", exports: "./index.js", ...more };
  return tarballOf({ "package.json": JSON.stringify(manifest), "index.js": source });
}

/** A rule that uses the core that is there, as packages shall. */
const RULE = `import { definePlugin } from "@tandem/core";
import { verdictsOf } from "@tandem/core/kit";
export default definePlugin({
  kind: "feedback",
  name: "praise",
  description: "Every suggestion is good.",
  options: {},
  effects: ["network"],
  create: () => ({ judge: ({ advantages }) => verdictsOf(advantages.map(() => 1)) }),
});
`;
const PEER = { peerDependencies: { "@tandem/core": "*" } };
const OPTIONAL = { ...PEER, peerDependenciesMeta: { "@tandem/core": { optional: true } } };

const PACKAGES = [
  packed("@rules/praise", RULE, OPTIONAL),
  packed("@rules/copy", RULE, PEER),
  packed("@tandem/core", "export const definePlugin = (plugin) => plugin;"),
  packed("@rules/nothing", "export const praise = 1;"),
  packed("@rules/broken", "export default mistake;"),
  packed("@rules/leaving", "globalThis.Deno.exit(0);"),
  packed("@rules/writing", `Deno.writeTextFileSync("written", "");\n${RULE}`, OPTIONAL),
  packed("@rules/needy", `import "@rules/absent";\n${RULE}`, {
    ...OPTIONAL,
    dependencies: { "@rules/absent": "1.0.0" },
  }),
];

/** What is typed behind `plugins:add`, and the sentence in answer. */
const FAULTS: readonly [module: string, sentence: RegExp][] = [
  ["npm:@rules/absent@1.0.0", /^E_PLUGIN: There is no package "@rules\/absent" on npm; its name/m],
  ["npm:@rules/praise@2.0.0", /^E_PLUGIN: The package "@rules\/praise" on npm has no version "2/m],
  ["npm:@rules/needy@1.0.0", /^E_PLUGIN: There is no package "@rules\/absent" on npm/m],
  [
    "npm:@rules/copy@1.0.0",
    /^E_PLUGIN: "npm:@rules\/copy@1\.0\.0" brings a copy of its own of Tandem, "@tandem\/core@1\.0\.0", .*optional peer dependency/m,
  ],
  [
    "npm:@rules/nothing@1.0.0",
    /^E_PLUGIN: The module "npm:@rules\/nothing@.*" exports no plugin;/m,
  ],
  ["npm:@rules/broken@1.0.0", /^E_PLUGIN: The plugin .* cannot be loaded: mistake is not defined/m],
  ["npm:@rules/leaving@1.0.0", /^E_PLUGIN: ".*" ended the process when it was loaded, or says/m],
  ["npm:@rules/writing@1.0.0", /^E_PLUGIN: .* cannot be loaded: Requires write access to/m],
  ["jsr:@rules/praise@1.0.0", /^E_DOWNLOAD: The package "@rules\/praise" cannot be had from JSR:/m],
  [
    "http://127.0.0.1:1/rule.ts",
    /^E_DOWNLOAD: "127\.0\.0\.1:1" cannot be reached \(.*refused.*\)/m,
  ],
  ["./nowhere.ts", /^E_PLUGIN: There is no module at ".*\/nowhere\.ts"\.$/m],
];

async function expectRefused(tasks: CopyTask, folder: string, module: string, sentence: RegExp) {
  const before = readFileSync(`${folder}/deno.lock`, "utf8");
  const { status, stdout, stderr } = await tasks(["plugins:add", module], {
    JSR_URL: "http://127.0.0.1:1/",
  });
  assert.notEqual(status, 0, stdout);
  assert.match(stderr, sentence);
  assert.doesNotMatch(stderr, /defect|^ +at /m);
  assert.equal(readFileSync(`${folder}/deno.lock`, "utf8"), before);
}

Deno.test("plugins:add says what is in the way, and leaves deno.lock as it was", async (test) => {
  await using registry = openRegistry();
  for (const tarball of PACKAGES) registry.publish(tarball);
  const scopes = `@rules:registry=${registry.url}\n@tandem:registry=${registry.url}\n`;
  await withCopy(scopes, async (tasks, folder) => {
    for (const [module, sentence] of FAULTS) {
      await test.step(module, () => expectRefused(tasks, folder, module, sentence));
    }
    await test.step("no network", async () => {
      writeFileSync(`${folder}/.npmrc`, "@rules:registry=http://127.0.0.1:1/\n");
      const unreachable = /^E_DOWNLOAD: "127\.0\.0\.1:1" cannot be reached \(.*\); the plugin can/m;
      await expectRefused(tasks, folder, "npm:@rules/praise@1.0.1", unreachable);
    });
  });
});

Deno.test("a package uses the core that is here, is listed, and can be taken out again", async () => {
  await using registry = openRegistry();
  for (const tarball of PACKAGES) registry.publish(tarball);
  await withCopy(`@rules:registry=${registry.url}\n`, async (tasks, folder) => {
    const [lock, module] = [`${folder}/deno.lock`, "npm:@rules/praise@1.0.0"];
    const before = readFileSync(lock, "utf8");
    writeFileSync(
      `${folder}/rule.ts`,
      `import rule from "npm:@rules/praise@1.0.0";\nexport { rule };`,
    );
    for (const name of ["./rule.ts", module]) {
      const { status, stdout, stderr } = await tasks(["plugins:add", name]);
      assert.equal(status, 0, stderr);
      assert.ok(
        stdout.startsWith(
          `${name} is let in: the feedback "praise". Every suggestion is good.\n` +
            "It reaches the network.\n",
        ),
        stdout,
      );
      assert.match(
        stdout,
        /\n {2}TANDEM_ALLOW=--node-modules-dir=auto deno task run pipelines\/babyai\.ts --set feedback=/,
      );
    }
    const run = ["run", "pipelines/corridor.ts", "--quiet", "--iterations", "1", "--device", "cpu"];
    const used = ["--set", `feedback=${module}`, "--set", "evaluation.episodes=4"];
    const without = await tasks([...run, ...used]);
    assert.match(without.stderr, /^E_PLUGIN: .*put TANDEM_ALLOW=--node-modules-dir=auto before/m);
    const TANDEM_ALLOW = "--node-modules-dir=auto";
    const { status, stderr } = await tasks([...run, ...used], { TANDEM_ALLOW });
    assert.equal(status, 0, stderr);
    const { npm } = JSON.parse(readFileSync(lock, "utf8"));
    assert.match(npm["@rules/praise@1.0.0"].integrity, /^sha512-/);
    assert.deepEqual(Object.keys(npm).filter((name) => name.startsWith("@tandem/")), []);
    const listed = await tasks(["plugins"]);
    assert.match(listed.stdout, /^feedback\n(?: {2}.*\n)+ {2}npm:@rules\/praise@1\.0\.0 +Every/m);
    // The file needs the package still.
    assert.equal((await tasks(["plugins:remove", module])).status, 0);
    assert.match(readFileSync(lock, "utf8"), /@rules\/praise@1\.0\.0/);
    assert.equal((await tasks(["plugins:remove", "./rule.ts"])).status, 0);
    assert.equal(readFileSync(lock, "utf8"), before);
    const again = await tasks(["plugins:remove", module]);
    assert.equal(again.status, 2);
    assert.match(
      again.stderr,
      /^E_PLUGIN: "npm:@rules\/praise@1\.0\.0" was not let in by .*none is/m,
    );
  });
});

const NAMES: readonly [module: string, sentence: RegExp][] = [
  [
    "npm:rule",
    /^E_ARGUMENT: "npm:rule" names no version; a run has to name one .* npm:rule@1\.0\.0/m,
  ],
  ["npm:rule@^1.0.0", /^E_ARGUMENT: .* names a range of versions or a tag, "\^1\.0\.0";/m],
  ["npm:rule@latest", /^E_ARGUMENT: .* names a range of versions or a tag, "latest";/m],
  ["npm:", /^E_ARGUMENT: "npm:" names no package; write npm:my-rule@1\.0\.0\.$/m],
  ["jsr:rule@1.0.0", /^E_ARGUMENT: .* names no package; write jsr:@you\/my-rule@1\.0\.0\.$/m],
  ["paper", /^E_ARGUMENT: "paper" is no place of a plugin; write npm:NAME@1\.2\.3, jsr:/m],
  ["data:text/javascript,0", /^E_ARGUMENT: ".*" is no place of a plugin/m],
  ["./rule.tgz", /^E_ARGUMENT: "\.\/rule\.tgz" is no module; name a file that ends in \.ts/m],
  ["https://me:secret@h.org/a.ts", /^E_ARGUMENT: .* holds a user name or password/m],
];

for (const [module, sentence] of NAMES) {
  Deno.test(`plugins:add takes no "${module}" and says what it takes`, () => {
    assert.throws(() => readSpecifier(module), (error) => sentence.test(String(error)));
  });
}

Deno.test("plugins:add reads all names before it fetches one", async () => {
  const { status, stderr } = await task("plugins:add", "npm:rule@1.0.0", "npm:rule");
  assert.equal(status, 2);
  assert.match(stderr, /^E_ARGUMENT: "npm:rule" names no version/);
});
