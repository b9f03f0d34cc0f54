import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFolder } from "../cli/command.ts";
import { dependenciesOf, packageFolder } from "./dependencies.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { tasks, permissions } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))) as {
  tasks: Record<string, { command: string }>;
  /** Sets by name, of which a task takes one by -P and adds flags. */
  permissions: Record<string, Record<string, unknown>>;
};

Deno.test("every package has a licence that lets Tandem be used by all, and a hash", () => {
  const free = /^(MIT|ISC|0BSD|Unlicense|BSD-[23]-Clause|Apache-2\.0|Apache-2\.0 AND MIT)$/;
  const dependencies = dependenciesOf(ROOT);
  assert.ok(dependencies.length > 100);
  for (const { name, licence, integrity } of dependencies) {
    assert.ok(licence === null || free.test(licence), `"${name}" is under "${licence}"`);
    assert.match(integrity, /^sha512-/, name);
  }
});

Deno.test("no task has all permissions, and what runs code is held to the lock file", () => {
  for (const [name, { command }] of Object.entries(tasks)) {
    assert.doesNotMatch(command, /(^|\s)(-A|--allow-all)(\s|$)/, name);
    for (const [call] of command.matchAll(/deno (run|test|bench) [^;&]*/g)) {
      assert.match(call, /--lock=deno\.lock --frozen/, name);
    }
  }
});

Deno.test("every task names its permissions, and no set of them is wider than its name says", () => {
  const { read, work, scratch, deno, test, ...others } = permissions;
  assert.deepEqual(others, {});
  assert.deepEqual(read, { read: true });
  assert.deepEqual(work, { read: true, write: [".", "/tmp"] });
  assert.deepEqual(scratch, { read: true, write: ["/tmp"] });
  assert.deepEqual(deno, { ...work, run: ["deno"] });
  assert.deepEqual(test!.net, ["127.0.0.1", "localhost"]);
  for (const [name, { command }] of Object.entries(tasks)) {
    for (const [call] of command.matchAll(/deno (run|test|bench) [^;&]*/g)) {
      const set = /(?<= -P=)\w+/.exec(call)?.[0];
      assert.ok(set ? set in permissions : / --allow-read=/.test(call), `${name}: ${call}`);
      assert.equal(
        set === "test",
        /^deno test .* tests|^deno test .*--trace-leaks/.test(call),
        name,
      );
      // A flag of a set's own kind would take the place of what the set says.
      for (const kind of Object.keys(permissions[set!] ?? {})) {
        assert.doesNotMatch(call, new RegExp(` --(allow|deny)-${kind}\\b`), name);
      }
    }
  }
});

/** The rows of a table in docs/security.md, by the heading that it stands under. */
function documented(heading: string): string[][] {
  const text = Deno.readTextFileSync(join(ROOT, "docs/security.md"));
  const [, section = ""] = text.split(`## ${heading}\n`);
  return section.split("\n## ")[0]!.split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", "")));
}

/** A documented place on this machine: a folder with all that is in it, or a name that is looked at. */
interface Place {
  readonly path: string;
  readonly isWhole: boolean;
}

function placesFor(out: string): Place[] {
  return documented("What the main job asks for").map(([name]) => {
    const place = name!.replace("runs/ID", `${out}/`).replace(/^(?!\/)/, ROOT);
    const path = place.replace(/\/$/, "");
    const real = name === "~/.cache/deno/npm/"
      ? dirname(dirname(dirname(packageFolder("a", "1"))))
      : path;
    return { path: real, isWhole: place.endsWith("/") };
  });
}

/** Arguments of the main job, small, as `deno task run` would call it. */
function mainJob(out: string, permissions: readonly string[]): string[] {
  const small = ["envs=4", "steps=4"].flatMap((option) => ["--set", `schedule.${option}`]);
  const few = ["episodes=4", "states=4"].flatMap((option) => ["--set", `evaluation.${option}`]);
  return [
    ...["run", "--lock=deno.lock", "--frozen", "--no-prompt", ...permissions, "cli.ts", "run"],
    ...["pipelines/babyai.ts", "--iterations", "2", "--quiet", "--out", out, ...small, ...few],
  ];
}

async function deno(args: string[], env: Record<string, string> = {}) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp", ...env },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("the main job asks for what docs/security.md lists, and for nothing else", () =>
  withFolder(async (folder) => {
    const [audit, out] = [`${folder}/audit.jsonl`, `${folder}/run`];
    const { code, stderr } = await deno(
      mainJob(out, ["--allow-read", "--allow-write=.,/tmp"]),
      { DENO_AUDIT_PERMISSIONS: audit },
    );
    assert.equal(code, 0, stderr);
    const places = placesFor(out);
    assert.ok(places.length > 3);
    const isListed = (path: string) =>
      places.some((place) => {
        return path === place.path || (place.isWhole && path.startsWith(`${place.path}/`));
      }) ||
      path === folder || path.startsWith(`${folder}/.run-`); // the trial page beside the run
    const asked = Deno.readTextFileSync(audit).trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(asked.length > 20);
    for (const { permission, value } of asked) {
      assert.match(permission, /^(read|write)$/, `${permission} of "${value}"`);
      const path = String(value).replace(/^file:\/\//, "").replace(/^(?!\/)/, ROOT);
      assert.ok(isListed(path), `${permission} of "${path}" is not documented`);
    }
  }));

Deno.test("the main job runs with the permissions that docs/security.md lists alone", () =>
  withFolder(async (folder) => {
    const { code, stderr } = await deno(mainJob(`${folder}/run`, [
      `--allow-read=${
        placesFor(folder).filter(({ isWhole }) => isWhole).map(({ path }) => path).join()
      }`,
      `--allow-write=${folder}`,
    ]));
    assert.equal(code, 0, stderr);
  }));
