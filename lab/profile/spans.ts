/** Where a run's time goes: by stage, with what each was doing. */
import type { Clock, Pipeline, PluginKind, StageSpec } from "@tandem/core";
import { stageTable } from "@tandem/core/internal";

/** What stages do, as rows of a profile. */
export type StageWork = "env" | "teacher" | "acting" | "learning" | "judging" | "extras";
/** All rows of a profile. */
export type Work = StageWork | "measuring" | "rest";

/** The rows by what they are called, in the order in which a step visits them. */
export const WORK: Readonly<Record<Work, string>> = {
  env: "env",
  teacher: "teacher",
  acting: "student, acting",
  learning: "student, learning",
  judging: "advantage and feedback",
  extras: "extra stages",
  measuring: "measuring",
  rest: "scheduler and the rest",
};

/**
 * One function a kind of work, through which all of it is called: a sampling profiler finds the name
 * on the stack.
 */
const MARKERS: Readonly<Record<StageWork, <T>(work: () => T) => T>> = {
  env: function workOfEnv(work) {
    return work();
  },
  teacher: function workOfTeacher(work) {
    return work();
  },
  acting: function workOfActing(work) {
    return work();
  },
  learning: function workOfLearning(work) {
    return work();
  },
  judging: function workOfJudging(work) {
    return work();
  },
  extras: function workOfExtras(work) {
    return work();
  },
};

/** The kinds of work by the names of their functions. */
export const MARKED: ReadonlyMap<string, StageWork> = new Map(
  (Object.keys(MARKERS) as StageWork[]).map((work) => [MARKERS[work].name, work]),
);

/** A span of the clock, in milliseconds. */
export interface Span {
  readonly work: Work;
  readonly from: number;
  readonly to: number;
}

/** Notes what the stages of a pipeline do and when. */
export class WorkSpans {
  /** What was noted, in the order of the ends. */
  readonly spans: Span[] = [];
  #busy = false;

  constructor(private readonly clock: Clock) {}

  /** The same pipeline, of which every stage is watched, also one that an extra stage changes. */
  watch(pipeline: Pipeline): Pipeline {
    const { stages, extras } = pipeline;
    return pipeline.with({
      ...stageTable((kind) => this.#watched(stages[kind] as StageSpec) as never),
      extras: Object.fromEntries(
        Object.entries(extras).map(([name, stage]) => [name, this.#watched(stage)]),
      ),
    });
  }

  #watched<K extends PluginKind>(stage: StageSpec<K>): StageSpec<K> {
    return {
      ...stage,
      with: (more) => this.#watched(stage.with(more)),
      create: async (context, wiring) =>
        this.#timed(stage.kind, await stage.create(context, wiring)),
    };
  }

  /** The stage with all its methods timed. */
  #timed<T extends object>(kind: PluginKind, made: T): T {
    const methods = new Map<unknown, unknown>();
    return new Proxy(made, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        let method = methods.get(member);
        if (!method) {
          const work = workOf(kind, name);
          const call = (values: unknown[]) => Reflect.apply(member, target, values);
          method = (...values: unknown[]) => this.#around(work, () => call(values));
          methods.set(member, method);
        }
        return method;
      },
    });
  }

  /** What a stage does on behalf of another one is the other's. */
  #around<T>(work: StageWork, call: () => T): T {
    if (this.#busy) return call();
    const from = this.clock.now();
    const end = () => {
      this.#busy = false;
      this.spans.push({ work, from, to: this.clock.now() });
    };
    this.#busy = true;
    let result: T | undefined;
    try {
      return result = MARKERS[work](call);
    } finally {
      if (result instanceof Promise) result.then(end, end);
      else end();
    }
  }
}

function workOf(kind: PluginKind, method: string | symbol): StageWork {
  if (kind === "student") return method === "learn" ? "learning" : "acting";
  if (kind === "advantage" || kind === "feedback") return "judging";
  if (kind === "channel") return "teacher";
  return kind === "extra" ? "extras" : kind;
}
