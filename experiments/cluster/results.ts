/** What was published as a trial's result, held to the trial. */
import { outsideText } from "../../core/base/outside.ts";
import type { RunSummary } from "../../lab/summary.ts";
import type { TrialContent } from "../../lab/store.ts";
import type { TrialRecord } from "../../lab/trial.ts";
import type { TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import { mostBytes, readMessage, type ResultMessage, Unreadable } from "./messages.ts";

/** What a result must be of. */
export interface Asked {
  readonly key: string;
  /** The kind of machine that was to run it. */
  readonly machineClass: string;
  readonly content: TrialContent;
}

/**
 * The result in a message, from the object store where it stands there.
 *
 * @throws {Unreadable} where it is none, or that of another trial. @throws Where the server is away.
 */
export async function readResult(
  queue: Pick<TrialQueue, "find">,
  message: Uint8Array,
  asked: Asked,
): Promise<ResultMessage> {
  const bytes = await wholeOf(queue, message, asked.key);
  const result = readMessage("result", bytes);
  const misfit = misfitOf(result, asked);
  if (misfit) throw new Unreadable(misfit);
  return named(result, asked.content.pipeline.name);
}

async function wholeOf(
  queue: Pick<TrialQueue, "find">,
  message: Uint8Array,
  key: string,
): Promise<Uint8Array> {
  let object: string;
  try {
    ({ object } = readMessage("pointer", message));
  } catch {
    return message;
  }
  if (object !== `result.${key}`) throw new Unreadable("points to an object of another trial");
  const bytes = await queue.find(object, mostBytes("result"));
  if (!bytes) throw new Unreadable("points to an object that is missing, damaged or too large");
  return bytes;
}

/** In what a result is not of the trial, as the end of a sentence. */
function misfitOf({ key, fit, outcome }: ResultMessage, asked: Asked): string | undefined {
  const { seed, device, testPlan, pipeline: { schedule } } = asked.content;
  if (key !== asked.key) return "is that of another trial";
  if (fit !== asked.machineClass) return "comes from a machine that does not fit";
  if ("error" in outcome) return undefined;
  const { summary } = outcome.record;
  if (summary.seed !== seed) return `is of seed "${summary.seed}", and "${seed}" was asked for`;
  if (summary.device !== device) return `is of another device than "${device}"`;
  if (summary.stopped || !isWhole(summary, asked.content.pipeline)) {
    return `is of "${summary.iterations}" iterations, and "${schedule.iterations}" were asked for`;
  }
  if (summary.test?.plan !== testPlan) return "was not measured on the test worlds of its plan";
  return undefined;
}

/** Whether all iterations were done, or an extra stage of the pipeline's ended them before. */
function isWhole(
  { iterations, earlyEnd }: RunSummary,
  { schedule, extras }: TrialContent["pipeline"],
): boolean {
  if (iterations === schedule.iterations) return true;
  return iterations < schedule.iterations && earlyEnd !== undefined &&
    Object.hasOwn(extras ?? {}, earlyEnd.by);
}

/**
 * The result under the name that the pipeline has here, since that is not part of what a trial is, and
 * with the texts that are shown as they may be shown.
 */
function named(result: ResultMessage, pipeline: string): ResultMessage {
  const { outcome } = result;
  if ("error" in outcome) return result;
  const { summary, warnings } = outcome.record;
  const record: TrialRecord = {
    ...outcome.record,
    summary: {
      ...summary,
      pipeline,
      level: outsideText(summary.level),
      control: summary.control && outsideText(summary.control),
    },
    ...(warnings && { warnings: warnings.map((text) => outsideText(text, { max: 4000 })) }),
  };
  return { ...result, outcome: { record } };
}
