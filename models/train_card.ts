import { wilson } from "@tandem/core";
import type { LevelId } from "@tandem/env";
import { ACTION_TEXTS } from "../plugins/env/babyai/env.ts";
import type { Measurement } from "./measure_teacher.ts";
import { ASTRAY } from "./train_data.ts";
import type { Recipe } from "./train_teacher.ts";

/** What a model card tells. */
export interface CardFacts {
  readonly recipe: Recipe;
  readonly parameters: number;
  /** Levels that it did not learn on. */
  readonly others: readonly Measurement[];
  /** Levels that it learned on, in other worlds. */
  readonly own: readonly Measurement[];
}

/** The actions that it answers with. */
const ANSWERS = ACTION_TEXTS.slice(0, 6);

/** The model card of a trained teacher, as Markdown. */
export function modelCard({ recipe, parameters, others, own }: CardFacts): string {
  const { seed, steps, batch, learningRate, states } = recipe;
  const total = Object.values(states).reduce((sum, count) => sum + count, 0);
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
what the agent sees. It is a teacher that errs, as language models do: it was trained for minutes, on other
levels than those that [results](../../docs/results/README.md) measure.

    goal: go to the red ball see: a wall 4 steps forward, a red ball 2 steps left last: none act:

is answered with one of ${ANSWERS.map((text) => `"${text}"`).join(", ")}.
"last" holds the verdict on the advice given last: none, good or bad.

## How good it is

Share of held-out states in which its likeliest answer (by mean log-probability of the tokens) is
right: the expert's action, or one that leaves a plan no longer than the expert's. Beside it stands
what the best constant answer would reach in the same states. Worlds have seeds from 1,000,000,000
on, the verdict in the prompt is "none", 95 % intervals are Wilson's.

- **Walks**: four random turns and moves from the start, as runs measure their teachers.
- **Paths**: the expert's way with errors: in ${
    100 * ASTRAY
  } % of the steps the agent does one of six actions at
  random, so that it carries wrong things and stands where the expert would not.

Levels that it never saw, and on which the [pages of results](../../docs/results/README.md) measure:

${accuracyTable(others)}
The same by the expert's action, on paths: right in per cent of so many states.

${actionTable(others.filter(({ source }) => source === "paths"))}
Levels that it learned on, other worlds:

${accuracyTable(own)}
${actionTable(own)}
## How it was made

    deno task models:train --seed ${seed} --steps ${steps}

takes minutes on one processor core, and gives the same files every time; with \`--measure\` the model
is measured alone, and this card written. Training states, ${
    total.toLocaleString("en")
  } in all, each labelled with
the expert bot's action:

${sourceTable(states)}
Worlds are drawn from seeds below 1,000,000,000 (seed ${seed} of a generator that also takes the level's
name); states are those met while the expert acts and is led astray in ${
    100 * ASTRAY
  } % of the steps; the
verdict in the prompt is drawn at random. Half of the states are seen in a mirror, left for right: where
both turns are right the bot prefers one, and without mirrored states 800 steps gave a model that never
said "turn left". The number of steps was chosen by these tables and by the first seeds of
[the main job](../../docs/results/main-job.md): after 500 it says one turn alone, after 800 it is right
in 80 % of the easy level's walks. ${steps} steps of Adam on ${batch} examples each, learning rate
${learningRate} with a linear decay, cross-entropy. No noise was added to labels or weights: its errors are its
own. None of these levels is measured by a page of results, none is a synthesis or a boss level, or
another one that is kept for students in large worlds: a test holds it (tests/models/sources_test.ts). They are relatives all the same: the words, the
six actions and rooms with walls are those of every BabyAI level.

## Files

\`config.json\`, \`model.safetensors\`, \`tokenizer.json\` in Hugging Face layout; \`onnx/\` holds the encoder
and the merged decoder with Optimum's inputs and outputs, and \`decoder_hidden_states\` besides.
`;
}

function accuracyTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ level, source, states, right, constants, chosen }) => {
    const interval = wilson(right, states).map(percent).join(" to ");
    const best = Math.max(...constants);
    const constant = `${percent(best / states)} ("${ANSWERS[constants.indexOf(best)]}")`;
    const shares = chosen.slice(0, 6).map((count) => Math.round(100 * count / states)).join(" / ");
    return [level, source, `**${percent(right / states)}** (${interval})`, constant, shares];
  });
  return table(
    ["level", "states", "right, %", "best constant, %", `answers, %: ${ANSWERS.join(" / ")}`],
    rows,
  );
}

function actionTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ level, experts, rightByExpert }) => [
    level,
    ...ANSWERS.map((_, action) => {
      const count = experts[action]!;
      return count === 0 ? "–" : `${Math.round(100 * rightByExpert[action]! / count)} of ${count}`;
    }),
  ]);
  return table(["level", ...ANSWERS], rows);
}

function sourceTable(states: Recipe["states"]): string {
  const rows = (Object.entries(states) as [LevelId, number][])
    .map(([level, count]) => [`\`${level}\``, count.toLocaleString("en")]);
  return table(["level", "states"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
