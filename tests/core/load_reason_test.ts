import assert from "node:assert/strict";
import { loadReason } from "../../core/base/load_reason.ts";

Deno.test("loadReason() says what lets a module through that may not be imported", () => {
  const cause = new TypeError('Requires import access to "h.org:80", run again with the flag');
  assert.equal(
    loadReason("http://h.org/a.ts", cause),
    'nothing may be imported from "h.org:80"; put TANDEM_ALLOW=--allow-import=h.org:80 before the ' +
      "command to allow it.",
  );
});

Deno.test("loadReason() names all that the lock file does not hold, without colours", () => {
  const cause = new TypeError(
    'The \x1b[1mlockfile\x1b[0m is out of date\n  "npm:a@1": "1.0.0"\n  "jsr:@b/c@2": "2.0.0"\n',
  );
  assert.equal(
    loadReason("npm:a@1", cause),
    'deno.lock does not hold "npm:a@1", "jsr:@b/c@2"; "deno task plugins:add npm:a@1 jsr:@b/c@2" ' +
      "adds what you trust.",
  );
  assert.equal(
    loadReason("npm:a@1", new TypeError("The lockfile is out of date.")),
    'deno.lock does not hold "npm:a@1"; "deno task plugins:add npm:a@1" adds what you trust.',
  );
});

Deno.test("loadReason() gives the first line of anything else, even of what is no error", () => {
  assert.equal(loadReason("./a.ts", thrown("No such file\n    at a.ts:1")), "No such file");
  assert.equal(loadReason("./a.ts", "thrown as it is"), "thrown as it is");
});

Deno.test("loadReason() names the place in the user's file, and his files as he does", () => {
  const url = "file:///home/me/a%23b.ts";
  const broken = thrown("Expected ';'", `SyntaxError: Expected ';'\n    at ${url}:3:5`);
  assert.equal(loadReason("/home/me/a#b.ts", broken), "Expected ';' (at /home/me/a#b.ts:3)");
  const core = new URL("../../core/pipeline/plugin.ts", import.meta.url).href;
  const missing = thrown(`Module not found "${url}".`, `TypeError\n    at ${core}:3:5`);
  assert.equal(
    loadReason("./a#b.ts", missing),
    `Module not found "/home/me/a#b.ts". Paths are relative to "${Deno.cwd()}", where tasks run from ` +
      "whatever folder they are started.",
  );
});

/** An error with a stack of its own. */
function thrown(message: string, stack = ""): Error {
  return Object.assign(new Error(message), { stack });
}
