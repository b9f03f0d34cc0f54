/** A worker's lane: one trial after the other, each with the files that its plan's machine had. */
import { resolve } from "node:path";
import { systemClock } from "../../core/kit/context.ts";
import type { Effect } from "../../core/pipeline/effects.ts";
import type { PipelineJson } from "../../core/pipeline/pipeline.ts";
import { TandemError } from "../../core/base/errors.ts";
import { outsideText } from "../../core/base/outside.ts";
import type { TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import { contentOfModule, Fingerprints } from "../fingerprints.ts";
import { TrialThread } from "../trial_pool.ts";
import { changedRule } from "./guest.ts";
import { fetchRule } from "./rules.ts";
import type { Lane, RunTrial } from "./serve.ts";

/** Milliseconds for which a trial that is given up may end by itself. */
const GRACE = 3000;

/** How the trials of a lane are run. */
export interface LaneOptions {
  /** Seconds between two checkpoints of a trial. */
  readonly checkpointSeconds: number;
  /** What trials may do beside computing. */
  readonly allowEffect: readonly Effect[];
  /** The folder in which rules of plans are kept, by their hash. */
  readonly rules: string;
}

/** A lane runs its trials in a thread of its own. */
export function laneOf(queue: TrialQueue, options: LaneOptions, signal: AbortSignal): Lane {
  const { checkpointSeconds, rules, allowEffect } = options;
  let thread: TrialThread | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let given = new AbortController();
  const end = () => {
    thread?.end();
    thread = undefined;
  };
  const runOne: RunTrial = async ({ content, rule, key, saved }, watch) => {
    try {
      await expectSameFiles(content.pipeline, content.files, rule?.name, given.signal);
      const own = rule &&
        { sha256: rule.sha256, path: await fetchRule(rule, queue, resolve(rules)) };
      if (own && await contentOfModule(own.path) !== content.files[rule.name]) {
        throw changedRule(rule.name);
      }
      const pipeline = own ? withRule(content.pipeline, own.path) : content.pipeline;
      if (given.signal.aborted) return { type: "stopped" };
      thread ??= new TrialThread(signal);
      const setting = {
        sandbox: true,
        guest: { effects: allowEffect, rule: own },
        saved,
        checkpoints: { key, seconds: checkpointSeconds },
      };
      const answer = await thread.run({ ...content, pipeline }, setting, watch);
      if (answer.type === "failed") end();
      return answer;
    } catch (error) {
      // What the cluster refuses is no failure of the trial.
      if (!(error instanceof TandemError) || error.code === "E_CLUSTER") throw error;
      return { type: "failed", code: error.code, message: error.message };
    }
  };
  return {
    run(trial, watch) {
      given = new AbortController();
      const answer = runOne(trial, watch);
      running = answer.catch(() => {}); // told to who asked for it
      return answer;
    },
    async giveUp() {
      given.abort();
      thread?.giveUp();
      const grace = systemClock.sleep(GRACE).then(() => false);
      const letGo = await Promise.race([running.then(() => true), grace]);
      end();
      return letGo;
    },
    end,
  };
}

/** The pipeline with the rule's copy on this machine. */
function withRule(pipeline: PipelineJson, path: string): PipelineJson {
  return { ...pipeline, feedback: { ...pipeline.feedback, plugin: path } };
}

/** @throws {TandemError} E_FILE where a model or another file is not here as the plan's machine has it. */
async function expectSameFiles(
  pipeline: PipelineJson,
  wanted: Readonly<Record<string, string>>,
  rule: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const here = await new Fingerprints(signal).of(pipeline);
  for (const [name, hash] of Object.entries(wanted)) {
    if (name === rule || here[name] === hash) continue;
    const why = here[name] === undefined ? "is not on this machine" : "has another content here";
    throw new TandemError("E_FILE", `"${outsideText(name)}", which the plan names, ${why}.`);
  }
}
