import assert from "node:assert/strict";
import { join } from "node:path";
import { Pcg64 } from "../../../core/kit/random.ts";
import { draftOf } from "../../../runtimes/files/draft.ts";
import { refuseLinks, refuseLinksIn, refuseShared } from "../../../runtimes/files/links.ts";
import { sweepDrafts, writeAtomically, writeFolder } from "../../../runtimes/files/write.ts";
import { type Crash, ForgetfulFiles, PowerCut } from "../../crash/forgetful_files.ts";
import { inTemporaryFolder, symlink } from "../../lab/temporary.ts";

const LINK = { code: "E_FILE", message: /^".*" is a link, and nothing is read or written through/ };
const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
const bytes = (text: string) => new TextEncoder().encode(text);

/** A folder of ours, and a file and a folder outside that links lead to. */
const withOutside = (test: (ours: string, file: string, folder: string) => void) =>
  inTemporaryFolder((all) => {
    const [ours, folder] = [join(all, "ours"), join(all, "theirs")];
    Deno.mkdirSync(ours);
    Deno.mkdirSync(folder);
    const file = join(folder, "precious.txt");
    Deno.writeTextFileSync(file, "precious");
    test(ours, file, folder);
    assert.deepEqual(names(folder), ["precious.txt"]);
    assert.equal(Deno.readTextFileSync(file), "precious");
  });

Deno.test("writeAtomically() writes through no link, and leaves no draft", () =>
  withOutside((ours, file, folder) => {
    symlink(file, join(ours, "a.json"));
    assert.throws(() => writeAtomically(join(ours, "a.json"), "mine"), LINK);
    symlink(join(folder, "new"), join(ours, "nowhere"));
    assert.throws(() => writeAtomically(join(ours, "nowhere"), "mine"), LINK);
    symlink(folder, join(ours, "sub"));
    const within = { within: ours };
    assert.throws(() => writeAtomically(join(ours, "sub", "b.json"), "mine", within), LINK);
    assert.throws(() => writeAtomically(join(ours, "..", "b.json"), "mine", within), {
      code: "E_FILE",
    });
    assert.deepEqual(names(ours), ["a.json", "nowhere", "sub"]);
  }));

Deno.test("writeAtomically() goes through links above the folder that is its own", () =>
  inTemporaryFolder((folder) => {
    Deno.mkdirSync(join(folder, "real"));
    symlink(join(folder, "real"), join(folder, "typed"));
    writeAtomically(join(folder, "typed", "a"), "mine");
    assert.equal(Deno.readTextFileSync(join(folder, "real", "a")), "mine");
  }));

Deno.test("writeFolder() keeps to its folder, and takes the place of what stood there if it may", () =>
  withOutside((ours, _, folder) => {
    const path = join(ours, "state");
    const content = [["a.json", bytes("1")], ["deep/b.json", bytes("2")]] as const;
    writeFolder(path, content);
    assert.throws(() => writeFolder(path, content), { code: "E_FILE", message: /in the way/ });
    writeFolder(path, [["c", bytes("3")]], { replaces: true });
    assert.deepEqual(names(path), ["c"]);
    for (const name of ["../out", "a/../../out"]) {
      const write = () => writeFolder(path, [[name, bytes("4")]], { replaces: true });
      assert.throws(write, { code: "E_FILE", message: /is not in/ }, name);
    }
    symlink(folder, join(ours, "link"));
    assert.throws(() => writeFolder(join(ours, "link"), content, { replaces: true }), LINK);
    assert.deepEqual(names(ours), ["link", "state"]);
  }));

Deno.test("refuseLinksIn() finds a link at any depth, and what is neither file nor folder", () =>
  withOutside((ours, file) => {
    refuseLinksIn(join(ours, "not there"));
    refuseLinksIn(ours);
    Deno.mkdirSync(join(ours, "a/b"), { recursive: true });
    symlink(file, join(ours, "a/b/\x1b[2Jc"));
    assert.throws(() => refuseLinksIn(ours), { code: "E_FILE", message: /\\x1b\[2Jc" is a link/ });
    Deno.removeSync(join(ours, "a/b/\x1b[2Jc"));
    new Deno.Command("mkfifo", { args: [join(ours, "a/pipe")] }).outputSync();
    assert.throws(() => refuseLinksIn(ours), { code: "E_FILE", message: /neither a file nor/ });
  }));

Deno.test("refuseShared() refuses a second name of a file that is written in place", () =>
  withOutside((ours, file) => {
    const log = join(ours, "events.jsonl");
    refuseShared(log);
    Deno.linkSync(file, log);
    assert.throws(() => refuseShared(log), { code: "E_FILE", message: /second name elsewhere/ });
  }));

Deno.test("refuseLinks() looks at the names below the folder alone", () =>
  withOutside((ours, _, folder) => {
    symlink(folder, join(ours, "link"));
    refuseLinks(join(ours, "link", "a"), join(ours, "link"));
    assert.throws(() => refuseLinks(join(ours, "link", "a"), ours), LINK);
  }));

Deno.test("sweepDrafts() removes the drafts of others when they are old, and nothing else", () =>
  inTemporaryFolder((folder) => {
    const [old, young] = [draftOf(join(folder, "a.json")), draftOf(join(folder, "b"))];
    for (const path of [old, join(folder, "mine.tmp")]) Deno.writeTextFileSync(path, "");
    Deno.mkdirSync(young);
    Deno.utimeSync(old, 0, 0);
    sweepDrafts(folder, 3_600_000);
    assert.deepEqual(names(folder), [young.split("/").at(-1)!, "mine.tmp"].sort());
    sweepDrafts(folder, 0);
    assert.deepEqual(names(folder), ["mine.tmp"]);
  }));

Deno.test("wherever the power fails, a file holds what it held or what was written, whole", () => {
  const before = () => {
    const files = new ForgetfulFiles();
    files.makeFolder("runs");
    files.sync("");
    writeAtomically("runs/a", "the first", { files });
    return files;
  };
  const started = before().changes;
  let [tried, old, fresh] = [0, 0, 0];
  for (let patience = 1; patience <= 4; patience++) {
    const coins = Array.from({ length: 40 }, (_, i) => new Pcg64(100 * patience + i));
    for (const crash of ["forget", "keep", ...coins] satisfies Crash[]) {
      const files = new ForgetfulFiles(started + patience);
      files.makeFolder("runs");
      files.sync("");
      writeAtomically("runs/a", "the first", { files });
      assert.throws(
        () => {
          writeAtomically("runs/a", "the second", { files });
          throw new PowerCut();
        },
        (error: Error) => error instanceof PowerCut || error.cause instanceof PowerCut,
      );
      const text = new TextDecoder().decode(files.after(crash).read("runs/a"));
      assert.ok(["the first", "the second"].includes(text), text);
      if (text === "the first") old++;
      else fresh++;
      tried++;
    }
  }
  assert.ok(tried === 168 && old > 0 && fresh > 0);
});
