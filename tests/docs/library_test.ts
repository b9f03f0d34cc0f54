/** What docs/guide/library.md shows is run as it stands there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT, withFolder } from "../cli/command.ts";

Deno.test("the guide's run from another project tells its progress and plays on", async () => {
  const guide = await Deno.readTextFile(join(ROOT, "docs/guide/library.md"));
  const code = /```ts library\.ts\n([^]*?)```/.exec(guide)![1]!;
  const statements = code.slice(0, code.indexOf("\nawait using")).trim().split("\n");
  assert.ok(statements.length <= 15, `${statements.length} lines to a result`);
  await withFolder(async (folder) => {
    const file = join(folder, "library.ts");
    await Deno.writeTextFile(file, code);
    const { code: status, stdout, stderr } = await new Deno.Command("deno", {
      args: ["run", "--config", join(ROOT, "deno.json"), "--no-lock", "--allow-read", file],
      env: { NO_COLOR: "1" },
    }).output();
    const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(status, 0, complaint);
    const lines = said!.trim().split("\n");
    assert.match(lines[0]!, /^1 \d+$/);
    const [, start, end] = /^success (\S+) -> (\S+)$/m.exec(said!)!.map(Number);
    assert.ok(end! > 0.9 && end! > start!, `${start} -> ${end}`);
    assert.match(lines.at(-1)!, /^\d+ go (left|right)$/);
  });
});
