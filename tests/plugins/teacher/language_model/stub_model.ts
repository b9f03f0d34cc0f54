/** A language model of which tests know what it answers, and teachers and verdicts to go with it. */
import { createContext } from "../../../../core/kit/context.ts";
import { parseOptions } from "../../../../core/pipeline/options.ts";
import { promptText } from "../../../../core/kit/prompt.ts";
import { candidatesAt } from "../../../../core/pipeline/fitting.ts";
import type {
  Channel,
  EnvSpec,
  Feedback,
  Guidance,
  Observations,
} from "../../../../core/stages/mod.ts";
import { nameOf, openChannel } from "../../../../plugins/teacher/language_model/channels/open.ts";
import type { Chat } from "../../../../plugins/teacher/language_model/chat.ts";
import { languageModelOptions } from "../../../../plugins/teacher/language_model/options.ts";
import { LanguageModelTeacher } from "../../../../plugins/teacher/language_model/teacher.ts";
import type { GenerateOptions, Generation } from "../../../../runtimes/language_model/generate.ts";
import type {
  HiddenStates,
  LanguageModel,
} from "../../../../runtimes/language_model/language_model.ts";
import { type PromptScore, softmax } from "../../../../runtimes/language_model/score.ts";
import { rolloutOf, spec } from "../../moments.ts";
import { bytes } from "../../../core/tensors.ts";

/** Scores candidate c by a table and writes a text; keeps what it was asked. */
export class StubModel implements LanguageModel {
  readonly prompts: string[] = [];
  readonly drawn: GenerateOptions[] = [];
  disposed = false;

  /** @param scores Log-probability of candidate c. @param text What it writes behind a prompt. */
  constructor(
    private readonly scores: (candidate: string, c: number) => number = () => -1,
    private readonly text: (prompt: string, row: number) => string = () => "",
  ) {}

  get info(): never {
    throw new Error("A stub has no info.");
  }

  get tokenizer(): never {
    throw new Error("A stub has no tokenizer.");
  }

  score(prompts: readonly string[], candidates: readonly string[]): Promise<PromptScore[]> {
    this.prompts.push(...prompts);
    const scored = candidates.map((name, c) => {
      const mean = this.scores(name, c);
      const [ids, tokenLogProbs] = [[c, 7], [mean, mean]];
      return { ids, tokenLogProbs, sum: 2 * mean, mean, score: mean };
    });
    const distribution = softmax(scored.map(({ score }) => score));
    return Promise.resolve(
      prompts.map(() => ({ candidates: scored, distribution, promptTokens: 5 })),
    );
  }

  generate(prompts: readonly string[], options: GenerateOptions = {}): Promise<Generation[]> {
    this.prompts.push(...prompts);
    this.drawn.push(options);
    return Promise.resolve(prompts.map((prompt, row) => ({
      ids: [row, 8, 9],
      text: this.text(prompt, row),
      tokenLogProbs: [-0.25, -0.25, 0],
      logProb: -0.5,
      finish: "end",
      promptTokens: 5,
    })));
  }

  firstLogits(): Promise<Float32Array[]> {
    throw new Error("A stub has no logits.");
  }

  hidden(): Promise<HiddenStates[]> {
    throw new Error("A stub has no hidden states.");
  }

  dispose(): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }
}

/** States by what is seen in them; N environments that may be in different ones. */
export function seeing(...things: readonly (readonly string[])[]): Observations {
  const hash = (text: string) =>
    [...text].reduce((h, char) => (31 * h + char.codePointAt(0)!) % 1e9, 7);
  return {
    envs: things.length,
    tensors: bytes("cell", new Uint8Array(things.length), [things.length]),
    mission: () => "go to the key",
    text: (i) => things[i]!.map((thing) => `You see ${thing}`),
    key: (i) => hash(things[i]!.join("|")),
  };
}

/** A teacher with a model of the test's own. */
export function teacherOf(
  model: LanguageModel,
  options: object = {},
  env: EnvSpec = spec,
  chat?: Chat,
): LanguageModelTeacher {
  const parsed = parseOptions(languageModelOptions, options, "teacher.language-model");
  const { grain, answer, prompt } = parsed;
  const candidates = candidatesAt(env, grain);
  const wiring = { env, grain, candidates, prompt: promptText(prompt), answer, model };
  const parts = { options: parsed, context: createContext({ seed: 0 }), wiring, model };
  const opened = parsed.learnsBy
    .filter((chosen) => answer === "score" || chosen !== "logits")
    .map((chosen) => ({ name: nameOf(chosen), channel: openChannel(chosen, parts) as Channel }));
  return new LanguageModelTeacher(parts, opened, chat);
}

/** Verdicts on one step, for a student that did `actions`. */
export function feedbackOn(
  guidance: Guidance,
  signs: readonly number[],
  { actions = [...guidance.choices], ended }: {
    actions?: readonly number[];
    ended?: "terminated" | "truncated";
  } = {},
): Feedback {
  const { envs } = guidance;
  const rollout = rolloutOf({
    envs,
    guidance: [guidance],
    actions: Int32Array.from(actions),
    rewards: new Float32Array(envs),
    ...ended && { [ended]: new Uint8Array(envs).fill(1) },
  });
  const verdicts = {
    signs: Int8Array.from(signs),
    strengths: new Float32Array(envs).fill(0.5),
    words: (i: number) => `The sign is ${signs[i]}.`,
  };
  return { rollout, verdicts: [verdicts] };
}
