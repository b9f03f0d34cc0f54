/** Follows docs/guide/use-a-run.md: its numbers are those that its commands give. */
import assert from "node:assert/strict";
import { withFolder } from "../cli/command.ts";
import { BRIEF, followPage } from "./page.ts";

Deno.test("the guide to runs measures, shows, hands on, resumes and follows a run as it says", () =>
  withFolder(async (folder) => {
    const url = new URL("../../docs/guide/use-a-run.md", import.meta.url);
    const page = await Deno.readTextFile(url);
    const long = "pipelines/babyai.ts";
    const brief = ([, file]: readonly string[]) => file === long ? BRIEF.with(1, "6") : [];
    const followed = await followPage(page, folder, brief);
    const names = new Set(followed.map((command) => command.split(" ")[2]));
    assert.deepEqual([...names], ["run", "evaluate", "play", "pack", "pull", "resume"]);
  }));
