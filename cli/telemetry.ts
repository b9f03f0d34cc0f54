/** A run as spans of OpenTelemetry, where Deno's own is switched on by `OTEL_DENO=true`. */
import type { Context, Span, Tracer } from "@opentelemetry/api";
import { basename } from "node:path";
import { importOptional } from "../core/base/optional_package.ts";
import { type EventSink, STAGE_KINDS } from "../core/stages/mod.ts";
import type { TandemEvent, TrainingCost } from "../core/stages/events.ts";
import type { RunConfig } from "../lab/run_config.ts";

/** Where Deno leaves what it traces with, if it does: what packages of OpenTelemetry look for. */
const GLOBAL = Symbol.for("opentelemetry.js.api.1");

/** Tells of a run while it goes on. */
export interface Telemetry {
  readonly sink: EventSink;
  /** The run is over; with what it failed of, if it did. A second call does nothing. */
  end(error?: unknown): void;
}

/** What {@linkcode openTelemetry} takes. */
export interface TelemetryOptions {
  readonly config: RunConfig;
  /** The run's folder, when the run has begun. */
  readonly path: () => string;
  /** The events that the folder holds now. */
  readonly kept: () => Iterable<TandemEvent>;
}

/** Spans of a run; nothing, and no package, where telemetry is off. */
export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const found = (globalThis as { [GLOBAL]?: { trace?: unknown } })[GLOBAL];
  if (found?.trace === undefined) return { sink() {}, end() {} };
  const api = await importOptional<typeof import("@opentelemetry/api")>(
    "@opentelemetry/api",
    "makes spans",
    (name) => import(name),
  );
  const tracer = api.trace.getTracer("tandem", options.config.version);
  const within = (span: Span) => api.trace.setSpan(api.ROOT_CONTEXT, span);
  return new RunSpans({ ...options, tracer, within, failed: api.SpanStatusCode.ERROR });
}

/** The parts of the package that are used. */
interface Api {
  readonly tracer: Tracer;
  /** Where a span's children are made. */
  readonly within: (span: Span) => Context;
  /** The status of what failed. */
  readonly failed: number;
}

/**
 * A span for the run, within it one an iteration, and within these one a stage: as long as all that the
 * stage did in the iteration, one after another, since a stage works at every step.
 */
class RunSpans implements Telemetry {
  #run: Span | undefined;
  #cost: TrainingCost | undefined;

  constructor(private readonly options: TelemetryOptions & Api) {}

  readonly sink: EventSink = (event) => {
    if (event.type === "run.started" || event.type === "run.resumed") this.#begin(event.iterations);
    if (event.type === "run.resumed" || event.type === "run.fell-back") this.#cost = this.#kept();
    if (event.type === "iteration.ended") this.#iteration(event);
    if (event.type === "evaluated") {
      const { iteration, success: { rate, episodes } } = event;
      this.#run?.addEvent("evaluated", {
        "tandem.iteration": iteration,
        "tandem.success": rate,
        "tandem.episodes": episodes,
      });
    }
  };

  end(error?: unknown): void {
    if (error !== undefined) {
      const message = error instanceof Error ? error.message : String(error);
      this.#run?.setStatus({ code: this.options.failed, message });
    }
    this.#run?.end();
    this.#run = undefined;
  }

  #begin(iterations: number): void {
    const { tracer, config: { pipeline, seed, device }, path } = this.options;
    const attributes = {
      "tandem.run": basename(path()),
      "tandem.pipeline": pipeline.name,
      "tandem.seed": seed,
      "tandem.device": device,
      "tandem.iterations": iterations,
    };
    this.#run ??= tracer.startSpan("run", { root: true, attributes });
  }

  #iteration(event: Extract<TandemEvent, { type: "iteration.ended" }>): void {
    if (!this.#run) return;
    const { tracer, within } = this.options;
    const { iteration, envSteps, ended, solved, seconds, cost } = event;
    const now = performance.timeOrigin + performance.now();
    const startTime = now - 1000 * seconds;
    const attributes = {
      "tandem.iteration": iteration,
      "tandem.env_steps": envSteps,
      "tandem.episodes.ended": ended,
      "tandem.episodes.solved": solved,
    };
    const span = tracer.startSpan("iteration", { startTime, attributes }, within(this.#run));
    this.#stages(within(span), startTime, cost);
    span.end(now);
    this.#cost = cost;
  }

  #stages(parent: Context, from: number, { stageSeconds }: TrainingCost): void {
    const { tracer, config: { pipeline } } = this.options;
    for (const kind of STAGE_KINDS) {
      const seconds = stageSeconds[kind] - (this.#cost?.stageSeconds[kind] ?? 0);
      const attributes = { "tandem.plugin": pipeline[kind].plugin };
      const span = tracer.startSpan(kind, { startTime: from, attributes }, parent);
      from += 1000 * seconds;
      span.end(from);
    }
  }

  /** What the run had cost when the last iteration ended that counts. */
  #kept(): TrainingCost | undefined {
    let cost: TrainingCost | undefined;
    for (const event of this.options.kept()) {
      if (event.type === "iteration.ended") cost = event.cost;
    }
    return cost;
  }
}
