import {
  type EnvSpec,
  type Guidance,
  type Observations,
  TandemError,
  type Teacher,
} from "@tandem/core";
import { silence } from "@tandem/core/kit";
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
      return recorded(candidates, found);
    },
    receive: () => {},
    usage: () => ({ calls, cacheHits: calls, tokens: 0 }),
    save: () => askings.save(),
    load: (state) => askings.load(state),
  };
}

/** Guidance as it was recorded; silence where nothing was. */
function recorded(
  candidates: readonly string[],
  answers: readonly (Answer | undefined)[],
): Guidance {
  const guidance = silence(answers.length, candidates);
  for (const [i, answer] of answers.entries()) {
    if (!answer) continue;
    guidance.choices[i] = answer.choice;
    guidance.distribution.set(answer.p, i * candidates.length);
    guidance.logProbs[i] = answer.logProb ?? -Infinity;
  }
  const isAuthored = answers.some((answer) => answer?.author !== undefined);
  return {
    ...guidance,
    texts: answers.map((answer) => answer?.text ?? ""),
    tokens: answers.map((answer) => answer?.tokens ?? []),
    ...isAuthored && { authors: answers.map((answer) => answer?.author ?? "") },
  };
}

function noAnswer(file: string, observations: Observations, i: number): TandemError {
  const state = [observations.mission(i), ...observations.text(i)].join("; ");
  return new TandemError(
    "E_FILE",
    `The cassette "${file}" has no answer to "${state}": record it again, or set missing to "silence".`,
  );
}
