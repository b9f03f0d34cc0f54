/** Channels that are plugins, beside those that the teacher knows by name. */
import assert from "node:assert/strict";
import { createContext } from "../../../../../core/kit/context.ts";
import { pipelineFromJson } from "../../../../../core/pipeline/pipeline.ts";
import { definePlugin, type Wirings } from "../../../../../core/pipeline/plugin.ts";
import type { Channel, VerdictEvent } from "../../../../../core/stages/mod.ts";
import { builtins, languageModel } from "../../../../../plugins/mod.ts";
import { guarded } from "../../../../../plugins/teacher/language_model/channels/guarded.ts";
import { openChannels } from "../../../../../plugins/teacher/language_model/channels/open.ts";
import { languageModelOptions } from "../../../../../plugins/teacher/language_model/options.ts";
import { parseOptions } from "../../../../../core/pipeline/options.ts";
import corridorPipeline from "../../../../../pipelines/corridor.ts";
import { spec } from "../../../moments.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "../stub_model.ts";

/** A plugin of which a test says what it makes. */
const plugin = (make: (wiring: Wirings["channel"]) => Channel) =>
  definePlugin({
    kind: "channel",
    name: "told",
    description: "What a test says.",
    options: {},
    create: (_options, _context, wiring) => make(wiring),
  });

const even = () => new StubModel(() => 0);

Deno.test("learnsBy takes a channel that is a value: it corrects scores, fills the prompt, is saved", async () => {
  let learned: number[] = [];
  const events: VerdictEvent[] = [];
  const told = plugin(({ candidates }) => ({
    correct: (scores) => void (scores[candidates.length - 1]! += 5),
    promptFields: () => ({ memory: `${learned.length} examples` }),
    onVerdict: (event) => void events.push(event),
    learn: ({ worth }) => void learned.push(worth),
    usage: () => ({ calls: 2, tokens: 30 }),
    save: () => ({ json: learned }),
    load: ({ json }) => void (learned = json as number[]),
  }));
  const model = even();
  const teacher = teacherOf(model, { learnsBy: ["prompt", told()], prompt: "{memory}" });
  assert.deepEqual(teacher.learnsBy, ["prompt", "told"]);
  const guidance = await teacher.advise(seeing(["a key"]), "evaluate");
  assert.deepEqual([...guidance.choices], [teacher.candidates.length - 1]);
  await teacher.receive(feedbackOn(guidance, [-1]));
  assert.deepEqual([learned, events.length], [[-1], 1]);
  await teacher.advise(seeing(["a key"]), "evaluate");
  assert.deepEqual(model.prompts, ["0 examples", "1 examples"]);
  const { calls, tokens } = teacher.usage();
  assert.deepEqual([calls, tokens], [2 + 2, 2 * (5 + 2 * spec.actions.length) + 30]);
  const saved = structuredClone(await teacher.save());
  learned.push(7);
  await teacher.load(saved);
  assert.deepEqual(learned, [-1]);
});

Deno.test("a channel may answer in the model's place, and says when answers are to be forgotten", async () => {
  let sure = 0;
  const asked: string[] = [];
  const told = plugin(({ model }) => ({
    model: {
      ...model,
      async score(prompts, candidates, options) {
        asked.push(...prompts);
        const answers = await model.score(prompts, candidates, options);
        return answers.map((answer) => ({
          ...answer,
          candidates: answer.candidates.map((one, c) => ({ ...one, score: c === sure ? 0 : -9 })),
        }));
      },
      generate: (prompts, options) => model.generate(prompts, options),
    },
    learn: () => void (sure = 1),
    train: () => sure === 1,
  }));
  const teacher = teacherOf(even(), { learnsBy: [told()] });
  const choice = async () => (await teacher.advise(seeing(["a key"]), "evaluate")).choices[0];
  assert.deepEqual([await choice(), await choice(), asked.length], [0, 0, 1]);
  await teacher.receive(feedbackOn(await teacher.advise(seeing(["a key"]), "evaluate"), [1]));
  assert.deepEqual([await choice(), asked.length], [1, 2]);
});

Deno.test("what a channel of one's own gets wrong is said in a sentence that names it", async () => {
  const refusal = async (make: () => object, code: string, sentence: RegExp) => {
    const told = plugin(make as () => Channel);
    const asking = async () => {
      const teacher = teacherOf(even(), { learnsBy: [told()] });
      await teacher.advise(seeing(["a key"]), "train");
    };
    await assert.rejects(asking, (error: { code?: string; message: string }) => {
      return error.code === code && sentence.test(error.message);
    });
  };
  const spoil = (scores: Float32Array) => void (scores[0] = NaN);
  await refusal(() => ({ correct: spoil }), "E_NUMERIC", /^The channel "told" makes a .* "NaN"/);
  const number = () => ({ memory: 7 });
  await refusal(() => ({ promptFields: number }), "E_SHAPE", /"7" into .* \{memory\}; it must be/);
  assert.throws(() => guarded("./x.ts", null as unknown as Channel), /E_PLUGIN|makes "null"/);
});

Deno.test("a name that no channel has, and one that is named twice, are refused", async () => {
  assert.throws(
    () => languageModel({ learnsBy: ["logit" as "logits"] }),
    /"learnsBy.0".*Expected one of "prompt", "memory", "logits", "classifier", "reference", "weights", or a channel plugin/i,
  );
  const options = parseOptions(languageModelOptions, { learnsBy: ["logits", "logits"] }, "teacher");
  const model = even();
  const wiring: Wirings["channel"] = {
    ...{ env: spec, candidates: spec.actions, model },
    ...{ grain: "action", prompt: "", answer: "score" },
  };
  const parts = { options, context: createContext({ seed: 0 }), wiring, model };
  await assert.rejects(openChannels(parts), /"learnsBy" names "logits" twice/);
});

Deno.test("channels that were opened before one that cannot be are freed", async () => {
  let freed = 0;
  const good = plugin(() => ({ train: () => false, dispose: () => void freed++ }));
  const bad = { ...plugin(() => ({})).stage({}, "bad"), create: () => Promise.reject("no") };
  const options = parseOptions(languageModelOptions, { learnsBy: [good(), bad] }, "teacher");
  const model = even();
  const wiring = { env: spec, candidates: spec.actions, model } as unknown as Wirings["channel"];
  const parts = { options, context: createContext({ seed: 0 }), wiring, model };
  await assert.rejects(openChannels(parts));
  assert.equal(freed, 1);
});

Deno.test("a pipeline in JSON names a channel by its module, for which the owner is asked", async () => {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  try {
    const file = `${folder}/mine.ts`;
    await Deno.writeTextFile(
      file,
      `export default { kind: "channel", name: "mine", description: "", options: {},
        create: () => ({ train: () => false }) };`,
    );
    const asked: string[] = [];
    const catalog = {
      ...builtins,
      permit: ({ effect, kind, plugin }: { effect: string; kind: string; plugin: string }) =>
        void asked.push(`${effect} ${kind} ${plugin}`),
    };
    const json = JSON.parse(JSON.stringify(corridorPipeline));
    json.teacher.options.learnsBy = ["logits", { plugin: file }];
    const pipeline = await pipelineFromJson(json, catalog);
    assert.deepEqual(asked, [`import channel ${file}`]);
    const again = JSON.parse(JSON.stringify(pipeline));
    assert.deepEqual(again.teacher.options.learnsBy, [
      "logits",
      { plugin: file, options: {} },
    ]);
    assert.deepEqual(
      JSON.parse(JSON.stringify(corridorPipeline)).teacher.options.learnsBy,
      ["prompt", "logits"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
