import assert from "node:assert/strict";
import { isDrawable } from "../../cli/terminal.ts";
import { ROOT, withFolder } from "./command.ts";

Deno.test("isDrawable() asks for a terminal that is not dumb, without NO_COLOR and CI", () => {
  const terminal = { isTerminal: true, noColor: false, term: "xterm", ci: "" };
  assert.equal(isDrawable(terminal), true);
  assert.equal(isDrawable({ ...terminal, ci: "false" }), true);
  for (const change of [{ isTerminal: false }, { noColor: true }, { term: "dumb" }, { ci: "1" }]) {
    assert.equal(isDrawable({ ...terminal, ...change }), false, JSON.stringify(change));
  }
});

/** What `deno task run` writes to a terminal in an environment. */
async function onTerminal(env: Readonly<Record<string, string>>, out: string): Promise<string> {
  const task =
    `${Deno.execPath()} task --quiet run pipelines/corridor.ts --iterations 2 --out ${out}`;
  const { stdout } = await new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", task, "/dev/null"],
    cwd: ROOT,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH")!,
      HOME: Deno.env.get("HOME") ?? "/tmp",
      TERM: "xterm",
      ...env,
    },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "a run paints and draws on a terminal, and writes plain lines where it is asked to",
  // `script`, which makes a terminal, has other arguments elsewhere.
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      // deno-lint-ignore no-control-regex
      assert.match(await onTerminal({}, `${folder}/painted`), /\x1b\[/);
      for (const [name, value] of [["NO_COLOR", "1"], ["TERM", "dumb"], ["CI", "true"]] as const) {
        const written = await onTerminal({ [name]: value }, `${folder}/${name}`);
        assert.match(written, /development worlds/, name);
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(written, /\x1b/, name);
      }
    }),
});
