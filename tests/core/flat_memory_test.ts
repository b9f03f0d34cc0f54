import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("a long run takes no more memory at its end than at its start", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "--v8-flags=--expose-gc", "--allow-read"],
      fileURLToPath(new URL("./flat_memory.ts", import.meta.url)),
    ],
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const [early, late] = JSON.parse(new TextDecoder().decode(stdout)) as [number, number];
  assert.ok(late - early < 1_500_000, `${early} bytes after 1,000 iterations, ${late} after 3,000`);
});
