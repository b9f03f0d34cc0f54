/** What makes the shipped teacher, on so little that it learns nothing. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { modelCard } from "../../models/train_card.ts";
import { collectStates, mirrored, pathStates, walkStates } from "../../models/train_data.ts";
import { countParameters, type Measurement, measureTeacher } from "../../models/measure_teacher.ts";
import { makeTeacher, RECIPE } from "../../models/train_teacher.ts";
import { ACTION_TEXTS, BabyAIEnv } from "../../plugins/env/babyai/env.ts";
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

Deno.test("collectStates() meets every action where a level needs them", () => {
  const levels = ["BabyAI-UnlockPickup-v0", "BabyAI-PutNextS4N1-v0"] as const;
  const done = new Set(
    levels.flatMap((level) => collectStates(level, 400, 0)).map((s) => s.action),
  );
  assert.deepEqual([...done].sort(), [0, 1, 2, 3, 4, 5]);
});

Deno.test("mirrored() says all that is seen and wanted with left for right, and the other turn", () => {
  const env = new BabyAIEnv({ level: "BabyAI-OpenDoorLoc-v0", envs: 32 });
  const seen = env.reset(Array.from({ length: 32 }, (_, i) => i));
  const swapped = (text: string) =>
    text.replace(/left|right/g, (side) => side === "left" ? "right" : "left");
  const told = (text: string) => text.replace(/^.* see: | last: .*$/g, "").split(", ").sort();
  const turns = new Set<number>();
  for (let i = 0; i < 32; i++) {
    const action = env.oracle.action(i);
    const state = mirrored(seen, i, "good", action);
    const things = seen.text(i).map((line) => swapped(line.replace("You see ", "")));
    assert.deepEqual(told(state.prompt), things.sort());
    assert.ok(state.prompt.startsWith(`goal: ${swapped(seen.mission(i))} see: `));
    assert.ok(state.prompt.endsWith(" last: good act:"));
    assert.equal(state.action, [1, 0][action] ?? action);
    turns.add(state.action);
  }
  assert.ok(turns.has(0) && turns.has(1) && turns.has(2));
});

Deno.test("collectStates() wants both turns about equally often, whatever the bot prefers", () => {
  const states = collectStates("BabyAI-PickupDist-v0", 2000, 0);
  const [left, right] = [0, 1].map((turn) => states.filter(({ action }) => action === turn).length);
  assert.ok(left! + right! > 700 && Math.abs(left! - right!) < 80, `${left} and ${right}`);
});

Deno.test("walkStates() and pathStates() are of held-out worlds, with all that is right in them", () => {
  const walks = walkStates(LEVEL, 20, "bad");
  assert.ok(walks.length > 10 && walks.length <= 20);
  const paths = pathStates(LEVEL, 50);
  assert.equal(paths.length, 50);
  assert.deepEqual(pathStates(LEVEL, 50), paths);
  for (const { action, right } of [...walks, ...paths]) assert.ok(right.includes(action));
  assert.ok(walks.every(({ prompt }) => prompt.endsWith(" last: bad act:")));
  assert.ok(paths.every(({ prompt }) => prompt.endsWith(" last: none act:")));
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
    await makeTeacher(`${folder}/a`, recipe, progress);
    assert.deepEqual(told, ["collecting states", "training", "1/2 true", "2/2 true", "writing"]);
    await makeTeacher(`${folder}/b`, recipe, progress);
    assert.ok(await countParameters(`${folder}/a`) > 100_000);
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
    const [measured] = await measureTeacher(`${folder}/a`, [LEVEL], ["paths"], 60);
    const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
    assert.deepEqual([measured!.level, measured!.source, measured!.states], [LEVEL, "paths", 60]);
    assert.equal(sum(measured!.chosen), 60);
    assert.equal(sum(measured!.experts), 60);
    assert.equal(sum(measured!.rightByExpert), measured!.right);
    assert.ok(Math.max(...measured!.constants) >= Math.max(...measured!.experts));
  });
});

Deno.test("modelCard() says how good a teacher is, beside a constant, and what made it", () => {
  const measured: Measurement = {
    ...{ level: LEVEL, source: "walks", states: 200, right: 120 },
    constants: [30, 40, 90, 0, 0, 0, 0],
    experts: [30, 40, 80, 50, 0, 0, 0],
    rightByExpert: [20, 30, 70, 0, 0, 0, 0],
    chosen: [50, 50, 80, 20, 0, 0, 0],
  };
  const card = modelCard({
    recipe: { ...RECIPE, seed: 7, steps: 12, states: { "BabyAI-GoToDoor-v0": 12_000 } },
    ...{ parameters: 12345, others: [measured], own: [{ ...measured, source: "paths" }] },
  });
  // 120 of 200 by Wilson: 53.1 to 66.5 %.
  const right = "\\*\\*60\\.0\\*\\* \\(53\\.1 to 66\\.5\\)";
  const constant = '45\\.0 \\("go forward"\\)';
  const shares = "25 / 25 / 40 / 10 / 0 / 0";
  assert.match(
    card,
    new RegExp(`\\| ${LEVEL} \\| walks \\| ${right} \\| ${constant} \\| ${shares} `),
  );
  assert.match(card, /\| 67 of 30 \| 75 of 40 \| 88 of 80 \| 0 of 50 \| – \| – \|/);
  assert.match(card, /deno task models:train --seed 7 --steps 12/);
  assert.match(card, /12,345 parameters/);
  assert.match(card, /\| `BabyAI-GoToDoor-v0` \| 12,000 \|/);
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
