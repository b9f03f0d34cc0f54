/** Names that a server or a graph gives lead nowhere else on Windows, either. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { posix, win32 } from "node:path";
import { isPlainPath } from "../../../runtimes/files/names.ts";

/** What paths of Windows are made of, and what escapes are. */
const piece = fc.constantFrom(
  ...["C:", "D:\\", "\\\\server\\share\\", "\\\\?\\", "\\", "/", "..", ".", " ", "%2e%2e", "%5C"],
  ...["con", "NUL", "com1", "lpt9.txt", "CONIN$", "a", "model.onnx", "x. ", "y:stream", "~1", "ü"],
);
const path = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
const plain = fc.array(fc.stringMatching(/^[a-z0-9_%-]{1,6}\.[a-z]{1,3}$/), {
  minLength: 1,
  maxLength: 4,
}).map((parts) => parts.join("/"));

Deno.test("a name that is taken stays below its folder, on Windows as elsewhere", () => {
  fc.assert(
    fc.property(fc.oneof(path, plain), (name) => {
      fc.pre(isPlainPath(name));
      assert.ok(win32.resolve("C:\\models", name).startsWith("C:\\models\\"), name);
      assert.ok(posix.resolve("/models", name).startsWith("/models/"), name);
      const parts = win32.relative("C:\\models", win32.resolve("C:\\models", name)).split("\\");
      assert.deepEqual(parts, name.split("/")); // nothing is dropped or read as something else
      assert.ok(!parts.some((part) => /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[. ]$/i.test(part)));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("ordinary names are taken, unless they are those of devices", () => {
  fc.assert(fc.property(plain, (name) => {
    const isDevice = name.split("/").some((part) => /^(con|prn|aux|nul|com\d|lpt\d)\./.test(part));
    assert.equal(isPlainPath(name), !isDevice);
  }));
});
