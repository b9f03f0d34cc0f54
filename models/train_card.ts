import { wilson } from "@tandem/core";
import { ACTION_TEXTS } from "../plugins/env/babyai/env.ts";
import type { Measurement, Recipe } from "./train_teacher.ts";

/** What a model card tells. */
export interface CardFacts {
  readonly recipe: Recipe;
  readonly parameters: number;
  /** Collecting, training and writing together. */
  readonly trainSeconds: number;
  readonly measurements: readonly Measurement[];
}

/** The model card of a trained teacher, as Markdown. */
export function modelCard({ recipe, parameters, trainSeconds, measurements }: CardFacts): string {
  const { seed, steps, batch, learningRate } = recipe;
  const percent = (share: number) => (100 * share).toFixed(1);
  const rows = measurements.map(({ level, states, right, expert, chosen }) => {
    const interval = wilson(right, states).map(percent).join(" to ");
    const actions = chosen.slice(0, 3).map((count) => Math.round(100 * count / states));
    const other = Math.round(100 * chosen.slice(3).reduce((sum, n) => sum + n, 0) / states);
    const shares = [...actions, other].join(" / ");
    return `| ${level} | **${percent(right / states)}** (${interval}) | ${
      percent(expert / states)
    } | ${shares} |`;
  });
  return `---
license: apache-2.0
language: en
library_name: tandem
tags: [babyai, t5, text2text-generation]
---

# tandem-t5-babyai

A small T5 (${
    parameters.toLocaleString("en")
  } parameters; the operators of flan-t5: RMS norm, relative position
buckets, gated GELU, untied head) that names the next action in a BabyAI world from a sentence about
what the agent sees. It is a teacher that errs, as language models do: it was trained for minutes.
PickupLoc, one of the levels that it learned on, is also one that
[results](../../docs/results/README.md) measure: there it is no evidence of what it does on levels that
it never saw.

    goal: go to the red ball see: a wall 4 steps forward, a red ball 2 steps left last: none act:

is answered with one of ${ACTION_TEXTS.slice(0, 6).map((text) => `"${text}"`).join(", ")}.
"last" holds the verdict on the advice given last: none, good or bad.

## How good it is

Share of held-out states in which the likeliest action (by mean log-probability of its tokens) is
right: the expert's action, or one that leaves a plan no longer than the expert's. The states are
four random steps from the start of worlds with seeds from 1,000,000,000 on, "last: none"; 95 %
intervals are Wilson's.

| level | right, % | the expert's own action, % | left / right / forward / other, % of answers |
| --- | --- | --- | --- |
${rows.join("\n")}

## How it was made

    deno task models:train --seed ${seed} --steps ${steps}

took ${
    Math.round(trainSeconds)
  } s on two processor cores, and gives the same files every time. Training states:
${listed(recipe)}, from
worlds with seeds below 1,000,000,000, met while the expert acts and is led astray in 30 % of the
steps; the label is the expert's action, the verdict in the prompt is drawn at random. ${steps} steps of
Adam on ${batch} examples each, learning rate ${learningRate} with a linear decay, cross-entropy. No noise was
added to labels or weights: its errors are its own.

## Files

\`config.json\`, \`model.safetensors\`, \`tokenizer.json\` in Hugging Face layout; \`onnx/\` holds the encoder
and the merged decoder with Optimum's inputs and outputs, and \`decoder_hidden_states\` besides.
`;
}

function listed({ states }: Recipe): string {
  return Object.entries(states)
    .map(([level, count]) => `${count.toLocaleString("en")} on \`${level}\``)
    .join(", ");
}
