import assert from "node:assert/strict";
import { TandemError } from "../../../core/base/errors.ts";
import {
  findPulled,
  pullModel,
  type PullOptions,
  type PullProgress,
} from "../../../runtimes/hub/pull.ts";
import { type Fault, HubServer } from "./server.ts";

const ENCODER = "onnx/encoder_model.onnx";
const PATIENCE = { stall: 60_000, attempts: 3, backoff: 1 };

function modelFiles(): Record<string, Uint8Array> {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return {
    "config.json": json({ model_type: "t5", vocab_size: 10, is_encoder_decoder: true }),
    "tokenizer.json": json({}),
    "unrelated.bin": new Uint8Array(10),
    [ENCODER]: Uint8Array.from({ length: 50_000 }, (_, i) => i % 251),
    "onnx/decoder_model_merged.onnx": Uint8Array.from({ length: 100 }, (_, i) => i),
    "onnx/decoder_model_merged.onnx_data": Uint8Array.from({ length: 300 }, (_, i) => i),
    "onnx/encoder_model_quantized.onnx": new Uint8Array(5),
    "onnx/decoder_model_merged_quantized.onnx": new Uint8Array(6),
  };
}

async function withServer(
  work: (server: HubServer, options: PullOptions) => Promise<void>,
): Promise<void> {
  const cacheDir = await Deno.makeTempDir();
  await using server = await HubServer.start(modelFiles());
  try {
    await work(server, { endpoint: server.endpoint, cacheDir, patience: PATIENCE });
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

/** What a server that stalls is given, and no other: a busy machine must not look like one. */
function waiting(options: PullOptions, faults: readonly Fault[]): PullOptions {
  if (!faults.some(({ kind }) => kind === "stall")) return options;
  return { ...options, patience: { ...PATIENCE, stall: 1500 } };
}

function fails(promise: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof TandemError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("pullModel() brings config, tokenizer and the fp32 graphs with their data", () =>
  withServer(async (server, options) => {
    const progress: PullProgress[] = [];
    const { dir, commit, files } = await pullModel("org/model", {
      ...options,
      onProgress: (step) => progress.push(step),
    });
    assert.equal(commit, server.commit);
    const paths = files.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(), [
      "config.json",
      "onnx/decoder_model_merged.onnx",
      "onnx/decoder_model_merged.onnx_data",
      ENCODER,
      "tokenizer.json",
    ]);
    for (const path of paths) {
      assert.deepEqual(await Deno.readFile(`${dir}/${path}`), server.files[path]);
    }
    const last = progress.findLast(({ file }) => file === ENCODER);
    assert.deepEqual(last, { file: ENCODER, received: 50_000, size: 50_000 });
  }));

Deno.test("pullModel() fetches nothing twice, and another weight format alone", () =>
  withServer(async (server, options) => {
    await pullModel("org/model", options);
    const before = server.requests.length;
    await pullModel("org/model", options);
    assert.equal(server.requests.length, before);
    const { files } = await pullModel("org/model", { ...options, dtype: "int8" });
    assert.deepEqual(server.requests.slice(before), [
      "onnx/encoder_model_quantized.onnx 0",
      "onnx/decoder_model_merged_quantized.onnx 0",
    ]);
    assert.equal(files.length, 7);
  }));

Deno.test("findPulled() and pullModel() need no server once a model is pulled", () =>
  withServer(async (_server, options) => {
    assert.equal(await findPulled("org/model", options), undefined);
    const { dir } = await pullModel("org/model", options);
    assert.equal(await findPulled("org/model", options), dir);
    const away = { ...options, endpoint: "http://127.0.0.1:9" };
    assert.deepEqual((await pullModel("org/model", away)).dir, dir);
    await Deno.truncate(`${dir}/${ENCODER}`, 10);
    assert.equal(await findPulled("org/model", options), undefined);
  }));

Deno.test("pullModel() pins a branch to its commit until it is pulled again", () =>
  withServer(async (server, options) => {
    const first = await pullModel("org/model", options);
    server.commit = "f".repeat(40);
    assert.equal(await findPulled("org/model", options), first.dir);
    const second = await pullModel("org/model", options);
    assert.notEqual(second.dir, first.dir);
    assert.equal(await findPulled("org/model", options), second.dir);
    assert.equal(await findPulled("org/model", { ...options, revision: first.commit }), first.dir);
  }));

const survived: [string, Fault[], string[]][] = [
  ["a line that is cut twice", [{ kind: "cut", after: 1000 }, { kind: "cut", after: 2000 }], [
    "0",
    "1000",
    "3000",
  ]],
  ["a server that stalls", [{ kind: "stall", after: 4000 }], ["0", "4000"]],
  ["errors that pass", [{ kind: "status", status: 503 }, { kind: "status", status: 429 }], [
    "0",
    "0",
    "0",
  ]],
  ["a server that cannot resume", [{ kind: "cut", after: 1000 }, { kind: "whole" }], ["0", "0"]],
  ["a range that it refuses", [{ kind: "cut", after: 9 }, { kind: "status", status: 416 }], [
    "0",
    "9",
    "0",
  ]],
  ["a resumed part that was wrong", [{ kind: "cut", after: 9 }, { kind: "corrupt" }], [
    "0",
    "9",
    "0",
  ]],
];

for (const [name, faults, starts] of survived) {
  Deno.test(`pullModel() gets over ${name}`, () =>
    withServer(async (server, options) => {
      server.faults.set(ENCODER, [...faults]);
      const { dir } = await pullModel("org/model", waiting(options, faults));
      const requests = server.requests.filter((request) => request.startsWith(ENCODER));
      assert.deepEqual(requests.map((request) => request.split(" ")[1]), starts);
      assert.deepEqual(await Deno.readFile(`${dir}/${ENCODER}`), server.files[ENCODER]);
    }));
}

const fatal: [string, Fault[], string, RegExp][] = [
  ["content that does not match its hash", [{ kind: "corrupt" }], "E_DOWNLOAD", /SHA-256 is "/],
  ["more bytes than announced", [{ kind: "longer" }], "E_DOWNLOAD", /longer than the 50000 bytes/],
  [
    "a line that is cut at once, always",
    Array(9).fill({ kind: "cut", after: 0 }),
    "E_DOWNLOAD",
    /was cut off 3 times in a row/,
  ],
  [
    "a server that never answers",
    Array(9).fill({ kind: "stall", after: 0 }),
    "E_DOWNLOAD",
    /stalled 3 times in a row/,
  ],
  ["a refusal", [{ kind: "status", status: 403 }], "E_DOWNLOAD", /answered 403; a token/],
];

for (const [name, faults, code, message] of fatal) {
  Deno.test(`pullModel() says so at ${name}, and leaves no finished model`, () =>
    withServer(async (server, options) => {
      server.faults.set(ENCODER, [...faults]);
      await fails(pullModel("org/model", waiting(options, faults)), code, message);
      assert.equal(await findPulled("org/model", options), undefined);
      server.faults.clear();
      await pullModel("org/model", options);
    }));
}

Deno.test("pullModel() says so where the server answers garbage", () =>
  withServer(async (server, options) => {
    const pull = () => pullModel("org/model", options);
    server.api.model = [200, "<html>"];
    await fails(pull(), "E_DOWNLOAD", /gave no answer that can be read/);
    server.api.model = [200, JSON.stringify({ sha: "../../etc" })];
    await fails(pull(), "E_DOWNLOAD", /gave no commit/);
    server.api.model = [404, "{}"];
    await fails(pull(), "E_MODEL", /"org\/model" at revision "main" is not at/);
    delete server.api.model;
    for (const path of ["../outside", "/etc/passwd", "a\\..\\b", "onnx/../../x"]) {
      server.api.tree = [200, JSON.stringify([{ type: "file", path, size: 1, oid: "00" }])];
      await fails(pull(), "E_DOWNLOAD", /could leave the model's folder/);
    }
  }));

Deno.test("pullModel() refuses names and revisions that are none", async () => {
  for (const id of ["..", "../x", "a/b/c", "a b", "", "a/.."]) {
    await fails(pullModel(id), "E_MODEL", /is neither a folder nor a name/);
  }
  await fails(findPulled("org/model", { revision: "../../x" }), "E_MODEL", /is no branch/);
});

Deno.test("pullModel() asks for what Tandem needs of a model", () =>
  withServer(async (server, options) => {
    const { "tokenizer.json": _, ...rest } = server.files;
    server.files = rest;
    await fails(pullModel("org/model", options), "E_MODEL", /has no tokenizer.json/);
    server.files = modelFiles();
    await fails(pullModel("org/model", { ...options, dtype: "q4" }), "E_MODEL", /format "q4"/);
  }));

Deno.test("pullModel() stops where it is told to", () =>
  withServer(async (server, options) => {
    server.faults.set(ENCODER, [{ kind: "stall", after: 10 }]);
    const abort = new AbortController();
    const pulling = pullModel("org/model", {
      ...options,
      signal: abort.signal,
      onProgress: ({ file }) => file === ENCODER && abort.abort(new Error("enough")),
    });
    await assert.rejects(pulling, /enough/);
  }));
