/** What a teacher has cost over all the processes that a run took. */
import type { StageState, Teacher, TeacherUsage } from "./stages.ts";

/** Adds what the teacher counts itself to what was spent before a checkpoint. */
export class UsageBill {
  #earlier: TeacherUsage = { calls: 0, cacheHits: 0, tokens: 0 };

  /** @param teacher The teacher now: it may be replaced. */
  constructor(private readonly teacher: () => Teacher) {}

  /** Counters since the run began. */
  get total(): TeacherUsage {
    return combined(this.#earlier, this.teacher().usage(), 1);
  }

  save(): StageState {
    return { json: this.total };
  }

  /** Goes on counting where {@linkcode save} was called; the teacher has been loaded before. */
  load({ json }: StageState): void {
    this.#earlier = combined(json as TeacherUsage, this.teacher().usage(), -1);
  }
}

function combined(a: TeacherUsage, b: TeacherUsage, sign: 1 | -1): TeacherUsage {
  const unanswered = b.unanswered === undefined
    ? a.unanswered
    : (a.unanswered ?? 0) + sign * b.unanswered;
  return {
    calls: a.calls + sign * b.calls,
    cacheHits: a.cacheHits + sign * b.cacheHits,
    tokens: a.tokens + sign * b.tokens,
    ...(unanswered !== undefined && { unanswered }),
  };
}
