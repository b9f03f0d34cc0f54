import { type Span, trace, type Tracer } from "@opentelemetry/api";
import assert from "node:assert/strict";
import { openTelemetry } from "../../cli/telemetry.ts";
import { STAGE_KINDS } from "../../core/stages/mod.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { outcome, ROOT, withFolder } from "./command.ts";
import pipeline from "./corridor.ts";

/** What the tests read of a span in OTLP's JSON. */
interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: Record<string, unknown> }[];
  readonly events: readonly { name: string }[];
}

const valuesOf = ({ attributes }: OtlpSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
const nanoseconds = ({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan) =>
  Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano));

/** Does some work beside a collector; gives the spans that it was told. */
async function collected(work: (address: string) => Promise<void>): Promise<OtlpSpan[]> {
  const spans: OtlpSpan[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const told = await request.json();
    if (new URL(request.url).pathname !== "/v1/traces") return Response.json({});
    for (const { scopeSpans } of told.resourceSpans) {
      for (const { scope, spans: some } of scopeSpans) {
        if (scope.name === "tandem") spans.push(...some);
      }
    }
    return Response.json({});
  });
  await work(`http://127.0.0.1:${server.addr.port}`);
  await server.shutdown();
  return spans;
}

Deno.test("a run tells a collector of itself, its iterations and its stages where Deno traces", () =>
  withFolder(async (folder) => {
    const spans = await collected(async (address) => {
      const { status, stderr } = await outcome(
        new Deno.Command(Deno.execPath(), {
          args: ["task", "--quiet", "run", "tests/cli/corridor.ts", "--quiet"]
            .concat("--device", "cpu", "--seed", "3", "--out", `${folder}/run`),
          cwd: ROOT,
          env: {
            OTEL_DENO: "true",
            OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
            OTEL_EXPORTER_OTLP_ENDPOINT: address,
          },
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn(),
      );
      assert.equal(status, 0, stderr);
    });
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [run, ...others] = named("run");
    assert.deepEqual(others, []);
    assert.equal(run!.parentSpanId, "");
    assert.deepEqual(valuesOf(run!), {
      "tandem.run": "run",
      "tandem.pipeline": "corridor",
      "tandem.seed": 3,
      "tandem.device": "cpu",
      "tandem.iterations": 2,
    });
    assert.ok(run!.events.some(({ name }) => name === "evaluated"));
    assert.ok(spans.every(({ traceId }) => traceId === run!.traceId));

    const iterations = named("iteration");
    assert.deepEqual(iterations.map((span) => span.parentSpanId), [run!.spanId, run!.spanId]);
    assert.deepEqual(iterations.map((span) => valuesOf(span)["tandem.iteration"]), [1, 2]);
    assert.deepEqual(iterations.map((span) => valuesOf(span)["tandem.env_steps"]), [128, 256]);
    for (const iteration of iterations) {
      const stages = spans.filter((span) => span.parentSpanId === iteration.spanId);
      assert.deepEqual(stages.map(({ name }) => name), [...STAGE_KINDS]);
      assert.equal(valuesOf(stages[0]!)["tandem.plugin"], "corridor");
      const together = stages.reduce((sum, stage) => sum + nanoseconds(stage), 0);
      assert.ok(together > 0 && together <= nanoseconds(iteration) + 1e6);
    }
    assert.equal(spans.length, 1 + 2 + 2 * STAGE_KINDS.length);
  }));

Deno.test("a run that goes on tells what each iteration took, and not all that was before", async () => {
  const [made, ended] = [[] as { name: string; start: number }[], new Map<string, number>()];
  const tracer = {
    startSpan(name: string, { startTime = 0 }: { startTime?: number } = {}) {
      made.push({ name, start: startTime });
      return {
        end: (at = 0) => void ended.set(name, at - startTime),
        setStatus: ({ message }: { message: string }) => void ended.set(message, 1),
      } as unknown as Span;
    },
  } as unknown as Tracer;
  const config = {
    ...{ version: "1", command: "", startedAt: "", seed: 0, device: "cpu" },
    pipeline: pipeline.toJSON(),
  };
  const at = (iteration: number, env: number) => ({
    type: "iteration.ended",
    ...{ iteration, envSteps: 0, ended: 0, solved: 0, seconds: 4 },
    cost: { stageSeconds: { env, teacher: 0, student: 2, advantage: 0, feedback: 0 } },
  } as TandemEvent);
  const options = { config, path: () => "runs/one", kept: () => [at(7, 10)] };

  const off = await openTelemetry(options);
  off.sink(at(8, 12));
  assert.deepEqual(made, []);

  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  try {
    const telemetry = await openTelemetry(options);
    telemetry.sink({ type: "run.resumed", iteration: 7, iterations: 9, device: "cpu" });
    telemetry.sink(at(8, 12));
    assert.deepEqual(made.map(({ name }) => name), ["run", "iteration", ...STAGE_KINDS]);
    assert.equal(Math.round(ended.get("iteration")!), 4000);
    assert.equal(Math.round(ended.get("env")!), 2000);
    assert.equal(Math.round(ended.get("student")!), 0);
    telemetry.end(new Error("the disk is full"));
    assert.ok(ended.has("the disk is full") && ended.has("run"));
  } finally {
    trace.disable();
  }
});
