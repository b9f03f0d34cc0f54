/** Runs in a worker: opens one model and answers calls to it. */
import { TandemError } from "@tandem/core";
import { type LanguageModel, openLanguageModel } from "./language_model.ts";
import type { OpenedInWorker, WorkerReply, WorkerRequest } from "./worker_protocol.ts";

declare const self: {
  onmessage: (event: MessageEvent<WorkerRequest>) => void;
  postMessage(reply: WorkerReply): void;
};

self.onmessage = serve((reply) => self.postMessage(reply));

function serve(post: (reply: WorkerReply) => void) {
  let model: LanguageModel | undefined;
  const answer = async (request: WorkerRequest): Promise<unknown> => {
    if ("open" in request) {
      model = await openLanguageModel(request.open.dir, request.open.options);
      return { info: model.info } satisfies OpenedInWorker;
    }
    if (!model) throw new Error("The worker has no model.");
    const method = model[request.method] as (...args: unknown[]) => Promise<unknown>;
    return await method.apply(model, [...request.args]);
  };
  return async ({ data }: MessageEvent<WorkerRequest>): Promise<void> => {
    const { id } = data;
    try {
      post({ id, value: await answer(data) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      post({ id, code: error instanceof TandemError ? error.code : undefined, message });
    }
  };
}
