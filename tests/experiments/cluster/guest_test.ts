import assert from "node:assert/strict";
import { join } from "node:path";
import { guestCatalog } from "../../../experiments/cluster/guest.ts";
import { TandemError } from "../../../core/base/errors.ts";
import { definePlugin, use } from "../../../core/pipeline/plugin.ts";
import { sha256 } from "../../../lab/digest.ts";
import { builtins } from "../../../plugins/mod.ts";
import { withFolder } from "../../cli/command.ts";

const RULE = `import { definePlugin } from "@tandem/core";
import { verdictsOf } from "@tandem/core/kit";
export default definePlugin({ kind: "feedback", name: "mine", description: "Yes.", options: {},
  create: () => ({ judge: (now) => verdictsOf(now.advantages.map(() => 1)) }) });
`;

function isRefused(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof TandemError && error.code === "E_PERMISSION" && pattern.test(error.message);
}

Deno.test("a guest's pipeline imports no module, at whatever depth it stands", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "inner.ts");
    const trace = join(folder, "trace");
    await Deno.writeTextFile(path, `Deno.writeTextFileSync(${JSON.stringify(trace)}, "ran");`);
    const catalog = await guestCatalog({ effects: ["network", "write", "process"] });
    const url = `file://${path}`;
    for (const plugin of [path, url, "https://127.0.0.1:1/x.ts", "npm:x"]) {
      const inner = { plugin, options: {} };
      const asked = [
        () => use("teacher", plugin, {}, catalog),
        () => use("teacher", "shuffled", { of: plugin }, catalog),
        () => use("teacher", "ensemble", { of: ["bot", inner] }, catalog),
        () =>
          use(
            "teacher",
            "shuffled",
            { of: { plugin: "shuffled", options: { of: inner } } },
            catalog,
          ),
        () => use("extra", plugin, {}, catalog),
        () => use("feedback", plugin, {}, catalog),
      ];
      for (const each of asked) await assert.rejects(each, isRefused(/loads a module \(import\)/));
    }
    await assert.rejects(() => Deno.stat(trace), Deno.errors.NotFound);
  });
});

Deno.test("a guest has the effects alone that were allowed, within other stages too", async () => {
  const writer = definePlugin({
    kind: "teacher",
    name: "writer",
    description: "Writes.",
    options: {},
    effects: ["write"],
    create: () => {
      throw new Error("not made here");
    },
  });
  const plugins = { ...builtins, teacher: { ...builtins.teacher, writer } };
  const strict = await guestCatalog({ effects: ["network"] }, plugins);
  await assert.rejects(
    () => use("teacher", "writer", {}, strict),
    isRefused(/"writer" writes files in the working directory \(write\).*--allow-effect/),
  );
  await assert.rejects(
    () => use("teacher", "shuffled", { of: "writer" }, strict),
    isRefused(/\(write\)/),
  );
  const open = await guestCatalog({ effects: ["write"] }, plugins);
  assert.equal((await use("teacher", "shuffled", { of: "writer" }, open)).plugin, "shuffled");
});

Deno.test("a guest's rule is the one that its plan names by hash, and no other", async () => {
  await withFolder(async (folder) => {
    const [path, other] = [join(folder, "rule.ts"), join(folder, "other.ts")];
    for (const file of [path, other]) await Deno.writeTextFile(file, RULE);
    const rule = { path, sha256: sha256(RULE) };
    const catalog = await guestCatalog({ effects: [], rule });
    assert.equal((await use("feedback", path, {}, catalog)).kind, "feedback");
    await assert.rejects(() => use("feedback", other, {}, catalog), isRefused(/other\.ts/));
    await Deno.writeTextFile(path, `${RULE}// changed`);
    await assert.rejects(
      () => use("feedback", path, {}, catalog),
      (error: unknown) => error instanceof TandemError && /by its content/.test(error.message),
    );
  });
});
