/** What the two sides of a model's worker say to each other. */
import type { ErrorCode } from "@tandem/core";
import type { ModelInfo } from "./language_model.ts";

/** Methods of a model that its worker answers. */
export type WorkerMethod = "generate" | "score" | "firstLogits" | "hidden" | "dispose";

/** To the worker: open a model, or answer a call. */
export type WorkerRequest =
  | { readonly id: number; readonly open: { readonly dir: string; readonly options: object } }
  | { readonly id: number; readonly method: WorkerMethod; readonly args: readonly unknown[] };

/** From the worker: an answer, or what went wrong. */
export type WorkerReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code?: ErrorCode; readonly message: string };

/** The answer to the request to open a model. */
export interface OpenedInWorker {
  readonly info: ModelInfo;
}
