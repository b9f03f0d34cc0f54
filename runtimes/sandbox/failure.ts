import type { ErrorCode } from "@tandem/core";

/** What is known of a {@linkcode SandboxFailure} beside its message. */
export interface FailureDetails {
  /** What the code says of its input, where it was that. */
  readonly input?: { readonly code: ErrorCode; readonly message: string };
  /** Whether the machine ended it (its time, its stack), so that another may come further. */
  readonly byMachine?: boolean;
}

/** Sandboxed code failed or reached a limit; the message ends a sentence that begins with its name. */
export class SandboxFailure extends Error {
  constructor(message: string, readonly details: FailureDetails = {}) {
    super(message);
  }
}
