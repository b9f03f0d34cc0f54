/** Teachers of which tests know what they say. */
import { silence, suggest } from "../../../core/kit/guidance.ts";
import { definePlugin, type StageSpec } from "../../../core/pipeline/plugin.ts";
import type { Feedback, Mode, Teacher } from "../../../core/stages/mod.ts";

/** What a {@linkcode speaker} says and hears. */
export interface Script {
  readonly name?: string;
  /** The choice and confidence in environment i at the n-th asking. */
  say(i: number, n: number, mode: Mode): readonly [choice: number, confidence: number];
  readonly heard?: Feedback[];
  readonly log?: string[];
  readonly usesOracle?: boolean;
  readonly change?: Partial<Teacher>;
}

/** A teacher of two actions that follows a script. */
export function speaker(script: Script): StageSpec<"teacher"> {
  const { name = "speaker", say, heard = [], log = [], usesOracle, change } = script;
  return definePlugin({
    kind: "teacher",
    name,
    description: "Follows a script.",
    options: {},
    usesOracle,
    create(_options, context, { env: { actions } }) {
      log.push(`${name} draws ${context.random("teacher").integers(0, 1 << 30)}`);
      let n = 0;
      return {
        grain: "action",
        candidates: actions,
        learnsBy: ["memory"],
        advise({ envs }, mode, oracle) {
          if (oracle) log.push(`${name} sees the oracle`);
          const guidance = silence(envs, actions);
          for (let i = 0; i < envs; i++) {
            const [choice, confidence] = say(i, n, mode);
            if (choice >= 0) suggest(guidance, i, choice, confidence);
          }
          n++;
          return { ...guidance, tokens: Array.from(guidance.choices, (choice) => [choice, 7]) };
        },
        receive: (feedback) => void heard.push(feedback),
        usage: () => ({ calls: n, cacheHits: 1, tokens: 10 * n }),
        save: () => ({ json: { n }, arrays: { n: { shape: [1], data: Int32Array.of(n) } } }),
        load: ({ json, arrays }) => {
          if (arrays!.n!.data[0] !== (json as { n: number }).n) throw new Error("mixed up");
          n = (json as { n: number }).n;
        },
        dispose: () => void log.push(`${name} is disposed of`),
        ...change,
      };
    },
  })();
}
