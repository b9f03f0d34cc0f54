import assert from "node:assert/strict";
import { openMlflow } from "../../../lab/live/mlflow.ts";

const RUN = { experiment: "it", name: "one", startedAt: 1, params: {} };

/** A server that answers as it is told. */
async function withServer(
  answer: (path: string) => Response,
  test: (address: string) => Promise<void>,
): Promise<void> {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, async (request) => {
    await request.text();
    return answer(new URL(request.url).pathname.replace("/api/2.0/mlflow/", ""));
  });
  await test(`http://127.0.0.1:${server.addr.port}`);
}

Deno.test("a server that is no MLflow is refused in a sentence before the run begins", async () => {
  const answers: [answer: (path: string) => Response, sentence: RegExp][] = [
    [() => new Response("<html>"), /its answer is no JSON\.$/],
    [() => Response.json({ experiment: {} }), /has no right "experiment\.experiment_id"\.$/],
    [() => new Response("no\x1b[2J", { status: 500 }), /it answered 500: no\\x1b\[2J\.$/],
    [() => Response.redirect("http://127.0.0.1:1/"), /it cannot be reached, or gave no answer/],
    [() => new Response("x".repeat(2 ** 21)), /its answer is no JSON\.$/],
    [
      (path) =>
        path.startsWith("runs/")
          ? Response.json({ run: { info: { run_id: "../../x" } } })
          : Response.json({ experiment: { experiment_id: "1" } }),
      /has no right "run\.info\.run_id"\.$/,
    ],
  ];
  for (const [answer, message] of answers) {
    await withServer(answer, async (address) => {
      const open = openMlflow(address, RUN, assert.fail);
      await assert.rejects(open, { code: "E_DOWNLOAD", message });
    });
  }
  for (const address of ["127.0.0.1:5000", "ftp://x", "http://name:word@x", "http://x/?key=1"]) {
    const open = openMlflow(address, RUN, assert.fail);
    await assert.rejects(open, (error: Error & { code: string }) => {
      assert.doesNotMatch(error.message, /:word|key=/);
      return error.code === "E_ARGUMENT";
    });
  }
});

Deno.test("a server that fails later is told of once, and the run goes on", async () => {
  let isDown = false;
  const answer = (path: string) => {
    if (isDown) return new Response("gone", { status: 503 });
    if (path.startsWith("experiments")) {
      return Response.json({ experiment: { experiment_id: "1" } });
    }
    return Response.json({ run: { info: { run_id: "r" } } });
  };
  await withServer(answer, async (address) => {
    const said: string[] = [];
    const log = await openMlflow(address, RUN, (sentence) => said.push(sentence));
    assert.equal(log.id, "r");
    isDown = true;
    for (const step of [1, 2]) log.add([{ tag: "a", step, value: 1, wallTime: 1 }]);
    await log.end(true);
    assert.equal(said.length, 1);
    assert.match(
      said[0]!,
      /^The run goes on, and MLflow lacks a part of it: .* it answered 503: gone/,
    );
  });
});
