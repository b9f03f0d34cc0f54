import assert from "node:assert/strict";
import { open, says, withServer } from "./server.ts";

const KEY = "sk-QWERTZ-1234567890abcdef";

/** Runs a test with a variable that holds a key. */
async function withKey(key: string, test: (variable: string) => Promise<void>): Promise<void> {
  Deno.env.set("TANDEM_TEST_KEY", key);
  try {
    await test("TANDEM_TEST_KEY");
  } finally {
    Deno.env.delete("TANDEM_TEST_KEY");
  }
}

/** No piece of the key, and none of its encodings. */
function assertHidden(text: string): void {
  assert.doesNotMatch(
    text,
    /QWERTZ|qwertz|12345678|c2st|UVdFUlRa|51574552545a|%51|\\u0051|&#81|&#x51/,
  );
}

const hex = (text: string) => Array.from(text, (c) => c.charCodeAt(0).toString(16)).join("");
const escaped = (before: string, base: number, pad: number, after = "") =>
  Array.from(KEY, (c) => `${before}${c.charCodeAt(0).toString(base).padStart(pad, "0")}${after}`)
    .join("");

/** Ways in which a server may repeat a key. */
const ECHOES: readonly string[] = [
  KEY,
  `Bearer ${KEY}`,
  KEY.toLowerCase(),
  KEY.toUpperCase(),
  `${KEY.slice(0, 12)}***${KEY.slice(-4)}`,
  btoa(KEY),
  btoa(`Bearer ${KEY}`),
  btoa(`user:${KEY}`).replaceAll("=", ""),
  hex(KEY),
  escaped("%", 16, 2),
  escaped("%25", 16, 2),
  escaped("\\u", 16, 4),
  escaped("&#", 10, 1, ";"),
  escaped("&#x", 16, 2, ";"),
  [...KEY].join(" "),
  [...KEY].join("\u200b"),
  [...KEY].reverse().join(""),
  `${KEY} `.repeat(40),
  `${"x".repeat(190)}${KEY}`,
];

Deno.test("chat: a key that a server repeats is shown nowhere", () =>
  withKey(KEY, async (keyVariable) => {
    for (const echo of ECHOES) {
      const replies: (() => Response)[] = [
        () => new Response(`bad key ${echo}`, { status: 401 }),
        () => Response.json({ error: { message: `bad key ${echo}` } }, { status: 401 }),
        () => Response.json({ error: { message: echo, code: echo } }, { status: 500 }),
        () => Response.json({ error: { message: echo } }),
        () => new Response(`<html><title>${echo}</title></html>`, { status: 502 }),
        () => says(`no: ${echo}`),
        () => Response.json({ choices: [{ message: { content: null, refusal: echo } }] }),
      ];
      for (const reply of replies) {
        await withServer(reply, async (baseUrl) => {
          const messages: string[] = [];
          const emit = (event: unknown) => void messages.push(JSON.stringify(event));
          await assert.rejects(open(baseUrl, { keyVariable, retries: 0 }, { emit }), (error) => {
            messages.push(Deno.inspect(error));
            return true;
          });
          for (const message of messages) {
            assertHidden(message);
            assert.ok(!message.includes(echo), message);
          }
        }, true);
      }
    }
  }));

Deno.test("chat: a key in the place that a redirect names is not shown", () =>
  withKey(KEY, async (keyVariable) => {
    for (const location of [`http://${KEY}.test/`, `${KEY}://x`, `http://u:${KEY}@127.0.0.1:1/`]) {
      const reply = () => new Response(null, { status: 307, headers: { location } });
      await withServer(reply, async (baseUrl) => {
        await assert.rejects(open(baseUrl, { keyVariable }), (error: Error & { code: string }) => {
          assert.equal(error.code, "E_TEACHER");
          assertHidden(Deno.inspect(error));
          return true;
        });
      }, true);
    }
  }));

Deno.test("chat: a key that is none is refused, and not shown", async () => {
  const table: [key: string, fault: RegExp][] = [
    ["sk-QWERTZ-1\nsk-QWERTZ-2", /several lines/],
    ["sk-QWERTZ-1\r\nsk-QWERTZ-2", /several lines/],
    ["sk-QWERTZ-1 sk-QWERTZ-2", /a space/],
    ["sk-QWERTZ-1\tx", /a space or a tab/],
    ["sk-QWERTZ\u2019s", /beyond ASCII, such as a curly/],
    ["\u201csk-QWERTZ\u201d", /beyond ASCII/],
    ['"sk-QWERTZ"', /quotation marks/],
    ["Bearer sk-QWERTZ", /behind "Bearer"/],
    ["sk-QWERTZ\x07x", /a control character/],
    ["sk-QWERTZ\u200b", /beyond ASCII/],
    [`sk-QWERTZ${"x".repeat(9000)}`, /9009 characters/],
  ];
  for (const [key, fault] of table) {
    await withKey(key, async (keyVariable) => {
      await assert.rejects(
        open("http://127.0.0.1:9", { keyVariable }),
        (error: Error & { code: string }) => {
          assert.equal(error.code, "E_OPTION");
          assert.match(error.message, fault);
          assertHidden(Deno.inspect(error));
          return true;
        },
      );
    });
  }
});

Deno.test("chat: the key goes where the options say, and there alone", () =>
  withKey(KEY, (keyVariable) =>
    withServer(() => says("left"), async (baseUrl, seen) => {
      await open(baseUrl, { keyVariable });
      await open(baseUrl, { keyVariable, keyHeader: "api-key" });
      await open(`${baseUrl}?v=1&key={key}`, { keyVariable });
      assert.deepEqual(seen.map(({ key }) => key), [`Bearer ${KEY}`, null, null]);
      assert.deepEqual(seen.map(({ headers }) => headers.get("api-key")), [null, KEY, null]);
      assert.ok(seen[2]!.url.endsWith(`/v1/chat/completions?v=1&key=${KEY}`));
    }, true)));

Deno.test("chat: neither key nor question follows a redirect to another host", () =>
  withKey(KEY, (keyVariable) =>
    withServer(() => says("left"), (other, seenThere) =>
      withServer(
        () => new Response(null, { status: 308, headers: { location: `${other}/x` } }),
        async (baseUrl) => {
          const [host, there] = [baseUrl, new URL(other).origin];
          await assert.rejects(open(baseUrl, { keyVariable }), {
            code: "E_TEACHER",
            message: 'The chat teacher "m" gives no usable answer to a test question: the server ' +
              `"${host}" sends requests on to "${there}": set teacher.baseUrl to where it is, if ` +
              "you trust that; nothing was sent there. Set teacher.required=false to run without one.",
          });
          assert.equal(seenThere.length, 0);
        },
        true,
      ), true)));

Deno.test("chat: a redirect within the server is followed, and not for ever", async () => {
  for (const status of [301, 302, 307, 308]) {
    await withServer(
      ({ url }) =>
        new URL(url).pathname.startsWith("/v2/")
          ? says("left")
          : new Response(null, { status, headers: { location: "/v2/chat/completions" } }),
      async (
        baseUrl,
        seen,
      ) => {
        await open(baseUrl);
        assert.equal(seen.length, 2);
      },
      true,
    );
  }
  const loop = () => new Response(null, { status: 307, headers: { location: "/v1/x" } });
  await withServer(loop, async (baseUrl) => {
    await assert.rejects(open(baseUrl), { code: "E_TEACHER", message: /again and again/ });
  }, true);
  const file = () =>
    new Response(null, { status: 302, headers: { location: "file:///etc/passwd" } });
  await withServer(file, async (baseUrl) => {
    await assert.rejects(open(baseUrl), { code: "E_TEACHER", message: /on to "file:\/\/"/ });
  }, true);
});
