/** The shipped teacher learned on no level on which a page of results, a plan or a pipeline measures one. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MEASURED_LEVELS } from "../../models/measure_teacher.ts";
import { RECIPE } from "../../models/train_teacher.ts";
import { HELD_OUT_SEEDS } from "../../core/run/measure/world_seeds.ts";
import { ACTION_TEXTS, BabyAIEnv } from "../../plugins/env/babyai/env.ts";
import { LEVEL_IDS, type LevelId } from "../../plugins/env/babyai/levels.ts";
import { readTokenizer } from "../../runtimes/tokenizer/tokenizer.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MODEL = `${ROOT}models/tandem-t5-babyai`;

/** Where results stand, and what makes them. */
const MEASURING = ["README.md", "docs", "docs/guide", "docs/results", "bench", "bench/mutual"]
  .concat("bench/mutual/plans", "pipelines");

/** Pages of students alone: no teacher takes part, whatever it learned on. */
const TEACHERLESS = new Set(["students.md"]);

async function measuringTexts(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const place of MEASURING) {
    const path = `${ROOT}${place}`;
    if ((await Deno.stat(path)).isFile) texts.set(place, await Deno.readTextFile(path));
    else {
      for await (const { name, isFile } of Deno.readDir(path)) {
        if (!isFile || !/\.(md|json|ts)$/.test(name) || TEACHERLESS.has(name)) continue;
        texts.set(`${place}/${name}`, await Deno.readTextFile(`${path}/${name}`));
      }
    }
  }
  return texts;
}

/** Whether a text names a level, in full or as commands take it. */
function names(text: string, level: LevelId): boolean {
  const short = level.replace(/^BabyAI-/, "").replace(/-v\d$/, "");
  return new RegExp(`\\b${short}\\b`).test(text);
}

/** The card's table of sources: level and states. */
function sourcesIn(card: string): Record<string, number> {
  const rows = card.matchAll(/^\| `(BabyAI-[^`]+)` \| ([\d,]+) \|$/gm);
  return Object.fromEntries([...rows].map(([, level, count]) => {
    return [level!, Number(count!.replaceAll(",", ""))];
  }));
}

Deno.test("the shipped teacher's card lists every level that it learned on", async () => {
  const card = await Deno.readTextFile(`${MODEL}/README.md`);
  assert.deepEqual(sourcesIn(card), RECIPE.states);
  assert.match(card, new RegExp(`--seed ${RECIPE.seed} --steps ${RECIPE.steps}\\n`));
});

Deno.test("no page, plan or pipeline names a level that the shipped teacher learned on", async () => {
  const learned = Object.keys(RECIPE.states) as LevelId[];
  const texts = await measuringTexts();
  for (const [place, text] of texts) {
    for (const level of learned) {
      assert.ok(!names(text, level), `${place} names ${level}`);
    }
  }
  // What is read holds the measured levels, or the test could not fail.
  const all = [...texts.values()].join("\n");
  for (const level of MEASURED_LEVELS) assert.ok(names(all, level), level);
  for (const level of MEASURED_LEVELS) assert.ok(!learned.includes(level), level);
});

/** Levels of several rooms on which students are to be led: no teacher may know them. */
const LARGE = /Synth|Boss|GoToSeqS5R2|UnlockLocal-/;

Deno.test("the shipped teacher learned on no synthesis, boss or other level kept for large worlds", () => {
  assert.ok(LEVEL_IDS.filter((level) => LARGE.test(level)).length >= 9);
  for (const level of Object.keys(RECIPE.states)) assert.doesNotMatch(level, LARGE);
});

Deno.test("the shipped teacher has a piece for every word of every level's missions and sights", async () => {
  const tokenizer = await readTokenizer(MODEL);
  const words = new Set<string>(ACTION_TEXTS.slice(0, 6).flatMap((text) => text.split(" ")));
  for (const level of LEVEL_IDS) {
    const env = new BabyAIEnv({ level, envs: 8 });
    const seen = env.reset(Array.from({ length: 8 }, (_, i) => HELD_OUT_SEEDS + i));
    for (let i = 0; i < 8; i++) {
      const text = `${seen.mission(i)} ${seen.text(i)}`;
      for (const word of text.split(/[\s,.]+/).filter(Boolean)) words.add(word);
    }
  }
  assert.ok(words.size > 40);
  const spelt = [...words].filter((word) => tokenizer.encode(word, { special: false }).length > 1);
  assert.deepEqual(spelt, []);
});
