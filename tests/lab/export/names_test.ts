import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { csv, csvCell } from "../../../lab/export/csv.ts";
import { type ExportedRun, exportRuns } from "../../../lab/export/export.ts";
import { folderNames } from "../../../lab/export/folder_names.ts";
import { trialScalars } from "../../../lab/export/scalars.ts";
import { sampleRecord } from "../comparison/sample.ts";
import { inTemporaryFolder } from "../temporary.ts";

/** A run of a variant that may be called anything. */
function run(variant: string, level = "A"): ExportedRun {
  const record = sampleRecord({ success: [0.25, 0.5] });
  return {
    ...{ variant, level, seed: 0, record, startedAt: 1000 },
    scalars: trialScalars(record, 1000),
  };
}

/** Texts with what terminals, spreadsheets and file systems take for something else. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    ...["..", ".", "", "a/b", "a b", "a\\b", "CON", "nul.txt", "lr=0.1", "lr=0.1 ", "LR=0.1", "é"],
    ...[
      "e\u0301",
      "学生",
      "教師",
      "\0",
      "\x1b[2J",
      "x".repeat(300),
      "界".repeat(300),
      "-rf",
      "a-c14cddc0",
    ],
  ),
);

Deno.test("folderNames() gives different texts different names that are folders everywhere", () => {
  fc.assert(
    fc.property(fc.uniqueArray(hostile), (texts) => {
      const names = [...folderNames(texts).values()];
      const folded = names.map((name) => name.normalize("NFC").toUpperCase().toLowerCase());
      assert.equal(new Set(folded).size, texts.length);
      for (const name of names) {
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(name, /[\/\\:*?"<>|\x00-\x1f\x7f-\x9f]|^\.|\.$|^$/);
        assert.ok(new TextEncoder().encode(name).length <= 255);
      }
    }),
    { numRuns: 500 },
  );
  assert.equal(folderNames(["lr=0.1"]).get("lr=0.1"), "lr=0.1");
});

Deno.test("exportRuns() keeps runs apart whose names become one, and within its folder", () =>
  inTemporaryFolder(async (folder) => {
    const variants = [
      "学生",
      "教師",
      "a b",
      "a/b",
      "..",
      "../..",
      "lr=0.1",
      "lr=0.1 ",
      "α=1",
      "β=1",
    ];
    const place = { folder: join(folder, "x", "y"), source: folder };
    const paths = await exportRuns(variants.map((name) => run(name)), ["tensorboard"], place);
    assert.equal(new Set(paths).size, variants.length);
    for (const path of paths) {
      assert.ok(path.startsWith(`${place.folder}/tensorboard/`), path);
      assert.ok(Deno.statSync(path).isFile);
    }
  }));

Deno.test("exportRuns() replaces its own files and no others", () =>
  inTemporaryFolder(async (folder) => {
    const [one, other] = [join(folder, "one"), join(folder, "other")];
    const place = { folder: join(folder, "export"), source: one };
    const first = await exportRuns([run("a")], ["csv", "tensorboard"], place);
    assert.deepEqual(await exportRuns([run("a")], ["csv", "tensorboard"], place), first);
    const before = Deno.readTextFileSync(first[0]!);
    await assert.rejects(exportRuns([run("b")], ["csv"], { ...place, source: other }), {
      code: "E_FILE",
      message: /runs\.csv" is of the export of "\.\.\/one" and is not replaced\./,
    });
    assert.equal(Deno.readTextFileSync(first[0]!), before);
    const mine = join(folder, "mine");
    Deno.mkdirSync(mine);
    Deno.writeTextFileSync(join(mine, "training.csv"), "my own");
    await assert.rejects(exportRuns([run("a")], ["csv"], { folder: mine, source: one }), {
      code: "E_FILE",
      message: /training\.csv" is there and is not replaced\./,
    });
    assert.deepEqual([...Deno.readDirSync(mine)].map(({ name }) => name), ["training.csv"]);
    Deno.writeTextFileSync(join(mine, "export.json"), '{"tandem":1,"of":"..","files":3}');
    await assert.rejects(exportRuns([run("a")], ["csv"], { folder: mine, source: one }), {
      code: "E_FILE",
    });
  }));

Deno.test({
  name: "exportRuns() writes through no link in the folder of a run",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [source, elsewhere] = [join(folder, "run"), join(folder, "elsewhere")];
      for (const path of [source, elsewhere]) Deno.mkdirSync(path);
      new Deno.Command("ln", { args: ["-s", elsewhere, join(source, "export")] }).outputSync();
      assert.ok(Deno.lstatSync(join(source, "export")).isSymlink);
      const place = { folder: join(source, "export"), source };
      await assert.rejects(exportRuns([run("a")], ["csv"], place), { code: "E_FILE" });
      assert.deepEqual([...Deno.readDirSync(elsewhere)], []);
    }),
});

Deno.test("csv() has no cell that a spreadsheet takes for a formula, and loses no number", () => {
  const lines = csv([{
    name: '=HYPERLINK("http://x")',
    "@a": -0.5,
    b: "line\nbreak",
    c: -0,
    d: NaN,
  }]);
  assert.equal(
    lines,
    `name,'@a,b,c,d\r\n"'=HYPERLINK(""http://x"")",-0.5,"line\nbreak",0,\r\n`.replace(
      "'@a",
      `"'@a"`,
    ),
  );
  const starts = fc.constantFrom(..."=+-@|%＝＋－＠\t\r\n ");
  fc.assert(
    fc.property(
      fc.oneof(hostile, fc.tuple(starts, hostile).map((parts) => parts.join(""))),
      (text) => {
        const cell = csvCell(text);
        const shown = /^"[^]*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        assert.doesNotMatch(shown, /^\s*[=+\-@|%＝＋－＠]/u);
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(shown, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
        if (!cell.startsWith('"')) assert.doesNotMatch(cell, /[",\r\n]/);
      },
    ),
    { numRuns: 1000 },
  );
});
