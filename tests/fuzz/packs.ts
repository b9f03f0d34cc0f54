/** Packs of others that are damaged, or whose manifest was made to fit the damage. */
import * as fc from "fast-check";
import { join } from "node:path";
import { stateArrays } from "../../experiments/arrays.ts";
import { sha256 } from "../../lab/digest.ts";
import { decodePack, encodePack, pulledFiles } from "../../lab/pack/pack.ts";
import type { PackedRun } from "../../lab/pack/packed_run.ts";
import { writeFolder } from "../../runtimes/files/write.ts";
import pipeline from "../cli/corridor.ts";
import { CONFIG, STANDING, VOCABULARY } from "../lab/sample.ts";
import { mangledBytes } from "./mangle.ts";
import { type Target, target } from "./target.ts";

const RUN: PackedRun = {
  config: { ...CONFIG, pipeline: pipeline.toJSON() },
  states: {
    student: {
      json: { steps: 3 },
      arrays: { "w": { shape: [2, 1], data: Float32Array.of(1, -1) } },
    },
  },
  vocabulary: VOCABULARY,
  evaluation: STANDING,
};

/** One file of a pack is mangled: the pack is refused, or pulled into its own folder and nowhere else. */
export function damagedPacks(): Target {
  const files: ReadonlyMap<string, Uint8Array> = encodePack(RUN, stateArrays);
  const input = fc.constantFrom(...files.keys()).chain((name) =>
    fc.tuple(fc.constant(name), mangledBytes(files.get(name)!), fc.boolean())
  );
  return target({
    share: 0.5,
    input,
    async try([name, bytes, fits], folder) {
      const given = new Map(files).set(name, bytes);
      if (fits && name !== "pack.json") given.set("pack.json", namedIn(files, name, bytes));
      const read = (file: string, most: number) =>
        Promise.resolve((given.get(file) ?? new Uint8Array()).subarray(0, most));
      const run = await decodePack(read, "theirs", stateArrays);
      writeFolder(join(folder, "run"), pulledFiles(run, stateArrays), { replaces: true });
      const left = Array.from(Deno.readDirSync(folder), (entry) => entry.name);
      if (left.join() !== "run") throw new Error(`beside the run's folder: ${left}`);
    },
  });
}

/** The manifest that names a file as it is now. */
function namedIn(files: ReadonlyMap<string, Uint8Array>, name: string, bytes: Uint8Array) {
  const manifest = JSON.parse(new TextDecoder().decode(files.get("pack.json")!));
  if (name in manifest.files) {
    manifest.files[name] = { bytes: bytes.length, sha256: sha256(bytes) };
  }
  return new TextEncoder().encode(JSON.stringify(manifest));
}
