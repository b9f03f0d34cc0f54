import assert from "node:assert/strict";
import type { TandemEvent } from "../../../core/stages/events.ts";
import { readEvents } from "../../../lab/event_log.ts";
import { EventScalars, runScalars } from "../../../lab/export/scalars.ts";
import { tensorBoardFile } from "../../../lab/export/tensorboard.ts";
import { csvLog, tensorBoardLog } from "../../../lab/live/files.ts";
import { RunLogs } from "../../../lab/live/run_logs.ts";
import { TrialRecorder } from "../../../lab/trial.ts";
import corridor from "../../cli/corridor.ts";
import { quickRun } from "../../cli/quick_run.ts";
import { SUMMARY } from "../sample.ts";
import { inTemporaryFolder } from "../temporary.ts";

const scalar = (tag: string, step: number, value: number) => ({ tag, step, value, wallTime: 5 });
const never = (sentence: string) => assert.fail(sentence);

Deno.test("a run's live files hold what export would write of it, and MLflow is told the same", () =>
  inTemporaryFolder(async (folder) => {
    const told: [path: string, body: unknown][] = [];
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    await using server = Deno.serve(options, async (request) => {
      const { pathname, search } = new URL(request.url);
      const path = pathname.replace("/api/2.0/mlflow/", "") + search;
      told.push([path, request.method === "POST" ? await request.json() : undefined]);
      if (path.startsWith("experiments/get")) return new Response("{}", { status: 404 });
      if (path === "experiments/create") return Response.json({ experiment_id: "7" });
      if (path === "runs/create") return Response.json({ run: { info: { run_id: "abc" } } });
      return Response.json({});
    });
    const out = `${folder}/run`;
    const address = `http://127.0.0.1:${server.addr.port}`;
    await quickRun(corridor.with({ evaluation: { every: 1 } }), out, 0, [
      ...[{ kind: "csv" }, { kind: "tensorboard" }, { kind: "mlflow", server: address }] as const,
    ]);

    const events = [...readEvents(`${out}/events.jsonl`)];
    const recorder = new TrialRecorder();
    for (const event of events) recorder.see(event);
    const startedAt = Date.parse("2026-01-01T00:00:00Z") / 1000;
    const live = new EventScalars(startedAt);
    const scalars = events.flatMap((event) => live.of(event));
    const sorted = (all: readonly unknown[]) => all.map((one) => JSON.stringify(one)).sort();
    const exported = runScalars(events, recorder.finish(SUMMARY), startedAt);
    assert.deepEqual(sorted(scalars), sorted(exported));

    const { name } = [...Deno.readDirSync(`${out}/tensorboard`)][0]!;
    const file = await Deno.readFile(`${out}/tensorboard/${name}`);
    assert.match(name, /^events\.out\.tfevents\.1767225600\.tandem$/);
    assert.deepEqual(file, tensorBoardFile(scalars, startedAt));

    const [head, ...rows] = (await Deno.readTextFile(`${out}/progress.csv`)).trim().split("\r\n");
    const columns = head!.split(",");
    assert.deepEqual(new Set(columns.slice(2)), new Set(scalars.map(({ tag }) => tag)));
    assert.equal(rows.length, 5, "two iterations, three measurements");
    const last = rows.at(-1)!.split(",");
    assert.equal(last.length, columns.length);
    const success = columns.indexOf("eval/success_rate");
    assert.equal(
      Number(last[success]),
      scalars.findLast(({ tag }) => tag === "eval/success_rate")!.value,
    );

    const paths = told.map(([path]) => path);
    assert.deepEqual(paths.slice(0, 3), [
      ...["experiments/get-by-name?experiment_name=corridor", "experiments/create", "runs/create"],
    ]);
    assert.equal(paths.at(-1), "runs/update");
    assert.equal((told.at(-1)![1] as { status: string }).status, "FINISHED");
    type Batch = { metrics?: { key: string; value: number; step: number }[]; params?: unknown[] };
    const batches = told.filter(([path]) => path === "runs/log-batch").map(([, it]) => it as Batch);
    const plain = ({ key, value, step }: { key: string; value: number; step: number }) => [
      ...[key, value, step],
    ];
    assert.deepEqual(
      batches.flatMap(({ metrics = [] }) => metrics.map(plain)),
      scalars.map(({ tag, value, step }) => [tag, value, step]),
    );
    const params = batches.flatMap(({ params = [] }) => params);
    assert.ok(JSON.stringify(params).includes('{"key":"student.hidden","value":"16"}'));
    assert.deepEqual(JSON.parse(await Deno.readTextFile(`${out}/mlflow.json`)), {
      ...{ server: address, run: "abc" },
    });
  }));

Deno.test("the table grows by rows and, at its end, by columns", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/progress.csv`;
    const log = csvLog(path, never);
    log.add([scalar("a", 1, 0.5)]);
    log.add([scalar("b,c", 2, 1), scalar("a", 2, NaN)]);
    log.add([scalar("a", 3, -2)]);
    assert.equal(
      await Deno.readTextFile(path),
      'step,wall_time,a,"b,c"\r\n1,5,0.5,\r\n2,5,,1\r\n3,5,-2,\r\n',
    );
    log.restart!();
    log.add([scalar("a", 1, 1)]);
    assert.equal(await Deno.readTextFile(path), "step,wall_time,a\r\n1,5,1\r\n");
  }));

Deno.test("a run that goes on from a checkpoint leaves the file of one that was not stopped", () =>
  inTemporaryFolder(async (folder) => {
    const run = `${folder}/run`;
    await quickRun(corridor, run);
    const events = [...readEvents(`${run}/events.jsonl`)];
    const path = (name: string) => `${folder}/${name}`;
    const write = async (name: string, sink: (logs: RunLogs, kept: TandemEvent[]) => void) => {
      const kept: TandemEvent[] = [];
      const logs = new RunLogs({
        logs: [tensorBoardLog(path(name), 1, never)],
        ...{ startedAt: 1, kept: () => kept },
      });
      sink(logs, kept);
      await logs.end(true);
      return await Deno.readFile(path(name));
    };
    const whole = await write("whole", (logs) => events.forEach(logs.sink));
    const cut = events.findIndex(({ type }) => type === "iteration.ended") + 1;
    const stopped = await write("stopped", (logs, kept) => {
      events.slice(0, cut + 3).forEach(logs.sink); // beyond the checkpoint
      kept.push(...events.slice(0, cut));
      logs.sink({ type: "run.resumed", iteration: 1, iterations: 2, device: "cpu" });
      events.slice(cut).forEach(logs.sink);
    });
    assert.deepEqual(stopped, whole);
  }));

Deno.test("a disk that takes no more ends a log, said once, and not the run", () => {
  const said: string[] = [];
  const log = tensorBoardLog("/proc/none/events", 1, (sentence) => said.push(sentence));
  for (const step of [1, 2]) log.add([scalar("a", step, 1)]);
  assert.equal(said.length, 1);
  assert.match(
    said[0]!,
    /^The run goes on without this log: "\/proc\/none\/events" cannot be written/,
  );
});
