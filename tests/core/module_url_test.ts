import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { moduleFile, moduleUrl } from "../../core/base/module_url.ts";
import { isModule } from "../../core/pipeline/plugin.ts";

Deno.test("moduleUrl() takes a path as it is written, whatever characters it holds", () => {
  const paths = ["/a/C# work/r.ts", "/a/50%25/r?.ts", "/a/b\\c.ts", "/a/é (1)+@=.ts", "/a/ r.ts "];
  for (const path of paths) {
    assert.equal(moduleUrl(path), pathToFileURL(path).href, path);
    assert.equal(moduleFile(path), path);
    assert.equal(moduleFile(pathToFileURL(path).href), path);
  }
  assert.equal(moduleUrl("./x #1.ts"), pathToFileURL(`${Deno.cwd()}/x #1.ts`).href);
  assert.equal(moduleUrl("data.ts"), pathToFileURL(`${Deno.cwd()}/data.ts`).href);
  assert.equal(moduleUrl("./data:x.ts"), pathToFileURL(`${Deno.cwd()}/data:x.ts`).href);
});

Deno.test("moduleUrl() leaves URLs of plugins as they are, and refuses those of anything else", () => {
  for (
    const url of ["npm:a@1", "jsr:@a/b@1", "https://a.b/c.ts", "http://a.b/c.ts", "file:///a.ts"]
  ) {
    assert.equal(moduleUrl(url), url);
  }
  assert.equal(moduleFile("npm:a@1"), undefined);
  const others = [
    "data:,0",
    "DATA:,0",
    " data:,0",
    "da\tta:,0",
    "\x01data:,0",
    "blob:x",
    "node:fs",
    "ftp://a",
  ];
  for (const url of others) {
    assert.ok(isModule(url), url);
    assert.throws(() => moduleUrl(url), { code: "E_PLUGIN" }, url);
  }
});
