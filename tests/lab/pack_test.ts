import assert from "node:assert/strict";
import { stateArrays } from "../../experiments/arrays.ts";
import { sha256, stateDigest } from "../../lab/digest.ts";
import { decodePack, encodePack } from "../../lab/pack/pack.ts";
import type { PackedRun } from "../../lab/pack/packed_run.ts";
import pipeline from "../cli/corridor.ts";
import { CONFIG, STANDING, VOCABULARY } from "./sample.ts";

const RUN: PackedRun = {
  config: { ...CONFIG, pipeline: pipeline.toJSON() },
  states: {
    student: {
      json: { steps: 3, odd: NaN, zero: -0 },
      arrays: {
        "a/w": { shape: [2, 1], data: Float32Array.of(NaN, -0) },
        "b": { shape: [2], data: Int32Array.of(-1, 7) },
        "__proto__": { shape: [1], data: Uint8Array.of(9) },
      },
    },
    teacher: { json: [1, 2] },
  },
  vocabulary: VOCABULARY,
  evaluation: {
    ...STANDING,
    success: {
      ...{ rate: 0.5, ci95: [0.2, 0.8], episodes: 8, meanReward: 0.4, meanSteps: 3 },
      measuredAfter: 2,
    },
  },
};

const files = encodePack(RUN, stateArrays);

const decode = (of: ReadonlyMap<string, Uint8Array>) =>
  decodePack(
    (name, most) => {
      const bytes = of.get(name);
      if (!bytes) return Promise.reject(new Error(`no ${name}`));
      return Promise.resolve(bytes.subarray(0, most));
    },
    "theirs",
    stateArrays,
  );

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("decodePack() gives back what encodePack() was given, to the bit", async () => {
  const back = await decode(files);
  for (const stage of ["student", "teacher"] as const) {
    assert.equal(stateDigest(back.states[stage]!), stateDigest(RUN.states[stage]!));
  }
  assert.ok(Object.is((back.states.student!.json as { zero: number }).zero, -0));
  assert.deepEqual({ ...back, states: {} }, { ...RUN, states: {} });
  assert.deepEqual(encodePack(back, stateArrays), files);
});

/** The pack with a file changed, and the manifest that names it so. */
function changed(name: string, change: (before: string) => string): Map<string, Uint8Array> {
  const after = new Map(files).set(name, bytes(change(text(files.get(name)!))));
  const manifest = JSON.parse(text(files.get("pack.json")!));
  const content = after.get(name)!;
  manifest.files[name] = { bytes: content.length, sha256: sha256(content) };
  return after.set("pack.json", bytes(JSON.stringify(manifest)));
}

const inManifest = (change: (before: string) => string) =>
  new Map(files).set("pack.json", bytes(change(text(files.get("pack.json")!))));

const BROKEN: Readonly<Record<string, readonly [ReadonlyMap<string, Uint8Array>, RegExp]>> = {
  "a file that was changed": [
    new Map(files).set("config.json", bytes("{}")),
    /"config\.json" is not the file that its pack\.json names\.$/,
  ],
  "a file that was cut": [
    new Map(files).set("model.safetensors", files.get("model.safetensors")!.slice(0, -1)),
    /"model\.safetensors" is not the file/,
  ],
  "no JSON": [inManifest(() => "{"), /its pack\.json is no JSON\.$/],
  "JSON that exhausts": [inManifest(() => "[".repeat(1e5)), /its pack\.json is no JSON\.$/],
  "another version": [inManifest((it) => it.replace("1", "2")), /no right "version"\.$/],
  "a name that leads out": [
    inManifest((it) => it.replace("config.json", "../config.json")),
    /no right "files\.\.\.\/config\.json"\.$/,
  ],
  "a file that is missing": [
    inManifest((it) => it.replace('"pipeline.json"', '"teacher.safetensors"')),
    /names no "pipeline\.json"\.$/,
  ],
  "a size that is none": [
    inManifest((it) => it.replace(/("pipeline.json": {\s*"bytes": )\d+/, "$11e12")),
    /"pipeline\.json" would have 1000000000000 bytes, at most \d+ are read\.$/,
  ],
  "a config without a seed": [
    changed("config.json", (it) => it.replace('"seed"', '"sed"')),
    /it has no right "seed"\.$/,
  ],
  "an evaluation beyond 1": [
    changed("evaluation.json", (it) => it.replace('"rate": 0.5', '"rate": 5')),
    /its evaluation\.json has no right "success\.rate"\.$/,
  ],
  "a vocabulary of numbers": [
    changed("vocabulary.json", (it) => it.replace('"go"', "7")),
    /its vocabulary\.json has no right "env\.missionWords\.0"\.$/,
  ],
  "a state that is none": [
    changed("model.safetensors", () => "garbage of some length"),
    /what its student had learned cannot be read: .*no whole safetensors file/,
  ],
};

for (const [what, [broken, sentence]] of Object.entries(BROKEN)) {
  Deno.test(`a pack with ${what} is refused in a sentence`, () =>
    assert.rejects(decode(broken), ({ code, message }: { code: string; message: string }) => {
      assert.match(message, sentence);
      assert.ok(["E_FILE", "E_PIPELINE"].includes(code), code);
      return !message.includes("\n");
    }));
}

Deno.test("nothing that a run is called breaks its card", () => {
  const name = 'a"\n---\n| <b>`x`\x1b[2J';
  const config = { ...RUN.config, pipeline: { ...RUN.config.pipeline, name }, command: "```\nrm" };
  const card = text(encodePack({ ...RUN, config }, stateArrays).get("README.md")!);
  assert.equal(card.match(/^---$/gm)?.length, 2);
  assert.ok(card.includes('- name: "a\\" --- | <b>`x`\\\\x1b[2J"\n'), card);
  assert.ok(card.includes("\n````sh\n``` rm\n````\n") || card.includes("````sh"), card);
});
