import {
  type Context,
  definePlugin,
  type Grain,
  type OptionsOutput,
  type Plugin,
  TandemError,
} from "@tandem/core";
import { candidatesAt } from "@tandem/core/internal";
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
    const { grain, prompt, answer } = options;
    const candidates = candidatesAt(env, grain); // before a model is opened in vain
    const model = await modelFor(options, context);
    const wiring = { env, grain, candidates, prompt: promptText(prompt), answer, model };
    const parts = { options, context, wiring, model };
    try {
      return new LanguageModelTeacher(parts, await openChannels(parts));
    } catch (error) {
      await model.dispose();
      throw error;
    }
  },
});

/** How the teacher was set up. */
type Options = OptionsOutput<typeof languageModelOptions>;

/** The model that answers. @throws {TandemError} E_OPTION where a blank one shall write. */
async function modelFor(options: Options, { device }: Context): Promise<LanguageModel> {
  const { model, answer, dtype, threads, worker, timeout } = options;
  if (model === BLANK) {
    if (answer === "score") return blankModel();
    throw new TandemError(
      "E_OPTION",
      `The option answer is "${answer}", but the model "${BLANK}" writes nothing; right would be ` +
        '"score".',
    );
  }
  return await openLanguageModelFor(await modelFolder(model), {
    ...{ device, dtype, threads, timeout },
    runtime: runtimeOf(options),
    worker: worker || model !== "shipped",
  });
}

/** What "auto" stands for. */
function runtimeOf({ runtime, model, dtype }: Options): RuntimeName {
  if (runtime !== "auto") return runtime;
  return model === "shipped" && (dtype === "auto" || dtype === "int8") ? "fused" : "web";
}
