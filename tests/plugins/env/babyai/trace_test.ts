import assert from "node:assert/strict";
import { TandemError } from "../../../../core/base/errors.ts";
import { parseTrace, readTraces, type Trace } from "../../../../cli/traces/trace.ts";

const fixture = "tests/fixtures/babyai/traces.jsonl.gz";

async function readAll(file: string): Promise<Trace[]> {
  return await Array.fromAsync(readTraces(file));
}

async function withFile(bytes: Uint8Array | string, use: (file: string) => Promise<void>) {
  const file = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    if (typeof bytes === "string") await Deno.writeTextFile(file, bytes);
    else await Deno.writeFile(file, bytes);
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

function refuses(code: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof TandemError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

Deno.test("readTraces() reads gzipped and plain files alike", async () => {
  const traces = await readAll(fixture);
  assert.equal(traces.length, 192);
  const [first] = traces;
  assert.equal(first!.level, "BabyAI-ActionObjDoor-v0");
  assert.equal(first!.mission, "go to the grey door");
  const lines = traces.slice(0, 3).map((trace) => JSON.stringify(trace));
  await withFile(lines.join("\n"), async (file) => {
    assert.deepEqual(await readAll(file), traces.slice(0, 3));
  });
  await withFile(`${lines.join("\r\n\n")}\n\n`, async (file) => {
    assert.deepEqual(await readAll(file), traces.slice(0, 3));
  });
});

Deno.test("readTraces() may be left before the end", async () => {
  for await (const trace of readTraces(fixture)) {
    assert.equal(trace.seed, 0);
    break;
  }
});

Deno.test("readTraces() names the file or the line that cannot be read", async () => {
  await assert.rejects(readAll("no/such/file"), refuses("E_FILE", /"no\/such\/file"/));
  await assert.rejects(readAll("tests"), refuses("E_FILE", /"tests"/));
  await withFile("", async (file) => {
    await assert.rejects(readAll(file), refuses("E_TRACE", /is empty/));
  });
  const bytes = await Deno.readFile(fixture);
  await withFile(bytes.subarray(0, 60000), async (file) => {
    await assert.rejects(readAll(file), refuses("E_TRACE", /^Line \d+ of ".*" cannot be read/));
  });
  const broken = bytes.slice();
  broken[50000]! ^= 0x10;
  await withFile(broken, async (file) => {
    await assert.rejects(readAll(file), refuses("E_TRACE", /^Line \d+ of "/));
  });
  await withFile(Uint8Array.of(0x7b, 0xff, 0xfe), async (file) => {
    await assert.rejects(readAll(file), refuses("E_TRACE", /^Line 1 of ".*" cannot be read/));
  });
  await withFile("x".repeat((1 << 22) + 1), async (file) => {
    await assert.rejects(readAll(file), refuses("E_TRACE", /^Line 1 of ".*longer than 4194304/));
  });
});

Deno.test("parseTrace() says which field is wrong", async () => {
  const [trace] = await readAll(fixture);
  const refused = (change: Record<string, unknown>, message: RegExp) => {
    const line = JSON.stringify({ ...trace, ...change });
    assert.throws(() => parseTrace(line, "Line 7"), refuses("E_TRACE", message));
  };
  assert.throws(() => parseTrace("{", "Line 7"), refuses("E_TRACE", /^Line 7 is not JSON: "{"/));
  assert.throws(() => parseTrace("[]", "Line 7"), refuses("E_TRACE", /^Line 7 is no trace/));
  refused({ seed: -1 }, /"seed"/);
  refused({ seed: 1e300 }, /"seed"/);
  refused({ level: undefined }, /"level"/);
  refused({ grid: "?" }, /"grid", not base64/);
  refused({ carrying: ["key"] }, /"carrying/);
  refused({ random: { ...trace!.random, actions: "017" } }, /"random.actions", not actions/);
  refused({ random: { ...trace!.random, actions: "01" } }, /"random" has 2 actions and 64 obs/);
  refused({ bot: {} }, /"bot", neither an episode nor an error/);
});
