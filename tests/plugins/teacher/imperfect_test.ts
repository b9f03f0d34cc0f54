import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { silence } from "../../../core/kit/guidance.ts";
import { abstentions } from "../../../core/kit/verdicts.ts";
import { definePlugin } from "../../../core/pipeline/plugin.ts";
import type { Feedback, Mode, Observations, Teacher } from "../../../core/stages/mod.ts";
import { bot } from "../../../plugins/teacher/bot.ts";
import { imperfect } from "../../../plugins/teacher/imperfect.ts";
import { rolloutOf, spec } from "../moments.ts";

type Texts = readonly (readonly string[])[];

/** A teacher that writes down what it is told. */
function listener(heard: { texts: Texts; keys: number[] }[], taught: Feedback[] = []) {
  return definePlugin({
    kind: "teacher",
    name: "listener",
    description: "Writes down what it is told.",
    options: {},
    create: (_options, _context, { env: { actions } }): Teacher => ({
      grain: "action",
      candidates: actions,
      learnsBy: [],
      advise({ envs, text, key }) {
        const rows = Array.from({ length: envs }, (_, i) => i);
        heard.push({ texts: rows.map(text), keys: rows.map(key) });
        return silence(envs, actions);
      },
      files: () => ({ "note.txt": new Uint8Array(1) }) as never,
      receive: (feedback) => void taught.push(feedback),
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
    }),
  })();
}

function states(texts: Texts): Observations {
  return {
    envs: texts.length,
    tensors: {},
    mission: (i) => `mission ${i % 2}`,
    text: (i) => texts[i]!,
    key: (i) => i,
  };
}

/** Every sentence tells the step, the environment and its number. */
const at = (step: number, envs = 8, sentences = 5): Texts =>
  Array.from(
    { length: envs },
    (_, i) => Array.from({ length: sentences }, (_, k) => `${step} ${i} ${k}`),
  );

async function open(rates: { missing?: number; wrong?: number; stale?: number }, seed = 0) {
  const heard: { texts: Texts; keys: number[] }[] = [];
  const stage = imperfect({ of: listener(heard), ...rates });
  const teacher = await stage.create(createContext({ seed }), { env: { ...spec, envs: 8 } });
  const tell = async (texts: Texts, mode: Mode = "train") => {
    await teacher.advise(states(texts), mode);
    return heard.at(-1)!;
  };
  return { teacher, tell };
}

Deno.test("imperfect: with no rates everything is told, and equal states have equal keys", async () => {
  const { tell } = await open({});
  const { texts, keys } = await tell(at(0));
  assert.deepEqual(texts, at(0));
  assert.equal(new Set(keys).size, 8);
  const alike = await tell([["a"], ["a"], ["a"]]);
  assert.equal(alike.keys[0], alike.keys[2]);
  assert.notEqual(alike.keys[0], alike.keys[1], "another mission");
});

Deno.test("imperfect: as many sentences are lost as was said, the others stay in order", async () => {
  const { tell } = await open({ missing: 0.3 });
  let kept = 0;
  for (let step = 0; step < 100; step++) {
    for (const [i, sentences] of (await tell(at(step))).texts.entries()) {
      kept += sentences.length;
      assert.deepEqual(sentences, at(step)[i]!.filter((sentence) => sentences.includes(sentence)));
    }
  }
  assert.ok(Math.abs(kept / 4000 - 0.7) < 0.03, `${kept} of 4000`);
  const nothing = await (await open({ missing: 1 })).tell(at(0));
  assert.deepEqual(nothing.texts, at(0).map(() => []));
});

Deno.test("imperfect: wrong sentences are those of other environments at that moment", async () => {
  const { tell } = await open({ wrong: 0.4 });
  let wrong = 0;
  for (let step = 0; step < 100; step++) {
    for (const [i, sentences] of (await tell(at(step))).texts.entries()) {
      assert.equal(sentences.length, 5);
      for (const [k, sentence] of sentences.entries()) {
        const [when, whose] = sentence.split(" ").map(Number);
        assert.equal(when, step);
        if (whose === i) assert.equal(sentence, `${step} ${i} ${k}`);
        else wrong++;
      }
    }
  }
  assert.ok(Math.abs(wrong / 4000 - 0.4) < 0.03, `${wrong} of 4000`);
  const alone = await (await open({ wrong: 1 })).tell(at(0, 1));
  assert.deepEqual(alone.texts, [[]], "nobody else is there");
});

Deno.test("imperfect: stale states are those of the step before, apart when it is measured", async () => {
  const { tell } = await open({ stale: 1 });
  assert.deepEqual((await tell(at(0))).texts, at(0), "there is no step before the first");
  assert.deepEqual((await tell(at(1))).texts, at(0));
  assert.deepEqual((await tell(at(7), "evaluate")).texts, at(7));
  assert.deepEqual((await tell(at(2))).texts, at(1));
  assert.deepEqual((await tell(at(8), "evaluate")).texts, at(7));
});

Deno.test("imperfect: its state goes on to the same losses, and what is seen is what was told", async () => {
  const rates = { missing: 0.2, wrong: 0.2, stale: 0.5 };
  const [one, other] = [await open(rates), await open(rates)];
  await one.tell(at(0));
  await other.teacher.load!(structuredClone(await one.teacher.save!()));
  assert.deepEqual(await one.tell(at(1)), await other.tell(at(1)));
  assert.notDeepEqual(await one.tell(at(2)), await (await open(rates, 1)).tell(at(2)));
  const { texts } = await one.tell(at(3), "evaluate");
  const features = one.teacher.features!(states(at(3)), 1);
  assert.deepEqual(features, texts[1]!.map((thing) => `mission 1\n${thing}`));
});

Deno.test("imperfect: another run forgets what was shown last, and what its teacher made is handed on", async () => {
  const { teacher, tell } = await open({ stale: 1 });
  await tell(at(0));
  teacher.startAnew!();
  assert.deepEqual((await tell(at(1))).texts, at(1));
  assert.deepEqual((await tell(at(2))).texts, at(1));
  assert.deepEqual(Object.keys(await teacher.files!() ?? {}), ["note.txt"]);
});

Deno.test("imperfect: is an oracle if its teacher is, and refuses rates that are none", () => {
  assert.equal(imperfect({ of: bot() }).usesOracle, true);
  assert.throws(() => imperfect({ of: bot(), missing: 1.5 }), { code: "E_OPTION" });
});

Deno.test("imperfect: verdicts reach its teacher, and what was seen in full does not", async () => {
  const taught: Feedback[] = [];
  const stage = imperfect({ of: listener([], taught), missing: 0.5 });
  const teacher = await stage.create(createContext({ seed: 0 }), { env: spec });
  const feedback = { rollout: rolloutOf({ envs: 2 }), verdicts: [abstentions(2)] };
  await teacher.receive(feedback);
  await teacher.receive({ ...feedback, past: { stepsAgo: [3], texts: [["a door"], ["a key"]] } });
  assert.deepEqual(taught, [feedback, { ...feedback, past: { stepsAgo: [3] } }]);
});
