import assert from "node:assert/strict";
import { createContext } from "../../../../core/kit/context.ts";
import { promptsAhead } from "../../../../core/run/prompts_ahead.ts";
import { runPipeline } from "../../../../core/run/scheduler.ts";
import { chat, corridor, noFeedback, qMinusV, tabularQ } from "../../../../plugins/mod.ts";
import { stubPipeline } from "../../../core/stubs.ts";
import { answerIn, DIALECTS } from "./dialects/dialects.ts";
import { at, choicesOf, HASTE, listener, open, says, withServer } from "./server.ts";

const PRICES = { priceInput: 2, priceOutput: 8 };

/** A completion that is known to have cost so much. */
const costs = (prompt_tokens: number, completion_tokens: number) =>
  Response.json({
    choices: [{ message: { content: "left" } }],
    usage: { prompt_tokens, completion_tokens },
  });

Deno.test("chat: counts what was read and written at its price, and again after a resume", () =>
  withServer(() => costs(1000, 10), async (baseUrl) => {
    const teacher = await open(baseUrl, PRICES);
    await teacher.advise(at(1, 2, 3), "train");
    // Three answers, and the test question.
    const each = (1000 * 2 + 10 * 8) / 1e6;
    assert.equal(teacher.usage().dollars, 4 * each);
    const other = await open(baseUrl, PRICES);
    await other.load!(JSON.parse(JSON.stringify(await teacher.save!())));
    assert.equal(other.usage().dollars, 5 * each);
    assert.equal((await open(baseUrl)).usage().dollars, undefined);
  }, true));

Deno.test("chat: where only a total is told, or nothing, four letters are a token", async () => {
  const dollarsOf = async (usage: object | undefined) => {
    let dollars = NaN;
    const reply = () => Response.json({ choices: [{ message: { content: "left" } }], usage });
    await withServer(reply, async (baseUrl) => {
      const options = { ...PRICES, system: "s".repeat(40), prompt: "{mission}" };
      dollars = (await open(baseUrl, options)).usage().dollars!;
    }, true);
    return dollars;
  };
  assert.equal(await dollarsOf({ total_tokens: 101 }), (100 * 2 + 1 * 8) / 1e6);
  const question = 'this is a test: answer "left"'.length;
  assert.equal(await dollarsOf(undefined), (Math.ceil((40 + question) / 4) * 2 + 8) / 1e6);
});

Deno.test("chat: a budget of dollars ends the asking and not the run", () =>
  withServer(() => costs(1000, 10), async (baseUrl, seen) => {
    const { emit, messages } = listener();
    const budgetDollars = 0.006;
    const teacher = await open(baseUrl, { ...PRICES, budgetDollars, concurrency: 1 }, { emit });
    assert.deepEqual(await choicesOf(teacher, at(1, 2, 3, 4)), [0, 0, -1, -1]);
    assert.equal(seen.length, 3, "what is asked may pass the bound, and nothing after it");
    assert.deepEqual(messages(), [
      'The chat teacher gives no guidance: the budget of "0.006" dollars is spent.',
    ]);
    assert.deepEqual(await choicesOf(teacher, at(1)), [0], "what is known costs nothing");
    await assert.rejects(open(baseUrl, { budgetDollars: 1 }), {
      code: "E_OPTION",
      message: 'The option "budgetDollars" of teacher.chat is "1", and nothing has a price: set ' +
        "priceInput and priceOutput, in dollars for a million tokens.",
    });
  }, true));

Deno.test("chat: what a run may come to is told once, and is near what the server counts", () =>
  withServer(({ body }) => answerIn(DIALECTS.openai, body), async (baseUrl, seen) => {
    for (const method of ["text", "logprobs", "samples"] as const) {
      seen.length = 0;
      const { emit, messages } = listener();
      const pipeline = stubPipeline([], {
        ...{ env: corridor(), student: tabularQ(), advantage: qMinusV(), feedback: noFeedback() },
        teacher: chat({ ...HASTE, ...PRICES, baseUrl, method, samples: 4 }),
        schedule: { iterations: 2, envs: 3, steps: 5 },
        evaluation: { episodes: 2, states: 2 },
      });
      const result = await runPipeline(pipeline, createContext({ seed: 0, emit }));
      const told = messages().flatMap((message) =>
        /up to ([\d,]+) questions, about ([\d.e-]+) M tokens, ([\d.e-]+) \$ at 2 \$ and 8 \$/.exec(
          message,
        ) ?? []
      );
      assert.equal(told.length, 4, messages().join("\n"));
      const [questions, millions] = [Number(told[1]!.replace(",", "")), Number(told[2])];
      const { calls, tokens, requests } = result.teacher;
      assert.ok(calls <= questions, `${calls} of ${questions}`);
      const [foreseen, counted] = [1e6 * millions / questions, tokens / requests!];
      assert.ok(Math.abs(foreseen / counted - 1) < 0.3, `${method}: ${foreseen}, ${counted}`);
      const { dollars } = result.teacher;
      assert.ok(dollars! > 0 && result.cost.teacher.dollars! < dollars!);
    }
  }, true));

Deno.test("promptsAhead() counts the steps of training and of measurements", () => {
  const schedule = {
    ...{ iterations: 10, envs: 4, steps: 6, feedbackEvery: 1, feedbackDelay: 0, warmUp: 0 },
    ...{ adviceEvery: 1, adviceDelay: 0, teacherOff: 1 },
  };
  const evaluation = { episodes: 5, states: 7, every: 0, advice: false };
  const table: [schedule: object, evaluation: object, prompts: number][] = [
    [{}, {}, 240 + 2 * 42],
    [{ adviceEvery: 4 }, {}, 80 + 2 * 42],
    [{ teacherOff: 0.5 }, {}, 120 + 2 * 42],
    [{ adviceCalls: 9 }, {}, 9 + 2 * 42],
    [{ iterations: 0 }, { every: 1 }, 2 * 42],
    [{}, { every: 3 }, 240 + 5 * 42],
  ];
  for (const [changed, measured, prompts] of table) {
    const ahead = promptsAhead({ ...schedule, ...changed }, { ...evaluation, ...measured }, 7);
    assert.equal(ahead, prompts);
  }
});

Deno.test("chat: questions that begin alike are asked one after another", () =>
  withServer(() => says("left"), async (baseUrl, seen) => {
    const prompt = "{observation}, {mission}";
    const teacher = await open(baseUrl, { prompt, concurrency: 1 });
    await teacher.advise(at(3, 1, 4, 2), "train");
    const asked = seen.map(({ question }) => question);
    assert.deepEqual(asked, [...asked].sort());
  }));
