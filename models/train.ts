/**
 * Makes the shipped teacher: `deno task models:train [--seed N] [--steps N] [--out DIR] [--measure]`.
 *
 * Trains a small T5 on BabyAI's expert, writes it in Hugging Face layout, measures it on held-out
 * states of levels that it has not seen, and writes its model card and its reference.json. With
 * `--measure` the model in DIR is measured and its card written anew, without any training.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TandemError } from "@tandem/core";
import type { LevelId } from "@tandem/env";
import { modelCard } from "./train_card.ts";
import { writeReference } from "./train_reference.ts";
import { countParameters, measureTeacher } from "./measure_teacher.ts";
import { makeTeacher, RECIPE, type TrainingMonitor } from "./train_teacher.ts";

const SHIPPED = fileURLToPath(new URL("tandem-t5-babyai", import.meta.url));

/** Lines on stderr: one a phase, and the loss every tenth of the training. */
function printProgress(started: number): TrainingMonitor {
  const line = (text: string) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
    console.error(`${seconds} s  ${text}`);
  };
  return {
    phase: line,
    step(step, steps, loss) {
      if (step % Math.ceil(steps / 20) === 0 || step === steps) {
        line(`step ${step}/${steps}, loss ${loss.toFixed(3)}`);
      }
    },
  };
}

function readArguments(args: string[]) {
  const wholeNumber = (name: string, text: string) => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new TandemError("E_ARGUMENT", `--${name} is "${text}", a whole number is needed.`);
  };
  try {
    const { values } = parseArgs({
      args,
      options: {
        seed: { type: "string", default: String(RECIPE.seed) },
        steps: { type: "string", default: String(RECIPE.steps) },
        out: { type: "string", default: SHIPPED },
        measure: { type: "boolean", default: false },
      },
    });
    const { seed, steps, out, measure } = values;
    const recipe = {
      ...RECIPE,
      seed: wholeNumber("seed", seed),
      steps: wholeNumber("steps", steps),
    };
    return { recipe, out, measure };
  } catch (cause) {
    if (cause instanceof TandemError) throw cause;
    throw new TandemError("E_ARGUMENT", `${(cause as Error).message}.`, { cause });
  }
}

async function main(args: string[]): Promise<void> {
  const { recipe, out, measure } = readArguments(args);
  const progress = printProgress(performance.now());
  if (!measure) {
    await makeTeacher(out, recipe, progress);
    await writeReference(out);
  }
  progress.phase("measuring");
  const others = await measureTeacher(out);
  const trained = Object.keys(recipe.states) as LevelId[];
  const own = await measureTeacher(out, trained, ["paths"], 200);
  await Deno.writeTextFile(
    `${out}/README.md`,
    modelCard({ recipe, parameters: await countParameters(out), others, own }),
  );
  for (const { level, source, right, states } of [...others, ...own]) {
    const share = (100 * right / states).toFixed(1);
    progress.phase(`${level}, ${source}: right in ${share} % of ${states} states`);
  }
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    console.error(String(error));
    Deno.exit(error.kind === "input" ? 2 : 1);
  }
}
