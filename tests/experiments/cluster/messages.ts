/** Messages as honest coordinators and workers send them. */
import { STAGE_KINDS } from "../../../core/stages/mod.ts";
import type { TrialContent } from "../../../lab/store.ts";
import type { TrialRecord } from "../../../lab/trial.ts";

/** What decides a trial of a pipeline that does nothing. */
export function contentOfSeed(seed: number, device = "cpu"): TrialContent {
  const pipeline = { tandem: 1, name: "empty", description: "", schedule: { iterations: 0 } };
  const whole = pipeline as unknown as TrialContent["pipeline"];
  return { pipeline: whole, seed, device, version: "0", files: {} };
}

/** A record as a trial that learned nothing comes to it. */
export function recordOf({ pipeline, seed, device, testPlan }: TrialContent): TrialRecord {
  return {
    summary: {
      tandem: 1,
      pipeline: pipeline.name,
      level: "nowhere",
      seed,
      device,
      iterations: pipeline.schedule.iterations,
      stopped: false,
      envSteps: 0,
      episodes: 0,
      wallSeconds: 0.5,
      processorSeconds: null,
      success: { start: 0, end: 0, ci95: [0, 0.5], episodes: 4 },
      meanReward: { start: 0, end: 0 },
      floor: null,
      ceiling: null,
      referenceWorlds: null,
      normalised: null,
      noScore: null,
      guidanceAccuracy: { start: null, end: null, states: 0 },
      verdicts: { positive: 0, negative: 0, abstained: 0 },
      teacher: { calls: 0, cacheHits: 0, tokens: 0 },
      stageSeconds: Object.fromEntries(
        STAGE_KINDS.map((kind) => [kind, 0]),
      ) as TrialRecord["summary"]["stageSeconds"],
      trainingSeconds: 0,
      feedbackSeconds: 0,
      advice: null,
      withoutTeacher: null,
      retention: null,
      metrics: {},
      control: null,
      ...(testPlan !== undefined && { test: testOf(testPlan) }),
      digest: "0".repeat(64),
    },
    evaluations: [],
    training: [],
    episode: null,
    warnings: [],
  };
}

/** None of the test worlds of a plan solved. */
function testOf(plan: string): NonNullable<TrialRecord["summary"]["test"]> {
  return {
    plan,
    success: 0,
    ci95: [0, 0.5],
    episodes: 4,
    meanReward: 0,
    solved: "0000",
    withoutTeacher: null,
    guidanceAccuracy: { rate: null, states: 0 },
    teacher: { calls: 0, cacheHits: 0, tokens: 0 },
  };
}
