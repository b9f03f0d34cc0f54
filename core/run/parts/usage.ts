/** What a teacher has cost over all the processes that a run took. */
import type { StageState, Teacher, TeacherUsage } from "../../stages/mod.ts";

/** Nothing yet. */
export const NO_USAGE: TeacherUsage = { calls: 0, cacheHits: 0, tokens: 0 };

/** Adds what the teacher counts itself to what was spent before a checkpoint. */
export class CumulativeUsage {
  #earlier = NO_USAGE;

  /** @param teacher The teacher now: it may be replaced. */
  constructor(private readonly teacher: () => Teacher) {}

  /** Counters since the run began. */
  get total(): TeacherUsage {
    return addUsage(this.#earlier, this.teacher().usage());
  }

  save(): StageState {
    return { json: this.total };
  }

  /** Goes on counting where {@linkcode save} was called; the teacher has been loaded before. */
  load({ json }: StageState): void {
    this.#earlier = addUsage(json as TeacherUsage, this.teacher().usage(), -1);
  }
}

/** The counters of both, or of the first without the second; what neither counts stays absent. */
export function addUsage(a: TeacherUsage, b: TeacherUsage, sign: 1 | -1 = 1): TeacherUsage {
  const rest = (["unanswered", "unusable", "requests", "elsewhere", "dollars"] as const).flatMap((
    name,
  ) =>
    a[name] === undefined && b[name] === undefined
      ? []
      : [[name, (a[name] ?? 0) + sign * (b[name] ?? 0)]]
  );
  return {
    calls: a.calls + sign * b.calls,
    cacheHits: a.cacheHits + sign * b.cacheHits,
    tokens: a.tokens + sign * b.tokens,
    ...Object.fromEntries(rest),
    ...(a.answeredBy ?? b.answeredBy) &&
      { answeredBy: addCounts(a.answeredBy, b.answeredBy, sign) },
  };
}

/** Counts by name; names of which nothing is left are left out. */
function addCounts(
  a: Readonly<Record<string, number>> = {},
  b: Readonly<Record<string, number>> = {},
  sign: 1 | -1,
): Readonly<Record<string, number>> {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => [name, (a[name] ?? 0) + sign * (b[name] ?? 0)] as const)
      .filter(([, count]) => count !== 0),
  );
}
