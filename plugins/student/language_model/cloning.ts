import * as v from "valibot";
import { definePlugin, option, type Plugin, TandemError } from "@tandem/core";
import { positive } from "@tandem/core/kit";
import { modelEffects } from "@tandem/runtimes/hub";
import { createLanguageModelStudent } from "./create.ts";
import { cloningLoss } from "./loss.ts";
import { modelOptions } from "./options.ts";
import type { LanguageModelCloningOptions } from "../options.ts";

const languageModelCloningOptions = {
  ...modelOptions,
  learningRate: option(
    "Adam's step size; for a model of millions of weights 5e-4, which is GLAM's, serves.",
    positive(10),
    5e-4,
  ),
  objective: option(
    `What is made likely: the "text" of what the teacher says, as fine-tuning on demonstrations
    does, or the "choice" of it among the actions.`,
    v.picklist(["text", "choice"]),
    "text",
  ),
} as const;

/** A language model learns to say what the teacher says; under bot, the expert. */
export const languageModelCloning: Plugin<"student", LanguageModelCloningOptions, "action"> =
  definePlugin({
    kind: "student",
    name: "language-model-cloning",
    description: "A language model learns to say what the teacher says; under bot, the expert.",
    details: `
      Behaviour cloning on a language model, GLAM's other baseline: the model of the student
      \`lamorel\` learns to say what the teacher says, in the states that it comes to itself
      (DAgger's, from the last rollout alone). Rewards teach V alone. Cloning BabyAI's bot is this
      student under the teacher \`bot\`, whose use of the expert labels the run as a control.`,
    options: languageModelCloningOptions,
    fits: ["action"] as const,
    effects: ({ model }) => modelEffects(model),
    shapesState: ["model", "actions", "head", "train", "rank", "alpha", "hidden"],
    create(options, context, wiring) {
      const { head, scoring, objective } = options;
      if (objective === "text" && (head === "policy" || scoring === "raw-logits")) {
        const why = head === "policy"
          ? 'head "policy" has no texts'
          : "raw logits know no likelihood";
        throw new TandemError("E_OPTION", `student.objective=text: ${why}; "choice" would do.`);
      }
      return createLanguageModelStudent(
        { options, loss: cloningLoss(options), standardise: false },
        context,
        wiring,
      );
    },
  });
