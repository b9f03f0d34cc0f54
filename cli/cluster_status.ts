/** How a cluster stands, in words. */
import { count, duration } from "../lab/format.ts";
import type { QueueStatus } from "../runtimes/nats/trial_queue.ts";
import { lettersOf } from "../experiments/cluster/letters.ts";
import type { PlanState, WorkerState } from "../experiments/cluster/messages.ts";

/** A coordinator that has said nothing for so long is gone; the trials are worked on all the same. */
const SILENT = 15_000;

/** @param now Milliseconds since 1970. */
export function statusText(status: QueueStatus, now: number): string {
  const plans = lettersOf("plan", status.plans);
  const workers = lettersOf("worker", status.workers);
  const dead = lettersOf("failure", status.dead);
  const lanes = workers.messages.reduce((sum, { jobs }) => sum + jobs, 0);
  return [
    `Plans (${count(status.waiting)} trials on the queue)`,
    ...or(plans.messages.map((plan) => planLine(plan, lanes, now)), "none"),
    "",
    `Workers (${count(lanes)} trials side by side)`,
    ...or(workers.messages.flatMap((worker) => workerLines(worker)), "none"),
    "",
    "Failures",
    ...or(dead.messages.map(({ name, message }) => `  ${name}: ${message}`), "none"),
    ...passedOver([plans, workers, dead].flatMap(({ sentences }) => sentences)),
  ].join("\n");
}

function planLine(plan: PlanState, lanes: number, now: number): string {
  const { name, done, trials, failed, trialSeconds } = plan;
  const parts = [`${count(done)}/${count(trials)} done`];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  parts.push(stateOf(plan, now));
  if (plan.state === "at work" && trialSeconds !== null && lanes > 0) {
    parts.push(`${duration((trials - done) * trialSeconds / lanes)} left`);
  }
  return `  ${name}: ${parts.join(", ")}`;
}

function stateOf({ state, toldAt }: PlanState, now: number): string {
  if (state === "left") return "its coordinator was stopped; the same command goes on";
  if (state === "at work" && now - toldAt > SILENT) {
    return "its coordinator is silent; the same command goes on";
  }
  return state;
}

function workerLines({ id, jobs, machine, running, done, failed }: WorkerState): string[] {
  const { version, device } = machine;
  const ended = `${count(done)} done${failed > 0 ? `, ${count(failed)} failed` : ""}`;
  return [
    `  ${id}: ${count(jobs)} side by side on ${device}, Tandem ${version}, ${ended}`,
    ...running.map(({ name, iteration, iterations }) =>
      `    ${name} ${count(iteration)}/${count(iterations)}`
    ),
  ];
}

function passedOver(sentences: readonly string[]): string[] {
  return sentences.length > 0 ? ["", ...sentences] : [];
}

function or(lines: readonly string[], nothing: string): readonly string[] {
  return lines.length > 0 ? lines : [`  ${nothing}`];
}
