/** A teacher that is not waited for too long. */
import type { Context } from "../kit/context.ts";
import { silence } from "../kit/guidance.ts";
import { type Guidance, isPromise, type Teacher } from "../stages/mod.ts";

/** What has no answer yet when its time is over. */
const LATE = Symbol("late");

/**
 * The teacher with a bound on waiting: an answer that takes longer is given up, and there is no
 * guidance until the teacher is done with it. `usage` counts what went unanswered.
 *
 * @param seconds The longest wait.
 */
export function withTimeout(
  teacher: Teacher,
  seconds: number,
  { clock, emit }: Pick<Context, "clock" | "emit">,
): Teacher {
  let underWay: Promise<unknown> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let unanswered = 0;
  const noAnswer = (envs: number) => {
    unanswered += envs;
    return silence(envs, teacher.candidates);
  };
  const wait = async (answer: Promise<Guidance>, envs: number): Promise<Guidance> => {
    const over = new AbortController();
    const late = clock.sleep(1000 * seconds, over.signal).then(() => LATE);
    try {
      const first = await Promise.race([answer, late]);
      if (typeof first !== "symbol") return first;
    } finally {
      over.abort();
    }
    // Its end is waited for aside: a failure is told when the teacher is asked next.
    underWay = answer
      .then(() => {}, (error) => void (failure = { error }))
      .then(() => void (underWay = undefined));
    const message =
      `The teacher did not answer within ${seconds} s: there is no guidance until it ` +
      "has.";
    emit({ type: "warning", code: "W_NOTE", message });
    return noAnswer(envs);
  };
  const advise: Teacher["advise"] = (observations, mode, oracle) => {
    const { envs } = observations;
    if (failure) {
      const { error } = failure;
      failure = undefined;
      throw error;
    }
    if (underWay) return noAnswer(envs);
    const answer = teacher.advise(observations, mode, oracle);
    return isPromise(answer) ? wait(answer, envs) : answer;
  };
  const usage = () => ({ ...teacher.usage(), unanswered });
  // All else is the teacher's own.
  return Object.create(teacher, { advise: { value: advise }, usage: { value: usage } }) as Teacher;
}
