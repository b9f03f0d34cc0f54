import assert from "node:assert/strict";
import { join } from "node:path";
import { TandemError } from "../../../core/stages/errors.ts";
import {
  fromPretrained,
  type PretrainedOptions,
} from "../../../runtimes/language_model/language_model.ts";
import { type Fixture, fixtureDir, promptsOf, withModel } from "../language_model/fixtures.ts";
import { HubServer } from "./server.ts";

const ACTIONS = ["turn left", "go forward"];

async function filesOf(name: Fixture, keep: (path: string) => boolean) {
  const files: Record<string, Uint8Array> = {};
  for (const folder of ["", "onnx"]) {
    for await (const entry of Deno.readDir(join(fixtureDir(name), folder))) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isFile && keep(path)) {
        files[path] = await Deno.readFile(join(fixtureDir(name), path));
      }
    }
  }
  return files;
}

async function withHub(
  files: Record<string, Uint8Array>,
  work: (options: PretrainedOptions, server: HubServer) => Promise<void>,
): Promise<void> {
  const cacheDir = await Deno.makeTempDir();
  await using server = await HubServer.start(files);
  const { endpoint } = server;
  try {
    await work({ endpoint, cacheDir, device: "wasm", threads: 1 }, server);
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

async function distributions(id: string, name: Fixture, options: PretrainedOptions) {
  const model = await fromPretrained(id, options);
  try {
    const scores = await model.score(await promptsOf(name), ACTIONS);
    return scores.flatMap(({ distribution }) => [...distribution]);
  } finally {
    await model.dispose();
  }
}

for (const weights of ["ONNX files", "safetensors alone"]) {
  Deno.test(`fromPretrained() pulls a model of ${weights}, then opens it without a server`, async () => {
    const onnx = weights === "ONNX files";
    const files = await filesOf("t5-v1_1", (path) => onnx || !path.endsWith(".onnx"));
    const expected = await withModel("t5-v1_1", async (model) => {
      const scores = await model.score(await promptsOf("t5-v1_1"), ACTIONS);
      return scores.flatMap(({ distribution }) => [...distribution]);
    });
    await withHub(files, async (options, server) => {
      const near = (actual: number[], tolerance: number) =>
        expected.forEach((value, i) => assert.ok(Math.abs(value - actual[i]!) < tolerance));
      near(await distributions("org/model", "t5-v1_1", options), 1e-4);
      assert.equal(server.requests.some((path) => path.includes("safetensors")), !onnx);
      const away = { ...options, endpoint: "http://127.0.0.1:9" };
      near(await distributions("org/model", "t5-v1_1", away), 1e-4);
      near(await distributions("org/model", "t5-v1_1", { ...away, dtype: "int8" }), 0.05);
    });
  });
}

Deno.test("fromPretrained() opens a folder without asking anyone", async () => {
  const nowhere = { endpoint: "http://127.0.0.1:9", device: "wasm", threads: 1 } as const;
  assert.ok((await distributions(fixtureDir("gpt2"), "gpt2", nowhere)).length > 0);
  await assert.rejects(fromPretrained("no/such", { ...nowhere, cacheDir: "no/cache" }), (error) => {
    return error instanceof TandemError && error.code === "E_DOWNLOAD";
  });
});
