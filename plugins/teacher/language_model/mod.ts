import {
  type Context,
  definePlugin,
  type Grain,
  type OptionsOutput,
  type Plugin,
  TandemError,
} from "@tandem/core";
import { candidatesAt, outsideText } from "@tandem/core/internal";
import { promptText } from "@tandem/core/kit";
import {
  type LanguageModel,
  openLanguageModelFor,
  type RuntimeName,
  RUNTIMES,
} from "@tandem/runtimes/language-model";
import { modelEffects, modelFolder } from "@tandem/runtimes/hub";
import { BLANK, blankModel } from "./blank_model.ts";
import { openChannels } from "./channels/open.ts";
import { asWritten, chatFor } from "./chat.ts";
import { languageModelOptions } from "./options.ts";
import { LanguageModelTeacher } from "./teacher.ts";
import type { LanguageModelOptions } from "../options.ts";

/** A language model weighs the actions; verdicts reach its prompt and its weights. */
export const languageModel: Plugin<"teacher", LanguageModelOptions, Grain> = definePlugin({
  kind: "teacher",
  name: "language-model",
  description: "A language model weighs the actions; verdicts reach its prompt and its weights.",
  details: `
    A language model that weighs the candidate actions under a prompt that describes the state and
    the verdict on what it said last. It learns by what the prompt tells it, and by a correction
    of its weights in states like those that were judged. At the grains "subgoal" and "plan" it
    weighs what the environment has words for; at "reference" the places of the things that it sees.`,
  options: languageModelOptions,
  effects: (options) =>
    options.model === BLANK
      ? []
      : [...RUNTIMES[runtimeOf(options)].effects, ...modelEffects(options.model)],
  fits: ({ grain }) => [grain],
  shapesState: ["model", "grain", "answer", "learnsBy", "logits", "features"],
  async create(options, context, { env }) {
    const { grain, answer } = options;
    const candidates = candidatesAt(env, grain); // before a model is opened in vain
    const opened = await modelFor(options, context);
    try {
      const chat = await chatFor(options, opened);
      const model = chat ? asWritten(opened) : opened;
      const prompt = promptText(promptFor(options, chat !== undefined));
      const wiring = { env, grain, candidates, prompt, answer, model };
      const parts = { options, context, wiring, model };
      return new LanguageModelTeacher(parts, await openChannels(parts), chat);
    } catch (error) {
      await opened.dispose();
      throw error;
    }
  },
});

/** How the teacher was set up. */
type Options = OptionsOutput<typeof languageModelOptions>;

/** The model that answers. @throws {TandemError} E_OPTION where a blank one shall write. */
async function modelFor(options: Options, { device, emit }: Context): Promise<LanguageModel> {
  const { model, answer, dtype, threads, worker, timeout } = options;
  if (model === BLANK) {
    if (answer === "score") return blankModel();
    throw new TandemError(
      "E_OPTION",
      `The option answer is "${answer}", but the model "${BLANK}" writes nothing; right would be ` +
        '"score".',
    );
  }
  const opened = await openLanguageModelFor(await modelFolder(model), {
    ...{ device, dtype, threads, timeout },
    runtime: runtimeOf(options),
    worker: worker || model !== "shipped",
  });
  const { note } = opened.info;
  if (note !== undefined) {
    const message = `The model "${outsideText(model)}" ${note}.`;
    emit({ type: "warning", code: "E_DEVICE", message });
  }
  return opened;
}

/** What the shipped model knows is no question that others would be asked. */
function promptFor({ prompt }: Options, chats: boolean): string {
  return chats && prompt === "tandem" ? "chat" : prompt;
}

/** What "auto" stands for. */
function runtimeOf({ runtime, model, dtype }: Options): RuntimeName {
  if (runtime !== "auto") return runtime;
  return model === "shipped" && (dtype === "auto" || dtype === "int8") ? "fused" : "web";
}
