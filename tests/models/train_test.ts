/** What makes the shipped teacher, on so little that it learns nothing. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { modelCard } from "../../models/train_card.ts";
import { collectStates, heldOutStates } from "../../models/train_data.ts";
import { makeTeacher, RECIPE } from "../../models/train_teacher.ts";
import { ACTION_TEXTS } from "../../plugins/env/babyai/env.ts";
import { openLanguageModel } from "../../runtimes/language_model/language_model.ts";
import { withFolder } from "../cli/command.ts";

const LEVEL = "BabyAI-GoToObjS6-v1";

Deno.test("collectStates() notes so many states, the same for a seed, and what the expert does", () => {
  const states = collectStates(LEVEL, 70, 1);
  assert.equal(states.length, 70);
  assert.deepEqual(collectStates(LEVEL, 70, 1), states);
  assert.notDeepEqual(collectStates(LEVEL, 70, 2), states);
  for (const { prompt, action, right } of states) {
    assert.match(prompt, /^goal: .+ see: .* last: (none|good|bad) act:$/);
    assert.ok(action >= 0 && action < ACTION_TEXTS.length);
    assert.deepEqual(right, [action]);
  }
});

Deno.test("heldOutStates() are the states of held-out worlds, with all that is right in them", () => {
  const states = heldOutStates(LEVEL, 20, "bad");
  assert.ok(states.length > 10 && states.length <= 20);
  for (const { prompt, action, right } of states) {
    assert.match(prompt, / last: bad act:$/);
    assert.ok(right.includes(action));
  }
});

Deno.test("makeTeacher() writes a model that opens, the same files for a seed", async () => {
  await withFolder(async (folder) => {
    const told: string[] = [];
    const progress = {
      phase: (name: string) => void told.push(name),
      step: (step: number, steps: number, loss: number) =>
        void told.push(`${step}/${steps} ${loss > 0}`),
    };
    const recipe = { ...RECIPE, states: { [LEVEL]: 8 }, steps: 2, batch: 2 };
    const count = await makeTeacher(`${folder}/a`, recipe, progress);
    assert.deepEqual(told, ["collecting states", "training", "1/2 true", "2/2 true", "writing"]);
    assert.equal(await makeTeacher(`${folder}/b`, recipe, progress), count);
    for (const file of ["config.json", "model.safetensors", "tokenizer.json"]) {
      const [a, b] = [`${folder}/a/${file}`, `${folder}/b/${file}`].map((path) =>
        Deno.readFileSync(path)
      );
      assert.deepEqual(a, b, file);
    }
    const model = await openLanguageModel(`${folder}/a`, { device: "wasm", threads: 1 });
    const [scores] = await model.score(["goal: go see: act:"], ACTION_TEXTS);
    assert.equal(scores?.candidates.length, ACTION_TEXTS.length);
    await model.dispose();
  });
});

Deno.test("modelCard() says how good a teacher is and what made it", () => {
  const card = modelCard({
    recipe: { ...RECIPE, seed: 7, steps: 12 },
    parameters: 12345,
    trainSeconds: 99.6,
    measurements: [
      { level: LEVEL, states: 200, right: 120, expert: 100, chosen: [50, 50, 80, 10, 10, 0, 0] },
    ],
  });
  // 120 of 200 by Wilson: 53.1 to 66.5 %.
  assert.match(
    card,
    new RegExp(`\\| ${LEVEL} \\| \\*\\*60\\.0\\*\\* \\(53\\.1 to 66\\.5\\) \\| 50\\.0 `),
  );
  assert.match(card, /\| 25 \/ 25 \/ 40 \/ 10 \|/);
  assert.match(card, /deno task models:train --seed 7 --steps 12/);
  assert.match(card, /12,345 parameters/);
  assert.match(card, /took 100 s/);
  assert.match(card, /12,000 on `BabyAI-GoToDoor-v0`/);
});

Deno.test("models:train answers arguments that it does not understand with a sentence and status 2", async () => {
  const script = fileURLToPath(new URL("../../models/train.ts", import.meta.url));
  for (const args of [["--steps", "many"], ["--stepz", "3"]]) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", script, ...args],
      stdout: "null",
    }).output();
    assert.equal(code, 2);
    assert.match(new TextDecoder().decode(stderr), /E_ARGUMENT: .*(steps is "many"|stepz)/);
  }
});
