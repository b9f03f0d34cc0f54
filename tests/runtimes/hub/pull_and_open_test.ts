import assert from "node:assert/strict";
import { join } from "node:path";
import { findPulled, pullModel } from "../../../runtimes/hub/pull.ts";
import {
  openLanguageModel,
  type OpenOptions,
} from "../../../runtimes/language_model/language_model.ts";
import { type Fixture, fixtureDir, promptsOf } from "../language_model/fixtures.ts";
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

async function distributions(dir: string, name: Fixture, options: OpenOptions = {}) {
  const model = await openLanguageModel(dir, { device: "wasm", threads: 1, ...options });
  try {
    const scores = await model.score(await promptsOf(name), ACTIONS);
    return scores.flatMap(({ distribution }) => [...distribution]);
  } finally {
    await model.dispose();
  }
}

for (const weights of ["ONNX files", "safetensors alone"]) {
  Deno.test(`a model of ${weights} is pulled, and then opened without a server`, async () => {
    const onnx = weights === "ONNX files";
    const files = await filesOf("t5-v1_1", (path) => onnx || !path.endsWith(".onnx"));
    const expected = await distributions(fixtureDir("t5-v1_1"), "t5-v1_1");
    const near = (actual: number[], tolerance: number) =>
      expected.forEach((value, i) => assert.ok(Math.abs(value - actual[i]!) < tolerance));
    const cacheDir = await Deno.makeTempDir();
    try {
      await using server = await HubServer.start(files);
      await pullModel("org/model", { endpoint: server.endpoint, cacheDir });
      assert.equal(server.requests.some((path) => path.includes("safetensors")), !onnx);
      const dir = (await findPulled("org/model", { cacheDir }))!;
      near(await distributions(dir, "t5-v1_1"), 1e-4);
      near(await distributions(dir, "t5-v1_1", { dtype: "int8" }), 0.05);
    } finally {
      await Deno.remove(cacheDir, { recursive: true });
    }
  });
}
