/** What a run came to, as one number, whatever its parts are called today. */
import { createHash } from "node:crypto";
import { createContext } from "../../core/kit/context.ts";
import type { Pipeline } from "../../core/pipeline/pipeline.ts";
import { runPipeline, type RunResult } from "../../core/run/scheduler.ts";

/** Names that changed since the record was made: the name of now, and that of then. */
export const NAMES_THEN: Readonly<Record<string, string>> = {};

/** A teacher's state as it was when each channel measured for itself what verdicts are worth. */
function stateThen(name: string, json: unknown): unknown {
  if (name !== "teacher" || typeof json !== "object" || !json || !("worth" in json)) return json;
  const { worth, channels, ...rest } = json as {
    worth: { usual: { mean: number; judged: number } };
    channels: Record<string, Record<string, unknown>>;
  };
  const { usual } = worth;
  const { logits, memory, weights } = channels;
  return {
    ...rest,
    channels: {
      ...channels,
      ...logits && { logits: { ...logits, usualStrength: usual.mean, judged: usual.judged } },
      ...memory && { memory: { ...memory, usual } },
      ...weights && {
        weights: { ...weights, channel: { ...weights.channel as object, usual } },
      },
    },
  };
}

/** SHA-256 over what a run learned and measured, times left out, names as they were recorded. */
export async function digestOfRun(pipeline: Pipeline): Promise<string> {
  return digestOfResult(await runPipeline(pipeline, createContext({ seed: 5, device: "cpu" })));
}

function digestOfResult({ envSteps, episodes, start, end, verdicts, metrics, states }: RunResult) {
  const hash = createHash("sha256");
  const timeless = Object.fromEntries(
    Object.entries(metrics).filter(([name]) => !/seconds$/i.test(name)),
  );
  hash.update(asRecorded({ envSteps, episodes, start, end, verdicts, metrics: timeless }));
  for (const [name, state] of sorted(states)) {
    if (!state) continue;
    hash.update(asRecorded([name, stateThen(name, state.json)]));
    for (const [array, { shape, data }] of sorted(state.arrays ?? {})) {
      hash.update(asRecorded([array, shape]));
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** JSON with the names of then, in an order that does not depend on how an object was made. */
export function asRecorded(value: unknown): string {
  return JSON.stringify(value, (_key, item) => {
    const isRecord = typeof item === "object" && item !== null && !Array.isArray(item);
    return isRecord ? Object.fromEntries(sorted(item)) : item;
  }) ?? "null";
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record)
    .map(([name, value]): [string, T] => [NAMES_THEN[name] ?? name, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
