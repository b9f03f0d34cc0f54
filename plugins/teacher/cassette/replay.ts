import { TandemError } from "../../../core/stages/errors.ts";
import { ArrayGuidance } from "../../../core/kit/guidance.ts";
import type { EnvSpec, Observations, Teacher } from "../../../core/stages/mod.ts";
import { type Answer, Askings, contentOf, type Tape } from "./tape.ts";

/**
 * A teacher that says what a recording holds.
 *
 * @throws {TandemError} E_WIRING where the recording is of another environment; later E_FILE where
 * it has no answer and may not be silent.
 */
export function replay(
  { header, answers }: Tape,
  file: string,
  missing: "fail" | "silence",
  env: EnvSpec,
): Teacher {
  const { grain, candidates } = header;
  if (header.env !== env.id) {
    throw new TandemError(
      "E_WIRING",
      `The cassette "${file}" was recorded in "${header.env}" and cannot teach in "${env.id}".`,
    );
  }
  const askings = new Askings();
  let calls = 0;
  const find = (content: string): Answer | undefined => {
    const n = askings.next(content);
    // Lines hold changes: the one in force is the last that is not of a later asking.
    return answers.get(content)?.findLast((answer) => answer.n <= n);
  };
  return {
    grain,
    candidates,
    learnsBy: [],
    advise(observations, mode) {
      const found = Array.from(
        { length: observations.envs },
        (_, i) => find(contentOf(observations, i, mode)),
      );
      const silent = found.indexOf(undefined);
      if (silent >= 0 && missing === "fail") throw noAnswer(file, observations, silent);
      calls += found.filter(Boolean).length;
      return new TapedGuidance(candidates, found);
    },
    receive: () => {},
    usage: () => ({ calls, cacheHits: calls, tokens: 0 }),
    save: () => askings.save(),
    load: (state) => askings.load(state),
  };
}

/** Guidance as it was recorded. */
class TapedGuidance extends ArrayGuidance {
  constructor(
    candidates: readonly string[],
    private readonly answers: readonly (Answer | undefined)[],
  ) {
    super(answers.length, candidates);
    for (const [i, answer] of answers.entries()) {
      if (!answer) continue;
      this.choices[i] = answer.choice;
      this.distribution.set(answer.p, i * candidates.length);
      this.logProbs[i] = answer.logProb ?? -Infinity;
    }
  }

  override text(i: number): string {
    return this.answers[i]?.text ?? "";
  }

  override tokens(i: number): ArrayLike<number> {
    return this.answers[i]?.tokens ?? [];
  }

  author(i: number): string {
    return this.answers[i]?.author ?? "";
  }
}

function noAnswer(file: string, observations: Observations, i: number): TandemError {
  const state = [observations.mission(i), ...observations.text(i)].join("; ");
  return new TandemError(
    "E_FILE",
    `The cassette "${file}" has no answer to "${state}": record it again, or set missing to "silence".`,
  );
}
