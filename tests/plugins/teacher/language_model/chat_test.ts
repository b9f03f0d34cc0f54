import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { suggest } from "../../../../core/kit/guidance.ts";
import type { Observations } from "../../../../core/stages/mod.ts";
import { chatFor } from "../../../../plugins/teacher/language_model/chat.ts";
import { languageModel } from "../../../../plugins/teacher/language_model/mod.ts";
import type { ModelInfo } from "../../../../runtimes/language_model/contract.ts";
import { openLanguageModel } from "../../../../runtimes/language_model/language_model.ts";
import { fixtureDir, withCopy } from "../../../runtimes/language_model/fixtures.ts";
import { spec } from "../../moments.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "./stub_model.ts";

/** Writes roles and words plainly. */
const template = {
  render: (messages: readonly { role: string; content: string }[]) =>
    messages.map(({ role, content }) => `${role}: ${content}`).join("\n"),
};
const PROMPT = "see {observation}, last {feedback}";
const chat = {
  template,
  system: "Be brief.",
  examples: { "see a wall": "left" },
};
const OPENING = ["system: Be brief.", "user: see a wall", "assistant: left"];

/** A teacher that chats, and what its model was asked last. */
function chatting(options: object, model = new StubModel()) {
  const teacher = teacherOf(model, { prompt: PROMPT, ...options }, spec, chat);
  return {
    teacher,
    async hear(states: Observations, mode: "train" | "evaluate" = "train", choice = 0) {
      const guidance = await teacher.advise(states, mode);
      for (let i = 0; i < states.envs; i++) suggest(guidance, i, choice, 0.9);
      return guidance;
    },
    last: () => model.prompts.at(-1)!.split("\n"),
  };
}

Deno.test("language-model in a chat: system, examples, and verdicts behind what they judge", async () => {
  const { teacher, hear, last } = chatting({ verdicts: 2 });
  const [key, box, door] = [seeing(["a key"]), seeing(["a box"]), seeing(["a door"])];
  teacher.receive(feedbackOn(await hear(key), [-1]));
  assert.deepEqual(last(), [...OPENING, "user: see You see a key, last none"]);
  teacher.receive(feedbackOn(await hear(box, "train", 1), [1]));
  const turn = ["user: see You see a key, last none", "assistant: left"];
  assert.deepEqual(last(), [...OPENING, ...turn, "user: see You see a box, last bad"]);
  const saved = await teacher.save();
  const next = ["user: see You see a box, last bad", "assistant: right"];
  const both = [...OPENING, ...turn, ...next, "user: see You see a door, last good"];
  await hear(door);
  assert.deepEqual(last(), both);
  const resumed = chatting({ verdicts: 2 });
  resumed.teacher.load(structuredClone(saved));
  await resumed.hear(door);
  assert.deepEqual(resumed.last(), both);
});

Deno.test("language-model in a chat: an end of an episode ends the conversation, and tests have none", async () => {
  const { teacher, hear, last } = chatting({});
  const key = seeing(["a key"]);
  teacher.receive(feedbackOn(await hear(key), [-1]));
  await hear(key, "evaluate");
  assert.deepEqual(last(), [...OPENING, "user: see You see a key, last none"]);
  teacher.receive(feedbackOn(await hear(key), [-1], { ended: "terminated" }));
  const box = seeing(["a box"]);
  await hear(box);
  assert.deepEqual(last(), [...OPENING, "user: see You see a box, last none"]);
});

Deno.test("language-model in a chat: other turns are another question", async () => {
  const model = new StubModel();
  const { teacher, hear } = chatting({}, model);
  const key = seeing(["a key"]);
  for (const sign of [1, -1, 1]) teacher.receive(feedbackOn(await hear(key), [sign]));
  await hear(key);
  // Without a verdict, after praise and after blame; praise again is known.
  assert.equal(model.prompts.length, 3);
});

Deno.test("language-model that chats and writes: thoughts are no answer", async () => {
  const texts = ["<think>left? No.</think>right", "right</think>left", "<think>left"];
  const model = new StubModel(undefined, (_, row) => texts[row]!);
  const { teacher } = chatting({ answer: "generate" }, model);
  const { choices } = await teacher.advise(seeing(["a"], ["b"], ["c"]), "train");
  assert.deepEqual([...choices], [1, 0, -1]);
});

const CHATML =
  "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[assistant] ";

async function withTemplate(work: (dir: string) => Promise<void>): Promise<void> {
  await withCopy("llama", async (dir) => {
    await Deno.writeTextFile(`${dir}/chat_template.jinja`, CHATML);
    await work(dir);
  });
}

Deno.test("language-model speaks to a folder's model by its template, with one begin token", async () => {
  await withTemplate(async (dir) => {
    const context = createContext({ seed: 0, device: "wasm" });
    const asked = languageModel({ model: dir, system: "Guide.", learnsBy: [] });
    const teacher = await asked.create(context, { env: spec });
    const model = await openLanguageModel(dir, { device: "wasm", threads: 1 });
    try {
      const { distribution } = await teacher.advise(seeing(["a key"]), "evaluate");
      const text = "<s>[system] Guide.\n[user] Goal: go to the key\nThe agent sees: a key\n" +
        "Verdict on your last answer: none\nCandidates: left, right\nAnswer:\n[assistant] ";
      const ids = model.tokenizer.encode(text, { special: false });
      assert.equal(ids.filter((id) => id === 1).length, 1);
      const [expected] = await model.score([ids], ["left", "right"]);
      for (const [k, p] of expected!.distribution.entries()) {
        assert.ok(Math.abs(distribution[k]! - p) < 1e-5, `${distribution} and ${p}`);
      }
    } finally {
      await teacher.dispose?.();
      await model.dispose();
    }
  });
});

Deno.test("chatFor() speaks by a template where it is there and asked for", async () => {
  const options = { model: "a folder", system: "", examples: {} };
  const infoOf = (dir: string, encoderDecoder = false) => ({
    info: { dir, encoderDecoder } as ModelInfo,
  });
  await withTemplate(async (dir) => {
    assert.ok(await chatFor({ ...options, chat: "auto" }, infoOf(dir)));
    assert.ok(await chatFor({ ...options, chat: "on" }, infoOf(dir, true)));
    assert.equal(await chatFor({ ...options, chat: "auto" }, infoOf(dir, true)), undefined);
    assert.equal(await chatFor({ ...options, chat: "off" }, infoOf(dir)), undefined);
  });
  const plain = infoOf(fixtureDir("llama"));
  assert.equal(await chatFor({ ...options, chat: "auto" }, plain), undefined);
  await assert.rejects(chatFor({ ...options, chat: "on" }, plain), {
    code: "E_OPTION",
    message: /chat is "on", but the folder ".*" of the model has no chat template/,
  });
});
