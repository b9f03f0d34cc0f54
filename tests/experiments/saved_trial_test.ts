import assert from "node:assert/strict";
import { CHECKPOINT_VERSION } from "../../core/run/checkpoint.ts";
import { stateArrays } from "../../experiments/arrays.ts";
import { decodeSaved, encodeSaved } from "../../experiments/saved_trial.ts";
import { TandemError } from "../../core/base/errors.ts";
import { encodeCheckpoint } from "../../lab/checkpoint_file.ts";

const KEY = "a".repeat(64);

function saved({ key = KEY, version = CHECKPOINT_VERSION } = {}) {
  const arrays = { "student/w": { shape: [2], data: Float32Array.of(NaN, 1 / 3) } };
  const checkpoint = { version, iteration: 7, success: null, json: { odd: -0 }, arrays };
  const files = encodeCheckpoint(checkpoint, { run: key, events: 0, seconds: 1.5 }, stateArrays);
  return { files, record: { spans: [0.1, NaN], text: "é" } };
}

Deno.test("a saved trial comes back from its bytes", () => {
  const found = decodeSaved(encodeSaved(saved()), KEY);
  assert.deepEqual(found, { saved: saved(), iteration: 7 });
});

Deno.test("every truncation and every flipped byte of a saved trial is detected", () => {
  const bytes = encodeSaved(saved());
  const refuses = (changed: Uint8Array, what: string) =>
    assert.throws(() => decodeSaved(changed, KEY), (error) => {
      assert.ok(error instanceof TandemError && error.code === "E_CHECKPOINT", `${what}: ${error}`);
      return true;
    });
  for (let k = 0; k < bytes.length; k++) {
    refuses(bytes.subarray(0, k), `cut to ${k} bytes`);
    refuses(bytes.with(k, bytes[k]! ^ (1 << (k & 7))), `byte ${k}`);
  }
});

Deno.test("a saved trial of another key or version is refused in a sentence", () => {
  const message = /it is of another trial\.$/;
  const other = encodeSaved(saved({ key: "b".repeat(64) }));
  assert.throws(() => decodeSaved(other, KEY), { code: "E_CHECKPOINT", message });
  for (const version of [CHECKPOINT_VERSION - 1, CHECKPOINT_VERSION + 1]) {
    assert.throws(() => decodeSaved(encodeSaved(saved({ version })), KEY), {
      code: "E_CHECKPOINT",
      message: new RegExp(
        `of version "${version}"; this Tandem reads version ${CHECKPOINT_VERSION}`,
      ),
    });
  }
});
