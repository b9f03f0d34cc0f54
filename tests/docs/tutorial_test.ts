/** Follows docs/guide/tutorial.md from its first line to its last. */
import assert from "node:assert/strict";
import { withFolder } from "../cli/command.ts";
import { followPage } from "./page.ts";

Deno.test("the tutorial leads from nothing to a level and a rule of one's own, tuned, compared, watched, handed on", () =>
  withFolder(async (folder) => {
    const url = new URL("../../docs/guide/tutorial.md", import.meta.url);
    const followed = await followPage(await Deno.readTextFile(url), folder);
    const names = followed.map((command) => command.split(" ")[2]);
    assert.deepEqual(names, [
      ...["new", "check", "new", "check", "run", "tune", "compare", "play", "play"],
      ...["pack", "pull", "evaluate"],
    ]);
  }));
