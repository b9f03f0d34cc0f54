/** The one binary: what is packed into it, and, where its runtime can be had, a run of it elsewhere. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { SHOWING } from "../../cli/packages.ts";
import { PACKED_PIPELINES, packedOr } from "../../cli/packed.ts";
import {
  compileBinary,
  graphOf,
  includesOf,
  lazyModules,
  PACKED_PIPELINES as PACKED_BY_TASK,
  permissionFlags,
} from "../../release/binary.ts";
import { ROOT, withFolder } from "../cli/command.ts";

Deno.test("all that is loaded late, started as a thread or read by its path is packed", async () => {
  const included = await includesOf();
  const named = included.map((path) => [path, existsSync(`${ROOT}${path}`)]);
  assert.deepEqual(named, included.map((path) => [path, true]));
  const modules = await graphOf(["cli.ts", "cli/main.ts"]);
  const late = new Set(modules.flatMap(lazyModules));
  assert.deepEqual([...late].filter((path) => !included.includes(path)), []);
  // By hand: one of each kind.
  const some = [
    ...["cli/main.ts", "cli/run_packages.ts", "lab/report/report.ts", "pipelines/babyai.ts"],
    ...["runtimes/fused/lane_worker.ts", "runtimes/language_model/worker.ts"],
    ...["experiments/trial_worker.ts", "runtimes/fused/compiled/t5.ts"],
    ...["models/tandem-t5-babyai", "plugins/env/gymnasium/python"],
  ];
  assert.deepEqual(some.filter((path) => !included.includes(path)), []);
});

Deno.test("the packages that a run shows itself with are packed", () => {
  const text = readFileSync(`${ROOT}cli/run_packages.ts`, "utf8");
  const imported = [...text.matchAll(/^import "(.+)";$/gm)].map(([, name]) => name);
  assert.deepEqual(imported, [...SHOWING]);
});

Deno.test("the binary may do what a run may, in the folder where it is started", () => {
  assert.deepEqual(permissionFlags(), ["--allow-read", "--allow-write=.,/tmp"]);
});

Deno.test("a packed pipeline goes by its path or its name, and a user's own file goes before it", async () => {
  assert.deepEqual(PACKED_PIPELINES, PACKED_BY_TASK);
  const packed = `${ROOT}pipelines/babyai.ts`;
  assert.equal(await packedOr("babyai", true), packed);
  assert.equal(await packedOr("babyai", false), "babyai");
  assert.equal(await packedOr("mine.ts", true), "mine.ts");
  // It is there, in the folder that tests run in.
  assert.equal(await packedOr("pipelines/babyai.ts", true), "pipelines/babyai.ts");
});

const RUNTIME = Deno.env.get("DENORT_BIN");
const WHY = RUNTIME ? "" : " (skipped: DENORT_BIN names no runtime to compile with)";

Deno.test({
  name: `the binary runs the main job in an empty folder${WHY}`,
  ignore: !RUNTIME,
  fn: () =>
    withFolder(async (folder) => {
      const binary = `${folder}/tandem`;
      await compileBinary(binary);
      const work = `${folder}/work`;
      Deno.mkdirSync(work);
      const { code, stderr } = await new Deno.Command(binary, {
        args: ["run", "babyai", "--iterations", "1", "--out", "first"],
        cwd: work,
        clearEnv: true,
        env: { HOME: work, NO_COLOR: "1" },
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      assert.ok(existsSync(`${work}/first/summary.json`));
    }),
});
