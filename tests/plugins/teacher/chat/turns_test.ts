import assert from "node:assert/strict";
import type { Guidance, Verdicts } from "../../../../core/stages/mod.ts";
import { rolloutOf } from "../../moments.ts";
import { answerIn, DIALECTS } from "./dialects/dialects.ts";
import { at, open, says, type Seen, withServer } from "./server.ts";

const PROMPT = "{observation}? {feedback}";

/** What a request holds behind the system's words, as "role: content". */
const turnsOf = ({ body }: Seen) =>
  body.messages.slice(1).map(({ role, content }) => `${role}: ${content}`);

/** Verdicts on one step: better, worse, or none. */
const verdict = (...signs: number[]): Verdicts => ({
  signs: Int8Array.from(signs),
  strengths: new Float32Array(signs.length),
  words: (i) => signs[i]! > 0 ? "better" : "worse",
});

const feedbackOn = (guidance: Guidance, verdicts: Verdicts, isOver = false) => ({
  rollout: rolloutOf({
    envs: 1,
    rewards: new Float32Array(1),
    guidance: [guidance],
    terminated: Uint8Array.of(isOver ? 1 : 0),
  }),
  verdicts: [verdicts],
});

const tick = (t: number) => `It is ${t} o'clock`;

Deno.test("chat: the last questions stand before the next one as turns, with their verdicts", () =>
  withServer(({ question }) => says(question.includes("It is 2") ? "right" : "left"), async (
    baseUrl,
    seen,
  ) => {
    const options = { prompt: PROMPT, feedbackTurns: 2 };
    const teacher = await open(baseUrl, options);
    for (const [t, sign] of [[1, -1], [2, 1], [3, 0]] as const) {
      const guidance = await teacher.advise(at(t), "train");
      await teacher.receive(feedbackOn(guidance, verdict(sign)));
    }
    const other = await open(baseUrl, options);
    await other.load!(JSON.parse(JSON.stringify(await teacher.save!())));
    for (const one of [teacher, other]) {
      await one.advise(at(4), "train");
      assert.deepEqual(turnsOf(seen.at(-1)!), [
        `user: ${tick(2)}? "left": worse`,
        "assistant: right",
        `user: ${tick(3)}? "right": better`,
        "assistant: left",
        `user: ${tick(4)}? none`,
      ]);
    }
    await teacher.advise(at(5), "evaluate");
    assert.deepEqual(turnsOf(seen.at(-1)!), [`user: ${tick(5)}? none`]);
    const last = await teacher.advise(at(6), "train");
    await teacher.receive(feedbackOn(last, verdict(1), true));
    await teacher.advise(at(7), "train");
    assert.deepEqual(turnsOf(seen.at(-1)!), [`user: ${tick(7)}? none`], "another episode");
  }));

Deno.test("chat: a question is another one behind other turns", () =>
  withServer(() => says("left"), async (baseUrl, seen) => {
    const teacher = await open(baseUrl, { prompt: "{observation}? {feedback}", feedbackTurns: 1 });
    const guidance = await teacher.advise(at(1), "train");
    await teacher.receive(feedbackOn(guidance, verdict(0)));
    await teacher.advise(at(1), "train");
    assert.equal(seen.length, 2);
    await teacher.advise(at(1), "train");
    assert.equal(seen.length, 2);
  }));

Deno.test("chat: examples stand before each question, answered as the model is to answer", async () => {
  const examples = [["go", "You see a flag left", "left"], ["stop", "nothing", "right"]];
  const answers = { text: ["left", "right"], logprobs: ["A", "B"], enum: ["left", "right"] };
  for (const [method, [first, second]] of Object.entries(answers)) {
    const said = (name: string) => method === "enum" ? JSON.stringify({ answer: name }) : name;
    await withServer(({ body }) => answerIn(DIALECTS.openai, body), async (baseUrl, seen) => {
      const teacher = await open(baseUrl, {
        ...{ examples, method: method as "text" },
        prompt: "{mission}; {observation}; Candidates: {candidates}",
      });
      await teacher.advise(at(3), "train");
      const turns = turnsOf(seen.at(-1)!);
      assert.equal(turns.length, 5);
      assert.match(turns[0]!, /^user: go; You see a flag left; Candidates: /);
      assert.equal(turns[1], `assistant: ${said(first!)}`);
      assert.equal(turns[3], `assistant: ${said(second!)}`);
    }, true);
  }
});

Deno.test("chat: examples and turns that cannot be told are refused", () =>
  withServer(() => says("left"), async (baseUrl) => {
    await assert.rejects(open(baseUrl, { examples: [["go", "a flag", "lift"]] }), {
      code: "E_OPTION",
      message: 'An example of teacher.examples has the answer "lift", which is no candidate. ' +
        'Did you mean "left"?',
    });
    for (const options of [{ prompt: "{observation}" }, { feedback: false }]) {
      await assert.rejects(open(baseUrl, { ...options, feedbackTurns: 1 }), {
        code: "E_OPTION",
        message: /"feedbackTurns" of teacher\.chat is "1", and the verdicts have no place/,
      });
    }
  }));
