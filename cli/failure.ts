/** What a command that failed says, and the exit statuses of all. */
import { TandemError } from "../core/base/errors.ts";
import { outsideReason, outsideText } from "../core/base/outside.ts";
import { printError } from "./print.ts";

/** What the process tells its caller. */
export const EXIT = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/** More of a sentence than this is not read. */
const LONGEST_SENTENCE = 4000;

/** One sentence and an exit status for any error; a defect keeps its stack. */
export function reportFailure(error: unknown): number {
  if (error instanceof TandemError) {
    printSentence(String(error));
    // A stage that threw something else has a defect: its author needs the stack.
    if (error.code === "E_STAGE" && error.cause instanceof Error) printError(stackOf(error.cause));
    return error.kind === "input" ? EXIT.badInput : EXIT.failed;
  }
  printError("This is a defect of Tandem or of a plugin:");
  printError(stackOf(error));
  return EXIT.failed;
}

/** On one line, so that nothing which the sentence quotes looks like a line of Tandem's own. */
export function printSentence(text: string): void {
  printError(outsideText(text, { max: LONGEST_SENTENCE }));
}

/** What a plugin threw may be anything, and may throw when it is looked at. */
function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error && thrown.stack ? String(thrown.stack) : Deno.inspect(thrown);
  } catch {
    return outsideReason(thrown);
  }
}
