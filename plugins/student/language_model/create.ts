/** Opens the model that a student's options name and puts the student together. */
import { type Context, TandemError, type Wirings } from "@tandem/core";
import { didYouMean } from "@tandem/core/internal";
import { compilePrompt } from "@tandem/core/kit";
import { modelFolder } from "@tandem/runtimes/hub";
import { readT5 } from "@tandem/runtimes/t5";
import { openTensors } from "@tandem/runtimes/tfjs";
import { readTokenizer } from "@tandem/runtimes/tokenizer";
import { Actor } from "./actor.ts";
import type { Loss } from "./loss.ts";
import type { ModelOptions } from "./options.ts";
import { Questions } from "./questions.ts";
import { LanguageModelStudent } from "./student.ts";

/** What tells one such student from another. */
export interface Recipe {
  readonly options: ModelOptions;
  readonly loss: Loss;
  readonly standardise: boolean;
}

/** @throws TandemError E_OPTION for an unknown action, E_MODEL where the model is no trainable T5. */
export async function createLanguageModelStudent(
  { options, loss, standardise }: Recipe,
  context: Context,
  { env }: Wirings["student"],
): Promise<LanguageModelStudent> {
  if (env.legalActions) {
    throw new TandemError(
      "E_WIRING",
      `A language model chooses from fixed texts, and "${env.id}" says which actions are legal.`,
    );
  }
  const names = options.actions.length > 0 ? options.actions : env.actions;
  const actions = names.map((name) => indexOf(name, env.actions));
  const prompt = compilePrompt(options.prompt); // before a model is opened in vain
  const dir = await modelFolder(options.model);
  const tokenizer = await readTokenizer(dir);
  const tensors = await openTensors(context.device);
  try {
    const t5 = await readT5(tensors, dir);
    const read = (text: string) => tokenizer.encode(text);
    const random = context.random("student weights");
    const actor = new Actor(tensors, t5, names.map(read), options, loss, random, context.breathe);
    const questions = new Questions(prompt, read, names);
    const course = { ...options, standardise };
    return new LanguageModelStudent(actor, questions, actions, env.actions.length, course, context);
  } catch (error) {
    tensors.dispose();
    throw error;
  }
}

function indexOf(name: string, actions: readonly string[]): number {
  const index = actions.indexOf(name);
  if (index >= 0) return index;
  const hint = didYouMean(name, actions) || ` It has ${actions.join(", ")}.`;
  throw new TandemError("E_OPTION", `The environment has no action "${name}".${hint}`);
}
