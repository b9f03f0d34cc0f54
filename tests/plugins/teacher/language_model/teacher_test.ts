import assert from "node:assert/strict";
import { suggestionOf, tokensOf } from "../../../../core/kit/guidance.ts";
import {
  decodeGuidance,
  type EncodedGuidance,
  encodeGuidance,
} from "../../../../core/kit/codec.ts";
import { parseExactJson } from "../../../../core/kit/packing.ts";
import { definePlugin } from "../../../../core/pipeline/plugin.ts";
import type { Feedback, Guidance, Verdicts } from "../../../../core/stages/mod.ts";
import type { LanguageModelTeacher } from "../../../../plugins/teacher/language_model/teacher.ts";
import { said } from "../../moments.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "./stub_model.ts";

const KEY = ["a key"];
const BOX = ["a box"];
/** A model that says "right" with probability 3 / 4, for scores are normalised by length. */
const sure = () => new StubModel((_, c) => Math.log(c === 1 ? 3 : 1));
/** Probability of "left" in a state, measured. */
async function left(teacher: LanguageModelTeacher, things: readonly string[]): Promise<number> {
  return (await teacher.advise(seeing(things), "evaluate")).distribution[0]!;
}
/** Judges each of the two candidates in a state as often as told: praise of one, blame of the other. */
async function judge(teacher: LanguageModelTeacher, things: readonly string[], times: number) {
  for (let k = 0; k < times; k++) {
    const guidance = await teacher.advise(seeing(things, things), "train");
    guidance.choices.set([0, 1]);
    teacher.receive(feedbackOn(guidance, [1, -1]));
  }
}

Deno.test("language-model: weighs the candidates by softmax of their scores over the temperature", async () => {
  const plain = await teacherOf(sure()).advise(seeing(KEY, BOX), "train");
  for (const [k, p] of [0.25, 0.75, 0.25, 0.75].entries()) {
    assert.ok(Math.abs(plain.distribution[k]! - p) < 1e-6);
  }
  const warm = await teacherOf(sure(), { temperature: 2 }).advise(seeing(KEY), "train");
  const odds = Math.sqrt(3);
  assert.ok(Math.abs(warm.distribution[1]! - odds / (1 + odds)) < 1e-6);
});

Deno.test("language-model: in training it draws by its weights, and says how likely the choice was", async () => {
  const states = Array.from({ length: 4000 }, () => KEY);
  const guidance = await teacherOf(sure()).advise(seeing(...states), "train");
  const share = guidance.choices.filter((choice) => choice === 1).length / 4000;
  assert.ok(Math.abs(share - 0.75) < 0.03, `${share}`);
  for (let i = 0; i < 20; i++) {
    const choice = guidance.choices[i]!;
    assert.ok(Math.abs(Math.exp(guidance.logProbs[i]!) - [0.25, 0.75][choice]!) < 1e-6);
    assert.equal(suggestionOf(guidance, i), ["left", "right"][choice]);
    assert.deepEqual([...tokensOf(guidance, i)], [choice, 7]);
  }
});

Deno.test("language-model: measured it takes the likeliest, and neither draws nor remembers", async () => {
  const [one, other] = [teacherOf(sure()), teacherOf(sure())];
  const states = Array.from({ length: 64 }, () => KEY);
  const measured = await one.advise(seeing(...states), "evaluate");
  assert.deepEqual(new Set(measured.choices), new Set([1]));
  assert.deepEqual(await one.save(), await other.save());
  const draws = async (
    teacher: LanguageModelTeacher,
  ) => [...(await teacher.advise(seeing(...states), "train")).choices];
  assert.deepEqual(await draws(one), await draws(other));
});

Deno.test("language-model: a state asked again never reaches the model", async () => {
  const model = sure();
  const teacher = teacherOf(model);
  await teacher.advise(seeing(KEY, BOX, KEY), "train");
  // Two prompts of 5 ids and two candidates with two ids each; the third state is one of them.
  assert.deepEqual(teacher.usage(), { calls: 3, cacheHits: 1, tokens: 18 });
  assert.equal(model.prompts.length, 2);
  const again = teacher.advise(seeing(BOX, KEY), "evaluate");
  assert.ok(!(again instanceof Promise), "What is known needs no waiting.");
  assert.deepEqual(teacher.usage(), { calls: 5, cacheHits: 3, tokens: 18 });
  assert.equal(model.prompts.length, 2);
});

Deno.test("language-model: the verdict stands in the next prompt, until the episode ends", async () => {
  const model = sure();
  const teacher = teacherOf(model, { learnsBy: ["prompt"], prompt: "{seen}; {feedback}; {grain}" });
  let n = 0;
  /** The end of the prompt in a state that is new. */
  const asked = async (then: (now: Guidance) => void, mode: "train" | "evaluate" = "train") => {
    then(await teacher.advise(seeing([`thing ${n++}`], BOX), mode));
    const prompt = model.prompts.find((prompt) => prompt.startsWith(`thing ${n - 1};`))!;
    return prompt.slice(prompt.indexOf(";"));
  };
  const judged = (signs: number[], how = {}) => (last: Guidance) =>
    teacher.receive(feedbackOn(last, signs, how));
  assert.equal(await asked(judged([1, 0])), "; none; action");
  assert.equal(await asked(judged([-1, 0])), "; good; action");
  assert.equal(await asked(() => {}, "evaluate"), "; none; action");
  assert.equal(await asked(judged([0, 0])), "; bad; action");
  assert.equal(await asked(judged([1, 1], { ended: "terminated" })), "; none; action");
  assert.equal(await asked(judged([-1, 1], { ended: "truncated" })), "; none; action");
  assert.equal(await asked(judged([1, 1])), "; none; action");
});

Deno.test("language-model: a rule's own words stand in the prompt where that is asked for", async () => {
  const model = sure();
  const teacher = teacherOf(model, { verdictWords: "rule", prompt: "{mission}: {feedback}" });
  teacher.receive(feedbackOn(await teacher.advise(seeing(KEY), "train"), [-1]));
  await teacher.advise(seeing(KEY), "train");
  assert.equal(model.prompts.at(-1), "go to the key: The sign is -1.");
});

Deno.test("language-model: without the channel no verdict reaches the prompt or the weights", async () => {
  const model = sure();
  const teacher = teacherOf(model, { learnsBy: [] });
  await judge(teacher, KEY, 20);
  assert.deepEqual(teacher.learnsBy, []);
  assert.equal(await left(teacher, KEY), await left(teacherOf(sure()), KEY));
  assert.equal(model.prompts.length, 1);
});

Deno.test("language-model: verdicts turn the likeliest candidate, also in states that look alike", async () => {
  const teacher = teacherOf(sure());
  await judge(teacher, KEY, 40);
  for (const alike of [KEY, ["a key", "a wall"]]) {
    const { choices } = await teacher.advise(seeing(alike), "evaluate");
    assert.deepEqual([...choices], [0], alike.join());
  }
  const { choices } = await teacher.advise(seeing(BOX), "evaluate");
  assert.deepEqual([...choices], [1]);
});

/** How the weight of "left" moves after it was suggested, the student did something, and blame came. */
async function blamed(credit: string, action: number): Promise<number> {
  const teacher = teacherOf(new StubModel(), { credit });
  await judge(teacher, KEY, 10); // so that there is something to compare a verdict with
  const before = await left(teacher, KEY);
  const guidance = await teacher.advise(seeing(KEY), "train");
  guidance.choices[0] = 0;
  teacher.receive(feedbackOn(guidance, [-1], { actions: [action] }));
  return Math.sign(await left(teacher, KEY) - before);
}

for (
  const [credit, followed, ignored] of [
    ["guidance", -1, -1],
    ["followed", -1, 0],
    ["action", -1, 1],
  ] as const
) {
  Deno.test(`language-model: credit "${credit}" for what was followed and what was not`, async () => {
    assert.equal(await blamed(credit, 0), followed);
    assert.equal(await blamed(credit, 1), ignored);
  });
}

Deno.test("language-model: guidance of others and silence teach it nothing", async () => {
  const teacher = teacherOf(sure(), { credit: "guidance" });
  const before = await teacher.save();
  const guidance = await teacher.advise(seeing(KEY), "evaluate");
  const { note: _note, ...foreign } = guidance;
  for (const note of [undefined, { voices: [] }, []]) {
    teacher.receive(feedbackOn({ ...foreign, note }, [1]));
  }
  assert.deepEqual(await teacher.save(), before);
  guidance.choices[0] = -1;
  teacher.receive(feedbackOn(guidance, [1], { actions: [0] }));
  assert.equal(await left(teacher, KEY), await left(teacherOf(sure()), KEY));
});

Deno.test("language-model: goes on exactly from a saved state", async () => {
  const [one, other] = [teacherOf(sure()), teacherOf(sure())];
  await judge(one, KEY, 7);
  await judge(other, BOX, 3); // is forgotten
  other.load(structuredClone(await one.save()));
  assert.deepEqual(await other.save(), await one.save());
  const next = async (teacher: LanguageModelTeacher) => {
    const answers: unknown[] = [];
    for (const sign of [1, -1, 1, 1]) {
      const guidance = await teacher.advise(seeing(KEY, BOX, ["a key", "a box"]), "train");
      answers.push([...guidance.choices], [...guidance.distribution], [...guidance.logProbs]);
      teacher.receive(feedbackOn(guidance, [sign, -sign, sign]));
    }
    return [answers, await teacher.save()];
  };
  assert.deepEqual(await next(other), await next(one));
});

Deno.test("language-model: learns from guidance that was kept as from its own", async () => {
  const [one, other] = [teacherOf(sure()), teacherOf(sure())];
  const given = await one.advise(seeing(KEY, KEY), "train");
  given.choices.set([0, 1]);
  const kept = decodeGuidance(JSON.parse(JSON.stringify(encodeGuidance(given))), other.candidates);
  assert.deepEqual([0, 1].map((i) => [...tokensOf(kept, i)]), [
    ...[0, 1].map((i) => [...tokensOf(given, i)]),
  ]);
  other.load(structuredClone(await one.save()));
  one.receive(feedbackOn(given, [1, -1]));
  other.receive(feedbackOn(kept, [1, -1]));
  assert.notEqual(await left(one, KEY), await left(teacherOf(sure()), KEY));
  assert.deepEqual(await other.save(), await one.save());
});

Deno.test("language-model: all channels learn that a suggestion is worth the same", async () => {
  const teacher = teacherOf(sure(), { learnsBy: ["logits", "memory"] });
  for (const sign of [1, 1, -1]) {
    const feedback = feedbackOn(await teacher.advise(seeing(KEY), "evaluate"), [sign]);
    teacher.receive({
      ...feedback,
      verdicts: feedback.verdicts.map((verdict) => ({ ...verdict, comparesWithBefore: true })),
    });
  }
  // Worths 1, 1 + 1 and -1 + 1.5, all of candidate 1.
  const { json, arrays } = await teacher.save();
  const { channels } = json as { channels: { memory: { episodes: { sums: number[] }[] } } };
  const rated = new Float64Array(Uint8Array.from(arrays!["logits/sums"]!.data).buffer);
  assert.deepEqual([rated[0], rated[1]], [0, 3.5]);
  assert.deepEqual(channels.memory.episodes.map(({ sums }) => sums), [[0, 3.5]]);
});

Deno.test("language-model: a state saved by channels that measured for themselves is refused", async () => {
  const teacher = teacherOf(sure());
  const { json, arrays } = await teacher.save();
  const { worth: _, ...older } = json as { worth: unknown };
  assert.throws(() => teacher.load({ json: older, arrays }), /before all channels shared/);
});

Deno.test("language-model: learns from guidance in a checkpoint of before as it did then", async () => {
  const file = new URL("../../../fixtures/guidance/kept.json", import.meta.url);
  const { languageModel, learned } = parseExactJson(await Deno.readTextFile(file)) as {
    languageModel: EncodedGuidance;
    learned: object;
  };
  const teacher = teacherOf(sure());
  await teacher.advise(seeing(KEY, BOX, ["a key", "a wall"]), "train"); // the draws of then
  const kept = decodeGuidance(languageModel, teacher.candidates);
  await teacher.receive(feedbackOn(kept, [1, -1, 1]));
  const { worth: { usual }, channels, ...rest } = (await teacher.save()).json as {
    worth: { usual: { mean: number; judged: number } };
    channels: { logits: object };
  };
  // Each channel held for itself what strength is usual.
  const logits = { ...channels.logits, usualStrength: usual.mean, judged: usual.judged };
  assert.deepEqual({ ...rest, channels: { ...channels, logits } }, learned);
});

Deno.test("language-model: disposes of its model", async () => {
  const model = sure();
  await teacherOf(model).dispose();
  assert.ok(model.disposed);
});

/** Verdicts on a step of before, in environments that see these things, whoever spoke there. */
function past(
  guidance: Guidance,
  things: readonly (readonly string[])[],
  verdict: Partial<Verdicts>,
  actions?: readonly number[],
): Feedback {
  const { rollout, verdicts } = feedbackOn(guidance, [], { actions });
  const texts = things.map((seen) => seen.map((thing) => `You see ${thing}`));
  const keys = Float64Array.from(things, (_, i) => seeing(...things).key(i));
  return {
    rollout: { ...rollout, keys, missions: things.map(() => "go to the key") },
    verdicts: [{ ...verdicts[0]!, ...verdict }],
    past: { stepsAgo: [3], texts },
  };
}

Deno.test("language-model: learns from a verdict on a step of before, where it was silent as well", async () => {
  for (const choice of [0, -1]) {
    const teacher = teacherOf(new StubModel());
    const verdict = { signs: Int8Array.of(1, -1), right: [[0], [0]] };
    for (let k = 0; k < 9; k++) teacher.receive(past(said([choice, 1]), [KEY, KEY], verdict));
    assert.ok(await left(teacher, KEY) > 0.55, `${choice}`);
    assert.equal(await left(teacher, BOX), 0.5);
  }
});

Deno.test("language-model: its channels are told what is right, and under which mission", () => {
  const heard: unknown[] = [];
  const listener = definePlugin({
    kind: "channel",
    name: "listener",
    description: "Writes down what it is told.",
    options: {},
    create: () => ({
      onVerdict: ({ env, said, stepsAgo }) => void heard.push({ env, said, stepsAgo }),
      learn({ env, candidate, sign, strength, right, mission, seen, features, prompt }) {
        const about = { features: features.whole, prompt: prompt() };
        heard.push({ env, candidate, sign, strength, right, mission, seen, ...about });
      },
    }),
  });
  const teacher = teacherOf(sure(), {
    ...{ learnsBy: [listener()], prompt: "{mission}: {seen}", credit: "action" },
  });
  const verdict = {
    signs: Int8Array.of(1, 0),
    strengths: Float32Array.of(0.25, 1),
    ...{ right: [[0], undefined], missions: ["find it", undefined] },
  };
  teacher.receive(past(said([0, 1]), [KEY, BOX], verdict, [1, 1]));
  assert.deepEqual(heard, [{ env: 0, said: "left", stepsAgo: 3 }, {
    ...{ env: 0, candidate: 1, sign: -1, strength: 0.25, right: [0], mission: "find it" },
    seen: ["You see a key"],
    features: "find it|You see a key",
    prompt: "find it: a key",
  }]);
});

Deno.test("language-model: a verdict on a step of before is not told as the last one's", async () => {
  const model = sure();
  const teacher = teacherOf(model, { learnsBy: ["prompt"], prompt: "{seen}; {feedback}" });
  const guidance = await teacher.advise(seeing(KEY), "train");
  teacher.receive(feedbackOn(guidance, [1]));
  teacher.receive(past(guidance, [KEY], { signs: Int8Array.of(-1) }));
  await teacher.advise(seeing(BOX), "train");
  assert.equal(model.prompts.at(-1), "a box; good");
});
