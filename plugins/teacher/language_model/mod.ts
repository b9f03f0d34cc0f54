import { definePlugin, type Grain, type OptionsOutput, type Plugin } from "@tandem/core";
import { candidatesAt } from "@tandem/core/internal";
import { promptText } from "@tandem/core/kit";
import { openLanguageModelFor, type RuntimeName, RUNTIMES } from "@tandem/runtimes/language-model";
import { modelEffects, modelFolder } from "@tandem/runtimes/hub";
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
    weighs what the environment has words for.`,
  options: languageModelOptions,
  effects: (options) => [...RUNTIMES[runtimeOf(options)].effects, ...modelEffects(options.model)],
  fits: ({ grain }) => [grain],
  shapesState: ["model", "grain", "answer", "learnsBy", "logits", "features"],
  async create(options, context, { env }) {
    const { dtype, threads, worker, timeout, grain, prompt, answer } = options;
    const { device } = context;
    const candidates = candidatesAt(env, grain); // before a model is opened in vain
    const dir = await modelFolder(options.model);
    const model = await openLanguageModelFor(dir, {
      ...{ device, dtype, threads, timeout },
      runtime: runtimeOf(options),
      worker: worker || options.model !== "shipped",
    });
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

/** What "auto" stands for. */
function runtimeOf(
  { runtime, model, dtype }: OptionsOutput<typeof languageModelOptions>,
): RuntimeName {
  if (runtime !== "auto") return runtime;
  return model === "shipped" && (dtype === "auto" || dtype === "int8") ? "fused" : "web";
}
