import assert from "node:assert/strict";
import { TandemError } from "../../core/base/errors.ts";
import { writeStageFiles } from "../../lab/stage_files.ts";

Deno.test("writeStageFiles() writes a folder in place of what stood there", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/teacher`;
    writeStageFiles(path, { "old.json": Uint8Array.of(9) });
    writeStageFiles(path, { "config.json": Uint8Array.of(1), "onnx/a.onnx": Uint8Array.of(2, 3) });
    const names = (at: string) => [...Deno.readDirSync(at)].map(({ name }) => name).sort();
    assert.deepEqual(names(dir), ["teacher"]);
    assert.deepEqual(names(path), ["config.json", "onnx"]);
    assert.deepEqual(Deno.readFileSync(`${path}/onnx/a.onnx`), Uint8Array.of(2, 3));
    Deno.writeTextFileSync(`${dir}/file`, "");
    assert.throws(
      () => writeStageFiles(`${dir}/file/teacher`, { a: Uint8Array.of(1) }),
      (error) => error instanceof TandemError && error.code === "E_DISK",
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
