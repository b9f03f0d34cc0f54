/** Files that are none: pipes, devices, files that claim terabytes or grow while they are read. */
import assert from "node:assert/strict";
import {
  expectFile,
  readFile,
  readFileSync,
  readTextFile,
  readTextFileSync,
} from "../../runtimes/files/read.ts";
import { withFolder } from "../cli/command.ts";

Deno.test("readFile() reads a file as it is, and no more of it than it may", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await Deno.writeTextFile(path, "\ufeffgrün");
    assert.equal(expectFile(path, 8), 8);
    assert.deepEqual(await readFile(path, 8), await Deno.readFile(path));
    assert.deepEqual(readFileSync(path, 8), await Deno.readFile(path));
    assert.equal(await readTextFile(path, 8), "\ufeffgrün");
    assert.equal(readTextFileSync(path, 8), "\ufeffgrün");
    await assert.rejects(readFile(path, 7), /^RangeError: it has 8 bytes, and at most 7 are read/);
    assert.throws(() => readFileSync(path, 7), RangeError);
    await assert.rejects(readFile(`${folder}/none`, 7), { code: "ENOENT" });
    await Deno.writeTextFile(path, "");
    assert.equal((await readFile(path, 0)).length, 0);
  }));

Deno.test("readFile() opens no pipe, device or folder, and a file of terabytes that are not there costs nothing", () =>
  withFolder(async (folder) => {
    const pipe = `${folder}/pipe`;
    assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
    for (const path of [pipe, "/dev/zero", folder]) {
      await assert.rejects(readFile(path, 100), /it is no file/);
      assert.throws(() => readFileSync(path, 100), /it is no file/);
    }
    const sparse = `${folder}/sparse`;
    await Deno.writeTextFile(sparse, "");
    await Deno.truncate(sparse, 2 ** 40);
    await assert.rejects(readFile(sparse, 2 ** 32), RangeError);
    assert.throws(() => readFileSync(sparse, 2 ** 32), RangeError);
  }));
