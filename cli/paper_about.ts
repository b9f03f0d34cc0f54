/** What the page of `paper` says of itself before anything else. */
import { duration } from "../lab/format.ts";
import { usageFacts, usageOf } from "../lab/teacher_usage.ts";
import type { About } from "./compare.ts";
import type { PaperModel } from "./paper_model.ts";

/**
 * Which model and pipeline it is of, what it cost, and what it cannot be held against.
 *
 * @param settings What was set otherwise than in the paper's pipeline.
 */
export function aboutPaper(
  { words }: Pick<PaperModel, "words">,
  settings: readonly string[],
): About {
  const changed = settings.length === 0 ? "" : ` Set otherwise: ${settings.join(", ")}.`;
  return ({ runs, plan }) => {
    const seconds = runs.reduce((sum, { run }) => sum + run.record.summary.wallSeconds, 0);
    const usage = usageFacts(usageOf(runs.map(({ run }) => run))).join(", ");
    return [
      `The pipeline of the paper, arXiv 2401.06603, as pipelines/paper.ts has it: the TD error, ` +
      `Algorithm 1's sign rule, and the verdict in words in the teacher's next prompt. The paper has ` +
      `40 and 2,100 iterations, this page ${plan.pipeline.schedule.iterations}.${changed}`,
      `The teacher is ${words}.`,
      `It cost ${duration(seconds)} of computing, one run after the other; teachers: ${usage}.`,
      "Tandem's own tests run this command with a tiny T5 of random weights; it was not run with the " +
      "real weights there, and no numbers of theirs stand in its documents to hold these against.",
    ];
  };
}
