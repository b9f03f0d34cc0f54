import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ErrorCode, TandemError } from "../../../core/base/errors.ts";
import { findPulled, pullModel, type PullOptions } from "../../../runtimes/hub/pull.ts";
import { isPlainPath } from "../../../runtimes/files/names.ts";
import { retryAfter } from "../../../runtimes/hub/retry_after.ts";
import { GraphBuilder } from "../../../runtimes/onnx/graph.ts";
import { keepOutside } from "../external_data.ts";
import { HubServer } from "./server.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const GRAPH = "onnx/model.onnx";
const CONFIG = "config.json";
const SNAPSHOT = `models--org--model/snapshots/0123456789abcdef0123456789abcdef01234567`;

function modelFiles(): Record<string, Uint8Array> {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return {
    [CONFIG]: json({ model_type: "gpt2", vocab_size: 10 }),
    "tokenizer.json": json({}),
    [GRAPH]: Uint8Array.from({ length: 50_000 }, (_, i) => i % 251),
  };
}

async function withServer(
  work: (server: HubServer, options: PullOptions & { cacheDir: string }) => Promise<void>,
): Promise<void> {
  const cacheDir = await Deno.makeTempDir();
  await using server = await HubServer.start(modelFiles());
  // Nothing stalls here: a busy machine must not look as if it did.
  const patience = { stall: 60_000, attempts: 3, backoff: 1 };
  try {
    await work(server, { endpoint: server.endpoint, cacheDir, patience });
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

function fails(promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof TandemError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.match(error.message, /^[^\n]+\.$/);
    return true;
  });
}

async function holdsAll(server: HubServer, dir: string): Promise<void> {
  for (const [path, content] of Object.entries(server.files)) {
    assert.deepEqual(await Deno.readFile(join(dir, path)), content, path);
  }
}

Deno.test("retryAfter() reads seconds, milliseconds and dates by the server's own watch", () => {
  const of = (headers: Record<string, string>) => retryAfter(new Headers(headers), 0);
  assert.equal(of({ "retry-after": "2" }), 2000);
  assert.equal(of({ "retry-after": "0.5" }), 500);
  assert.equal(of({ "retry-after": "250ms" }), 250);
  assert.equal(of({ "retry-after": "3 s" }), 3000);
  assert.equal(of({ "retry-after-ms": "70", "retry-after": "9" }), 70);
  const date = (seconds: number) => new Date(1e12 + 1000 * seconds).toUTCString();
  assert.equal(of({ "retry-after": date(7), date: date(3) }), 4000);
  assert.equal(of({ "retry-after": date(3), date: date(7) }), 0);
  assert.equal(of({ "retry-after": date(0) }), 1e12);
  for (const text of ["", "-5", "soon", "1e9", "NaN"]) {
    assert.equal(of({ "retry-after": text }), undefined, text);
  }
});

Deno.test("isPlainPath() knows what leads out of a folder or is no name on some system", () => {
  for (const path of ["a", "onnx/model.onnx", ".gitattributes", "a b/ü.json", "console.txt"]) {
    assert.ok(isPlainPath(path), path);
  }
  const odd = [
    "",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "/a",
    "a//b",
    "a/",
    "C:a",
    "a\\b",
    "nul",
    "a/CON",
  ];
  odd.push("com1.onnx", "a.", "a ", "a\0b", "a\x1bb", "a\u202eb", "a?b", "*/_ORT_MEM_ADDR_/*");
  odd.push("a".repeat(300), "a/".repeat(20) + "a", "\ud800");
  for (const path of odd) assert.ok(!isPlainPath(path), JSON.stringify(path));
});

Deno.test("Two pulls of one model at once are both right, and each file comes once", () =>
  withServer(async (server, options) => {
    for (const path of Object.keys(server.files)) server.faults.set(path, [{ kind: "slow" }]);
    const pulls = [0, 60, 200].map(async (delay) => {
      await new Promise((resolve) => setTimeout(resolve, delay));
      return await pullModel("org/model", options);
    });
    for (const { dir } of await Promise.all(pulls)) await holdsAll(server, dir);
    assert.equal(server.requests.filter((request) => request.startsWith(GRAPH)).length, 1);
    const dir = (await findPulled("org/model", options))!;
    const left = [...Deno.readDirSync(join(dir, "onnx"))].map(({ name }) => name);
    assert.deepEqual(left, ["model.onnx"]);
  }));

Deno.test("A pull that is ended by Ctrl-C ends at once, and the next one goes on from there", () =>
  withServer(async (server, { cacheDir, endpoint }) => {
    const part = join(cacheDir, SNAPSHOT, `${GRAPH}.part`);
    server.faults.set(GRAPH, [{ kind: "stall", after: 20_000 }]);
    const args = ["run", "--no-prompt", "--lock=deno.lock", "--frozen", "--allow-read"];
    args.push(`--allow-write=${cacheDir}`, "--allow-net=127.0.0.1", "cli.ts", "models", "pull");
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, "org/model", "--endpoint", endpoint!, "--cache", cacheDir],
      cwd: ROOT,
      stdout: "null",
      stderr: "null",
    }).spawn();
    while ((await Deno.stat(part).catch(() => undefined))?.size !== 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const patience = setTimeout(() => child.kill("SIGKILL"), 5000);
    const { signal, code } = await child.status;
    clearTimeout(patience);
    assert.ok(signal === "SIGINT" || code === 130, `it ended by ${signal} with ${code}`);
    const { dir } = await pullModel("org/model", { endpoint, cacheDir });
    await holdsAll(server, dir);
    assert.equal(server.requests.at(-1), `${GRAPH} 20000`);
  }));

for (const [name, answer] of [["a 503", [503, "busy"]], ["a 504", [504, "late"]]] as const) {
  Deno.test(`pullModel() asks the API again after ${name}, and says so where it stays`, () =>
    withServer(async (server, options) => {
      server.first.push(answer);
      await pullModel("org/model", options);
      server.first.push(answer, answer, answer);
      const anew = { ...options, cacheDir: join(options.cacheDir, "b") };
      await fails(
        pullModel("org/model", anew),
        "E_DOWNLOAD",
        /answered with 50\d 3 times in a row/,
      );
    }));
}

Deno.test("pullModel() waits as long as the server asks, by the clock it is given", () =>
  withServer(async (server, options) => {
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      sleep: (milliseconds: number, signal?: AbortSignal) => {
        // The limits of requests last as long as the requests.
        if (milliseconds === options.patience?.stall) {
          return new Promise<void>((done) => signal?.addEventListener("abort", () => done()));
        }
        waits.push(milliseconds);
        return Promise.resolve();
      },
    };
    const patience = { ...options.patience, clock };
    server.first.push([429, "slow", { "retry-after": "2" }]);
    const headers = { "retry-after-ms": "70" };
    server.faults.set(GRAPH, [{ kind: "status", status: 429, headers }]);
    await pullModel("org/model", { ...options, patience });
    assert.deepEqual(waits, [2000, 70]);
    server.first.push([429, "slow", { "retry-after": "3600" }]);
    const anew = { ...options, patience, cacheDir: join(options.cacheDir, "b") };
    await fails(pullModel("org/model", anew), "E_DOWNLOAD", /asked again in 3600 s only/);
    assert.equal(waits.length, 2);
  }));

for (const as of ["gzip", "deflate"] as const) {
  Deno.test(`pullModel() undoes a compression by ${as} that it did not ask for`, () =>
    withServer(async (server, options) => {
      server.faults.set(GRAPH, [{ kind: "compressed", as }]);
      server.faults.set(CONFIG, [{ kind: "compressed", as }]);
      await holdsAll(server, (await pullModel("org/model", options)).dir);
    }));
}

Deno.test("pullModel() names a compression that it does not know, and bounds what one unfolds to", () =>
  withServer(async (server, options) => {
    server.faults.set(GRAPH, [{ kind: "compressed", as: "br" }]);
    await fails(pullModel("org/model", options), "E_DOWNLOAD", /compressed as "br"/);
    const tree = Object.keys(server.files).map((path) => ({ type: "file", path }));
    server.api.tree = [200, JSON.stringify(tree)];
    server.files[CONFIG] = new Uint8Array(2 ** 26 + 1).fill(32);
    server.faults.set(CONFIG, [{ kind: "compressed", as: "gzip" }]);
    const anew = { ...options, cacheDir: join(options.cacheDir, "b") };
    await fails(pullModel("org/model", anew), "E_DOWNLOAD", /more than the 67108864 bytes/);
  }));

Deno.test("pullModel() bounds a model's size, announced or not", () =>
  withServer(async (server, options) => {
    const few = { ...options, maxBytes: 20_000 };
    await fails(pullModel("org/model", few), "E_DOWNLOAD", /at most 20000 are taken/);
    const entries = (size: unknown) =>
      JSON.stringify(Object.keys(server.files).map((path) => ({ type: "file", path, size })));
    server.api.tree = [200, entries(undefined)];
    await fails(pullModel("org/model", few), "E_DOWNLOAD", /not announced, and it has more than/);
    server.api.tree = [200, entries(1e15)];
    await fails(pullModel("org/model", options), "E_DOWNLOAD", /at most 67108864 are taken/);
    for (const odd of [-1, 0.5, "many", null, {}]) {
      server.api.tree = [200, entries(odd)];
      const cacheDir = join(options.cacheDir, `odd ${JSON.stringify(odd)}`);
      await holdsAll(server, (await pullModel("org/model", { ...options, cacheDir })).dir);
    }
  }));

Deno.test("pullModel() bounds the lists and answers of the API", () =>
  withServer(async (server, options) => {
    const tree = (value: unknown, headers = {}) => {
      server.api.tree = [200, typeof value === "string" ? value : JSON.stringify(value), headers];
      return pullModel("org/model", options);
    };
    const link = (to: string) => ({ link: `<${to}>; rel="next"` });
    const page = `${server.endpoint}/api/models/org/model/tree/${server.commit}`;
    await fails(tree([], link(page)), "E_DOWNLOAD", /a list of more than 200 pages/);
    const many = Array.from({ length: 100_001 }, (_, i) => ({ type: "file", path: `${i}` }));
    await fails(tree(many), "E_DOWNLOAD", /a list of more than 100000 files/);
    await fails(tree(" ".repeat(2 ** 24 + 1)), "E_DOWNLOAD", /more than 16777216 bytes/);
    await fails(tree([], link("http://127.0.0.2/x")), "E_DOWNLOAD", /goes on at another server/);
    await fails(tree({ a: 1 }), "E_DOWNLOAD", /a list of files that cannot be read/);
    await fails(tree([{ type: "file", path: 7 }]), "E_DOWNLOAD", /cannot be read/);
    await fails(tree("[".repeat(100_000)), "E_DOWNLOAD", /no answer that can be read/);
  }));

Deno.test("pullModel() shows no control characters of a server", () =>
  withServer(async (server, options) => {
    server.api.tree = [200, JSON.stringify([{ type: "file", path: "../\x1b[2J\u202e" }])];
    await fails(pullModel("org/model", options), "E_DOWNLOAD", /"\.\.\/\\x1b\[2J\\u202e"/);
  }));

Deno.test("A token goes to the endpoint's own origin alone, and is shown nowhere", () =>
  withServer(async (server, options) => {
    await using other = await HubServer.start(server.files);
    const token = "hf_secretsecretsecret";
    const path = `/org/model/resolve/${server.commit}/${GRAPH}`;
    server.faults.set(GRAPH, [{ kind: "redirect", to: `${other.endpoint}${path}` }]);
    server.faults.set(CONFIG, [{
      kind: "redirect",
      to: `/org/model/resolve/${server.commit}/${CONFIG}`,
    }]);
    await pullModel("org/model", { ...options, token });
    assert.ok(server.asked.every(({ authorization }) => authorization === `Bearer ${token}`));
    assert.deepEqual(other.asked, [{ url: path, authorization: undefined }]);
    for (const bad of [`${token}\n`, `${token}\r\nX: y`, `${token} `, "ключ"]) {
      await assert.rejects(pullModel("org/model", { ...options, token: bad }), (error) => {
        assert.ok(error instanceof TandemError && error.code === "E_OPTION");
        return !error.message.includes(bad.trim());
      });
    }
  }));

Deno.test("pullModel() follows redirects to the web alone, and not for ever", () =>
  withServer(async (server, options) => {
    for (
      const to of ["file:///etc/passwd", "data:,x", `/org/model/resolve/${server.commit}/${GRAPH}`]
    ) {
      server.faults.set(GRAPH, Array(40).fill({ kind: "redirect", to }));
      await fails(pullModel("org/model", options), "E_DOWNLOAD", /was redirected/);
    }
  }));

Deno.test("An endpoint keeps its path and its query, of which the query is not shown", () =>
  withServer(async (server, options) => {
    server.prefix = "/mirror/hub";
    const endpoint = `${server.endpoint}/mirror/hub/?sig=abc123`;
    await holdsAll(server, (await pullModel("org/model", { ...options, endpoint })).dir);
    for (const { url } of server.asked) assert.match(url, /^\/mirror\/hub\/[^?]+\?sig=abc123(&|$)/);
    const anew = { ...options, endpoint, cacheDir: join(options.cacheDir, "b") };
    server.api.model = [404, "{}"];
    await fails(
      pullModel("org/model", anew),
      "E_MODEL",
      /at http:\/\/127\.0\.0\.1:\d+\/mirror\/hub,/,
    );
    for (const odd of ["ftp://a/b", "nonsense", "http://me:pw12345@127.0.0.1"]) {
      await assert.rejects(pullModel("org/model", { ...options, endpoint: odd }), (error) => {
        assert.ok(error instanceof TandemError && error.code === "E_OPTION", String(error));
        return !error.message.includes("pw12345");
      });
    }
  }));

/** Deno itself makes links with all permissions only. */
async function linkTo(target: string, path: string): Promise<void> {
  assert.ok((await new Deno.Command("ln", { args: ["-s", target, path] }).output()).success);
}

const links: [string, (dir: string, outside: string) => Promise<void>][] = [
  ["the folder of a commit", async (dir, outside) => {
    await Deno.mkdir(join(dir, "models--org--model/snapshots"), { recursive: true });
    await linkTo(outside, join(dir, SNAPSHOT));
  }],
  ["a folder in it", async (dir, outside) => {
    await Deno.mkdir(join(dir, SNAPSHOT), { recursive: true });
    await linkTo(outside, join(dir, SNAPSHOT, "onnx"));
  }],
  ["the part of a file", async (dir, outside) => {
    await Deno.mkdir(join(dir, SNAPSHOT), { recursive: true });
    await linkTo(join(outside, "kept"), join(dir, SNAPSHOT, `${CONFIG}.part`));
  }],
  ["the part of a file, by another name of it", async (dir, outside) => {
    await Deno.mkdir(join(dir, SNAPSHOT), { recursive: true });
    await Deno.link(join(outside, "kept"), join(dir, SNAPSHOT, `${CONFIG}.part`));
  }],
  ["the folder of the branches", async (dir, outside) => {
    await Deno.mkdir(join(dir, "models--org--model"), { recursive: true });
    await linkTo(outside, join(dir, "models--org--model/refs"));
  }],
];

for (const [name, make] of links) {
  Deno.test(`pullModel() writes nothing through a link: ${name}`, () =>
    withServer(async (_server, options) => {
      const outside = await Deno.makeTempDir();
      try {
        await Deno.writeTextFile(join(outside, "kept"), "kept");
        await make(options.cacheDir, outside);
        await fails(pullModel("org/model", options), "E_DISK", /is a link/);
        assert.deepEqual([...Deno.readDirSync(outside)].map((entry) => entry.name), ["kept"]);
        assert.equal(await Deno.readTextFile(join(outside, "kept")), "kept");
      } finally {
        await Deno.remove(outside, { recursive: true });
      }
    }));
}

Deno.test("pullModel() replaces a link that stands in a file's place", () =>
  withServer(async (server, options) => {
    const kept = join(options.cacheDir, "kept");
    await Deno.writeTextFile(kept, "kept");
    await Deno.mkdir(join(options.cacheDir, SNAPSHOT), { recursive: true });
    for (const name of [CONFIG, ".tandem.json"]) {
      await linkTo(kept, join(options.cacheDir, SNAPSHOT, name));
    }
    await holdsAll(server, (await pullModel("org/model", options)).dir);
    assert.equal(await Deno.readTextFile(kept), "kept");
  }));

/** A graph whose one weight lies in another file. */
function graphWith(location: string): Uint8Array {
  const graph = new GraphBuilder("external");
  graph.output("y", graph.weight("w", new Float32Array(8), [8]), "float32", [8]);
  return keepOutside(graph.toBytes(), location);
}

Deno.test("pullModel() brings the data files that the graph names, by any name", () =>
  withServer(async (server, options) => {
    server.files[GRAPH] = graphWith("parts/weights.bin");
    server.files["onnx/parts/weights.bin"] = new Uint8Array(32);
    server.files["weights.bin"] = new Uint8Array(3);
    const { files } = await pullModel("org/model", options);
    const paths = files.map(({ path }) => path);
    assert.deepEqual(paths, [CONFIG, "tokenizer.json", GRAPH, "onnx/parts/weights.bin"]);
  }));

Deno.test("pullModel() says so where a graph names data that is missing or outside", () =>
  withServer(async (server, options) => {
    server.files[GRAPH] = graphWith("weights.bin");
    await fails(
      pullModel("org/model", options),
      "E_MODEL",
      /"weights.bin", which the model does not/,
    );
    for (const name of ["../config.json", "/etc/passwd", "*/_ORT_MEM_ADDR_/*"]) {
      server.files[GRAPH] = graphWith(name);
      const message = /keeps weights in ".+"; a file in its own folder is needed/;
      await fails(pullModel("org/model", options), "E_MODEL", message);
    }
  }));
