import assert from "node:assert/strict";
import { entries, ROOT, task, withFolder } from "./command.ts";
import { inProcess } from "./in_process.ts";
import { readGif } from "./play/read_gif.ts";

const RUN = ["run", "pipelines/babyai.ts", "--quiet", "--iterations", "1"];
const SMALL = [
  ...["schedule.envs=8", "schedule.steps=16", "evaluation.episodes=5", "evaluation.states=5"],
].flatMap((setting) => ["--set", setting]);

Deno.test("play shows a trained student in words, in other worlds, and as a picture that moves", () =>
  withFolder(async (folder) => {
    const dir = `${folder}/run`;
    assert.equal((await inProcess(...RUN, ...SMALL, "--out", dir)).status, 0);

    const played = await task("play", dir, "--episodes", "2", "--seed", "7");
    assert.equal(played.status, 0, played.stderr);
    const lines = played.stdout.trim().split("\n");
    assert.match(
      lines[0]!,
      /^1\.1 \| go to the red ball \| Teacher says "[a-z ]+" with [\d.]+ % \| /,
    );
    assert.match(lines[0]!, / \| Student does [a-z ]+ \| Q - V [+−]?0\.\d{3}( |$)/);
    assert.match(lines.at(-1)!, /^2\.\d+ .* \| Episode (solved|not solved), reward \d\.\d{3}$/);
    const again = await inProcess("play", dir, "--episodes", "2", "--seed", "7");
    assert.equal(again.stdout, played.stdout, "the same worlds, the same student");

    const alone = await inProcess(
      "play",
      dir,
      "--alone",
      "--episodes",
      "1",
      "--set",
      "env.level=GoToObj",
    );
    assert.match(alone.stdout, /^1\.1 \| go to [a-z ]+ \| Teacher says nothing \| /);

    const file = `${folder}/films/student.svg`;
    const moving = `${folder}/films/student.gif`;
    const filmed = await inProcess(
      ...["play", dir, "--episodes", "1", "--svg", file, "--gif", moving],
    );
    assert.equal(filmed.stdout, `${file}\n${moving}\n`, filmed.stderr);
    const [, steps] = /^(\d+) steps of 1 episode, [01] of them solved\.\n$/.exec(filmed.stderr)!;
    assert.equal(readGif(await Deno.readFile(moving)).frames.length, Number(steps));
    assert.match(await Deno.readTextFile(file), /^<svg [^]*<animate [^]*<\/svg>\n$/);

    for (
      const [args, sentence] of [
        [
          ["--set", "student.hidden=3"],
          /^E_ARGUMENT: --set "student\.hidden=3" is none of the env; /,
        ],
        [["--set", "env.level=Nowhere"], /^E_LEVEL: .*"Nowhere"/],
        [["--pace", "0"], /^E_ARGUMENT: .*--pace/],
        [
          ["--episodes", "1", "--svg", `${dir}/config.json/film.svg`],
          /^E_DISK: ".*film\.svg" cannot be written: a part of the path is a file\./,
        ],
      ] as const
    ) {
      const refused = await inProcess("play", dir, ...args);
      assert.equal(refused.status, 2, refused.stderr);
      assert.match(refused.stderr, sentence);
      assert.equal(refused.stderr.trim().split("\n").length, 1);
    }
    if (Deno.build.os === "linux") await playByHand(dir);
    await Deno.remove(`${dir}/state/student.safetensors`);
    const broken = await inProcess("play", dir);
    assert.match(broken.stderr, /^E_[A-Z]+: .*weights.*\n$/);
  }));

Deno.test("play says what is missing where there is no run", () =>
  withFolder(async (folder) => {
    const { status, stderr } = await inProcess("play", folder);
    assert.equal(status, 2);
    assert.match(stderr, /^E_FILE: ".*" holds no run to open: it has no config\.json\.\n$/);
    assert.deepEqual(await entries(folder), []);
  }));

/** On a terminal, which `script` makes: a person takes a step and leaves. */
async function playByHand(dir: string): Promise<void> {
  const command = `${Deno.execPath()} task --quiet play ${dir} --pace 1`;
  const process = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", command, "/dev/null"],
    cwd: ROOT,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, HOME: Deno.env.get("HOME") ?? "/tmp", TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keys = process.stdin.getWriter();
  const impatient = setTimeout(() => process.kill("SIGKILL"), 60_000);
  const script: [until: RegExp, key: string][] = [
    [/step 1:/, " "], // paused: what comes now comes of keys
    [/step 1:/, "6"],
    [/step 2:/, "n"],
    [/Episode 2, step 1:/, "q"],
  ];
  let shown = "";
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    shown += chunk;
    while (script[0]?.[0].test(shown)) {
      await keys.write(new TextEncoder().encode(script.shift()![1]));
    }
  }
  clearTimeout(impatient);
  await keys.close().catch(() => {});
  const { code } = await process.status;
  assert.equal(code, 0, shown);
  assert.match(shown, /by hand: 1 turn left/);
  assert.match(shown, /Episode 2, step 1:/);
  assert.ok(shown.trimEnd().endsWith("\x1b[?25h"), "the cursor is seen again");
}
