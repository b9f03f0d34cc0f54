/** Says which stage a failure comes from, wherever the stage was called. */
import { TandemError } from "../base/errors.ts";
import type { StageSpec } from "../pipeline/plugin.ts";

/** What is known of the stage that may fail. */
type FailingStage = Pick<StageSpec, "kind" | "plugin">;

/**
 * Does some work of a stage; what it throws, now or later, becomes a {@linkcode TandemError} that
 * names the stage. Errors with a code keep it, others get E_STAGE.
 */
export function callStage<T>(stage: FailingStage, work: () => T): T {
  try {
    const result = work();
    return result instanceof Promise ? result.catch((error) => fail(stage, error)) as T : result;
  } catch (error) {
    return fail(stage, error);
  }
}

/** The stage with all its methods under {@linkcode callStage}. */
export function withStageErrors<T extends object>(stage: FailingStage, made: T): T {
  const wrapped = new Map<unknown, unknown>();
  return new Proxy(made, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      let method = wrapped.get(member);
      if (!method) {
        // As in callStage(), without a closure for each of the calls, of which a step makes many.
        method = (...values: unknown[]) => {
          try {
            const result = Reflect.apply(member, target, values);
            return result instanceof Promise ? result.catch((error) => fail(stage, error)) : result;
          } catch (error) {
            return fail(stage, error);
          }
        };
        wrapped.set(member, method);
      }
      return method;
    },
  });
}

function fail({ kind, plugin }: FailingStage, error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  const blame = error instanceof TandemError
    ? error
    : new TandemError("E_STAGE", `The ${kind} "${plugin}" failed: ${reason}`, { cause: error });
  blame.stage ??= kind;
  throw blame;
}
