/** A small run as values, made by hand: what the lab's tests read. */
import type { LedgerRow, TandemEvent } from "../../core/stages/events.ts";
import type { PackedRun } from "../../lab/pack/packed_run.ts";
import type { RunConfig } from "../../lab/run_config.ts";
import type { RunSummary } from "../../lab/summary.ts";

export const CONFIG: RunConfig = {
  version: "0.1.0",
  command: "deno task run pipelines/babyai.ts --seed 3",
  startedAt: "2026-11-20T19:00:05.000Z",
  seed: 3,
  device: "wasm",
  pipeline: {
    tandem: 1,
    name: "babyai",
    description: "",
    env: { plugin: "babyai", options: { level: "GoToRedBallNoDists" } },
    teacher: { plugin: "t5", options: { temperature: 1 } },
    student: { plugin: "ppo", options: {} },
    advantage: { plugin: "q-minus-v", options: {} },
    feedback: { plugin: "paper", options: {} },
    schedule: {
      ...{ iterations: 4, envs: 2, steps: 8, feedbackEvery: 1, feedbackDelay: 0 },
      ...{ warmUp: 0, adviceEvery: 1, adviceDelay: 0, teacherOff: 1 },
    },
    evaluation: { episodes: 100, states: 50, every: 0, advice: false },
  },
};

/** What the student of a small run was told. */
export const VOCABULARY: PackedRun["vocabulary"] = {
  env: {
    ...{ id: "Corridor-7", envs: 1, observation: {}, actions: ["left"], missionWords: ["go"] },
    ...{ maxSteps: 9, autoreset: "same-step" },
  },
  candidates: ["left"],
};

/** Where a small run stood when it was packed; nothing was measured. */
export const STANDING: PackedRun["evaluation"] = {
  ...{ tandem: 1, worlds: "development", iteration: 2, isBest: false, envSteps: 256 },
  ...{ success: null, floor: null, ceiling: null, control: null },
};

export const SUMMARY: RunSummary = {
  tandem: 1,
  pipeline: "babyai",
  level: "BabyAI-GoToRedBallNoDists-v0",
  seed: 3,
  device: "wasm",
  iterations: 4,
  stopped: false,
  envSteps: 64,
  episodes: 8,
  wallSeconds: 10,
  processorSeconds: null,
  success: { start: 0.25, end: 0.75, ci95: [0.65, 0.82], episodes: 100 },
  meanReward: { start: 0.1, end: 0.6 },
  floor: 0.25,
  ceiling: 1,
  referenceWorlds: 2000,
  normalised: 2 / 3,
  noScore: null,
  guidanceAccuracy: { start: 0.5, end: 0.625, states: 50 },
  verdicts: { positive: 40, negative: 20, abstained: 4 },
  teacher: { calls: 64, cacheHits: 16, tokens: 2048 },
  stageSeconds: { env: 1, teacher: 4, student: 3, advantage: 0, feedback: 0 },
  trainingSeconds: 8,
  feedbackSeconds: 1,
  advice: null,
  withoutTeacher: null,
  retention: null,
  metrics: { loss: 0.5 },
  control: null,
  digest: "d".repeat(64),
};

/** A row of the ledger; what is not given is dull. */
export function row(part: Partial<LedgerRow> = {}): LedgerRow {
  return {
    iteration: 1,
    step: 0,
    env: 0,
    mission: "go to the red ball",
    state: ["You see a red ball 2 steps forward."],
    guidance: "go forward",
    probability: 0.5,
    right: null,
    action: "go forward",
    reward: 0,
    ended: false,
    advantage: 0.1,
    before: 0,
    verdict: "positive",
    words: "This token is better than the last one.",
    ...part,
  };
}

/** An iteration's end; what is not given is dull. */
export function iterationEnded(
  iteration: number,
  part: Partial<Extract<TandemEvent, { type: "iteration.ended" }>> = {},
): Extract<TandemEvent, { type: "iteration.ended" }> {
  return {
    type: "iteration.ended",
    iteration,
    envSteps: 16 * iteration,
    episodes: 2 * iteration,
    ended: 2,
    solved: 1,
    meanReward: 0.5,
    followed: 0.5,
    verdicts: { positive: 10, negative: 5, abstained: 1 },
    metrics: { policyLoss: 0.1 * iteration, entropy: 1 / iteration },
    seconds: 2,
    cost: {
      seconds: 2 * iteration,
      stageSeconds: { env: 0, teacher: 0, student: 0, advantage: 0, feedback: 0 },
      feedbackSeconds: 0,
      teacher: { calls: 16 * iteration, cacheHits: 0, tokens: 0 },
    },
    ...part,
  };
}

/** A held-out measurement. */
export function evaluated(
  iteration: number,
  rate: number,
): Extract<TandemEvent, { type: "evaluated" }> {
  return {
    type: "evaluated",
    iteration,
    success: { rate, ci95: [rate - 0.1, rate + 0.1], episodes: 100, meanReward: 0, meanSteps: 5 },
    guidanceAccuracy: { rate: 0.5, states: 50, calibration: [] },
  };
}

/** The events of a whole run of four iterations, each with one episode in the ledger. */
export function sampleEvents(): TandemEvent[] {
  const events: TandemEvent[] = [
    { type: "run.started", iterations: 4, device: "wasm" },
    evaluated(0, 0.25),
  ];
  for (let iteration = 1; iteration <= 4; iteration++) {
    const rows = Array.from({ length: 5 }, (_, step) =>
      row({
        iteration,
        step,
        action: step === 2 ? "turn left" : "go forward",
        verdict: step === 3 ? "negative" : "positive",
        ended: step === 4,
        reward: step === 4 ? 0.9 : 0,
      }));
    events.push({ type: "ledger", rows }, iterationEnded(iteration));
  }
  events.push(evaluated(4, 0.75));
  return events;
}
