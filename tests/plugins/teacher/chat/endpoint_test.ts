import assert from "node:assert/strict";
import { endpointAt } from "../../../../plugins/teacher/chat/endpoint.ts";
import { chat } from "../../../../plugins/teacher/chat/mod.ts";

const SECRET = "sk-SECRET-1234567890";

Deno.test("endpointAt() adds to the path and leaves the query where it is", () => {
  const table: [base: string, full: string][] = [
    ["http://h/v1", "http://h/v1/chat/completions"],
    ["http://h/v1//", "http://h/v1/chat/completions"],
    ["http://h", "http://h/chat/completions"],
    ["http://h/v1/chat/completions", "http://h/v1/chat/completions"],
    ["http://h/d?api-version=2024-10-21", "http://h/d/chat/completions?api-version=2024-10-21"],
    ["http://h/d/?a=1&b=x%20y", "http://h/d/chat/completions?a=1&b=x%20y"],
    ["http://h/v1?key={key}", `http://h/v1/chat/completions?key=${SECRET}`],
  ];
  for (const [base, full] of table) assert.equal(endpointAt(base, SECRET).url.href, full);
});

Deno.test("endpointAt() shows neither a key nor a query", () => {
  const { shown, holdsKey } = endpointAt("http://h/v1?key={key}&api-version=3", SECRET);
  assert.equal(shown, "http://h/v1");
  assert.ok(holdsKey);
});

Deno.test("endpointAt() refuses an address that holds the key, or a field without one", () => {
  for (const base of [`http://h/${SECRET}/v1`, `http://h/v1?x=${SECRET.replaceAll("-", "%2D")}`]) {
    assert.throws(() => endpointAt(base, SECRET), (error: Error & { code: string }) => {
      assert.equal(error.code, "E_OPTION");
      assert.doesNotMatch(error.message, /SECRET/);
      return true;
    });
  }
  assert.throws(() => endpointAt("http://h/v1?key={key}", ""), { code: "E_OPTION" });
});

Deno.test("chat: options that hold secrets are refused, and not shown", () => {
  const bad: Partial<Parameters<typeof chat>[0]>[] = [
    { baseUrl: `http://me:${SECRET}@host/v1` },
    { baseUrl: `http://${SECRET}@host/v1` },
    { baseUrl: `me:${SECRET}@host/v1` },
    { baseUrl: `http://me:${SECRET}/x@host/v1` },
    { baseUrl: `http://host/v1?api_key=${SECRET}` },
    { baseUrl: `http://host/v1?access_token=${SECRET}&v=1` },
    { baseUrl: `http://host/v1?x=${SECRET}` },
    { baseUrl: `ftp://host/v1?key=${SECRET}` },
    { keyVariable: SECRET },
    { keyVariable: "gsk_SECRETabcdefghijklmnop12345" },
    { keyVariable: "MY KEY SECRET" },
  ];
  for (const options of bad) {
    assert.throws(() => chat({ model: "m", ...options }), (error: Error & { code: string }) => {
      assert.equal(error.code, "E_OPTION");
      assert.doesNotMatch(error.message, /SECRET/);
      return true;
    }, JSON.stringify(options));
  }
  chat({
    model: "m",
    baseUrl: "http://h/openai/deployments/gpt-4o?api-version=2025-04-01-preview",
  });
  chat({ model: "m", baseUrl: "http://h/v1?key={key}", keyVariable: "AZURE_OPENAI_API_KEY" });
});

Deno.test("chat: fields and headers of the request's own are not given away", () => {
  assert.throws(() => chat({ model: "m", fields: { stream: true } }), { code: "E_OPTION" });
  assert.throws(() => chat({ model: "m", keyHeader: "Host" }), { code: "E_OPTION" });
  assert.throws(() => chat({ model: "m", keyHeader: "a b" }), { code: "E_OPTION" });
  assert.throws(() => chat({ model: "m", timeout: 1e300 }), { code: "E_OPTION" });
});
