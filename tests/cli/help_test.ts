/** `deno task help`, and what is said of commands that there are not. */
import assert from "node:assert/strict";
import { ROOT, task } from "./command.ts";
import { inProcess } from "./in_process.ts";

const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
  tasks: Record<string, unknown>;
};

Deno.test("help lists ten commands by what they are for, names the others, and each is a task", async () => {
  const { status, stdout } = await task("help");
  assert.equal(status, 0);
  assert.match(stdout, /^Train\n {2}run +\w.*\n {2}resume +\w.*\n\nSee what was learned\n/m);
  const listed = [...stdout.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name]) => name!);
  assert.equal(listed.length, 10);
  const others = /^More: (.*)\.$/m.exec(stdout)![1]!.split(", ");
  assert.ok(others.includes("worker") && !others.includes("docs"));
  for (const name of [...listed, ...others]) assert.ok(name in tasks, name);
  assert.equal((await inProcess()).stdout, stdout, "as without a command");
});

Deno.test("help NAME tells what a command takes, as NAME --help does", async () => {
  const { status, stdout } = await inProcess("help", "tune");
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: tandem tune \[options\]/);
  assert.match(stdout, /--out <dir>/);
});

Deno.test("a command that there is not is answered with the nearest", async () => {
  for (const args of [["rnu"], ["help", "rnu"]]) {
    const { status, stderr } = await inProcess(...args);
    assert.equal(status, 2);
    assert.equal(
      stderr,
      'E_ARGUMENT: There is no command "rnu"; "deno task help" lists them. Did you mean "run"?\n',
    );
  }
  const { status, stderr } = await inProcess("--nonsense");
  assert.equal(status, 2);
  assert.match(stderr, /^E_ARGUMENT: unknown option '--nonsense'/);
});
