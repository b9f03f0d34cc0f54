/** The sessions that a model runs on. */
import type { OnnxRuntime, OnnxSession } from "../onnx/onnx.ts";
import type { DecoderSessions } from "./decoder.ts";
import type { ModelGraphs } from "./graphs.ts";

/** All graphs of a model, loaded. */
export interface ModelSessions extends DecoderSessions {
  readonly encoder?: OnnxSession;
}

/** Loads a model's graphs, the decoder's ones rewritten for trees where they can be. */
export async function openSessions(
  runtime: OnnxRuntime,
  { encoder, first, next }: ModelGraphs,
): Promise<ModelSessions> {
  const { rewriteForTrees } = await import("../onnx/rewrite.ts");
  const sessions = {
    ...(encoder ? { encoder: await runtime.open(encoder) } : {}),
    first: await runtime.open(first, rewriteForTrees),
  };
  if (!next) return sessions;
  if (next === first) return { ...sessions, next: sessions.first };
  return { ...sessions, next: await runtime.open(next, rewriteForTrees) };
}

/** Frees them. */
export async function releaseSessions(sessions: ModelSessions): Promise<void> {
  for (const session of new Set([sessions.encoder, sessions.first, sessions.next])) {
    await session?.release();
  }
}
