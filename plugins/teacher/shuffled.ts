import { described, scopedContext } from "@tandem/core/internal";
import { definePlugin, type Guidance, type Plugin, stageOption, TandemError } from "@tandem/core";
import { stateDict, streamState, teacherStreams } from "@tandem/core/kit";
import type { ShuffledOptions } from "./options.ts";

const options = {
  of: described("The teacher whose guidance is shuffled.", stageOption("teacher")),
} as const;

/** Control: another teacher's guidance, dealt to the wrong environments. */
export const shuffled: Plugin<"teacher", ShuffledOptions> = definePlugin({
  kind: "teacher",
  name: "shuffled",
  description: "Control: another teacher's guidance, dealt to the wrong environments.",
  details: `
    Another teacher's guidance, dealt to the wrong environments: a control that keeps what the
    teacher says, how sure it is and what it costs, and breaks the tie to the state. No
    environment keeps its own (Sattolo's algorithm draws a permutation of one cycle). The teacher
    hears no verdicts, since they judge its words in states it did not speak of.`,
  options,
  usesOracle: ({ of }) => of.usesOracle,
  async create({ of }, context, wiring) {
    if (wiring.env.envs < 2) {
      throw new TandemError(
        "E_WIRING",
        `The teacher "shuffled" needs "2" environments or more to shuffle between; ` +
          `schedule.envs is "${wiring.env.envs}".`,
      );
    }
    const teacher = await of.create(scopedContext(context, "shuffled"), wiring);
    const streams = teacherStreams(context);
    return {
      ...stateDict({ teacher, streams: streamState(streams) }),
      cache: teacher.cache,
      grain: teacher.grain,
      candidates: teacher.candidates,
      learnsBy: [],
      async advise(observations, mode, oracle) {
        const guidance = await teacher.advise(observations, mode, oracle);
        const random = streams[mode];
        const order = Int32Array.from({ length: guidance.envs }, (_, i) => i);
        for (let i = order.length - 1; i > 0; i--) {
          const j = random.integers(0, i);
          [order[i], order[j]] = [order[j]!, order[i]!];
        }
        return dealt(guidance, order);
      },
      receive: () => {},
      usage: () => teacher.usage(),
      dispose: () => teacher.dispose?.(),
    };
  },
});

/** Guidance of which environment i gets what `order[i]` was to get. */
function dealt(guidance: Guidance, order: Int32Array): Guidance {
  const { envs, candidates, choices, distribution, logProbs, texts, tokens, authors } = guidance;
  const count = candidates.length;
  const deal = <T>(column: readonly T[]) => Array.from(order, (from) => column[from]!);
  return {
    envs,
    candidates,
    choices: order.map((from) => choices[from]!),
    distribution: distribution.map((_, k) =>
      distribution[order[Math.floor(k / count)]! * count + k % count]!
    ),
    logProbs: Float32Array.from(order, (from) => logProbs[from]!),
    ...texts && { texts: deal(texts) },
    ...tokens && { tokens: deal(tokens) },
    ...authors && { authors: deal(authors) },
  };
}
