import assert from "node:assert/strict";
import { labelProbabilities, readLogProbs } from "../../../../../plugins/teacher/chat/logprobs.ts";
import { at, listener, open, withServer } from "../server.ts";
import { answerIn, type Dialect, DIALECTS } from "./dialects.ts";

type Options = Parameters<typeof open>[1];

/** What a teacher that asks a server of a dialect says, and what is told of it. */
async function asks(dialect: Dialect, options: Options) {
  const { emit, messages } = listener();
  let found: { row: number[]; choice: number; usage: object; notes: string[] } | undefined;
  await withServer(({ body }) => answerIn(dialect, body), async (baseUrl) => {
    const teacher = await open(baseUrl, { confidence: 0.75, ...options }, { emit });
    const { distribution, choices } = await teacher.advise(at(0), "train");
    const row = [...distribution].map((p) => Math.round(1000 * p) / 1000);
    const notes = messages().map((message) => message.replace(baseUrl, "SERVER"));
    const { answeredBy = {}, elsewhere = 0 } = teacher.usage();
    const usage = { ...answeredBy, elsewhere: Math.round(1000 * elsewhere) / 1000 };
    found = { row, choice: choices[0]!, usage, notes };
  }, true);
  return found!;
}

/** p(left) = 0.2 and p(right) = 0.6 of all that is likely: 0.25 and 0.75 of the candidates. */
const WHOLE = [0.25, 0.75];

const NO_LOGPROBS = '"logprobs" is not taken: it gives no log-probabilities, though asked';
const BESIDE = "is not taken: it answers something else than may be,";
const REFUSED = 'is not taken: it is refused, "Unrecognized request argument supplied:';

/** By dialect: the method that is taken, and why no better one is. */
const FOUND: Record<keyof typeof DIALECTS, readonly [method: string, ...faults: string[]]> = {
  openai: ["logprobs"],
  ollama: ["enum", NO_LOGPROBS],
  "ollama cloud": [
    ...["text", NO_LOGPROBS, `"enum" ${BESIDE} "left"`] as const,
    ...[`"guided-choice" ${BESIDE} "left"`, `"grammar" ${BESIDE} "left"`],
  ],
  vllm: ["logprobs"],
  "vllm of old": ["logprobs"],
  "vllm that ignores guided_choice": [
    ...["text", '"logprobs" is not taken: its log-probabilities have a form that is not known'],
    ...[
      `"enum" ${BESIDE} "left"`,
      `"guided-choice" ${BESIDE} "left"`,
      `"grammar" ${BESIDE} "left"`,
    ],
  ] as [string, ...string[]],
  "llama.cpp": ["logprobs"],
  "llama.cpp of old": ["logprobs"],
  "llama.cpp without n_probs": [
    ...["grammar", NO_LOGPROBS, `"enum" ${BESIDE} "left"`] as const,
    `"guided-choice" ${BESIDE} "left"`,
  ],
  "LM Studio": ["enum", NO_LOGPROBS],
  azure: ["logprobs"],
  "a reasoning model": ["enum", `"logprobs" ${REFUSED} logprobs"`],
};

Deno.test("chat: each dialect's best method is found by tests, with a sentence on what fails", async () => {
  for (const [name, [method, ...faults]] of Object.entries(FOUND)) {
    const dialect = DIALECTS[name as keyof typeof DIALECTS];
    const { row, choice, usage, notes } = await asks(dialect, { method: "auto" });
    const asked = `The chat server "SERVER" is asked by teacher.method="${method}"`;
    assert.deepEqual(notes, [`${[asked, ...faults].join("; ")}.`], name);
    assert.equal(choice, 1, name);
    assert.deepEqual(row, method === "logprobs" ? WHOLE : [0.25, 0.75], name);
    const elsewhere = method === "logprobs" ? 0.2 : 0;
    assert.deepEqual(usage, { [method]: 1, elsewhere }, name);
  }
});

Deno.test("chat: a method that is named is taken where the server keeps to it", async () => {
  const cases: [dialect: Dialect, method: string, row: number[]][] = [
    [DIALECTS.openai, "enum", [0.25, 0.75]],
    [DIALECTS.vllm, "guided-choice", [0.25, 0.75]],
    [DIALECTS["vllm of old"], "guided-choice", [0.25, 0.75]],
    [DIALECTS["llama.cpp"], "grammar", [0.25, 0.75]],
    // Ten draws: two say left, six right, and two name none.
    [DIALECTS.openai, "samples", WHOLE],
    [DIALECTS.ollama, "samples", [0, 1]],
    [DIALECTS.openai, "text", [0.25, 0.75]],
  ];
  for (const [dialect, method, row] of cases) {
    const found = await asks(dialect, { method: method as "text", samples: 10 });
    assert.deepEqual(found.row, row, method);
    assert.equal(Object.keys(found.usage)[0], method);
  }
});

Deno.test("chat: a method that is named and not served ends the run before its first question", async () => {
  const ending = asks(DIALECTS.ollama, { method: "logprobs" });
  await assert.rejects(ending, (error: Error & { code: string }) => {
    assert.equal(error.code, "E_TEACHER");
    assert.match(
      error.message,
      /^The chat server "[^"]*" is asked by teacher\.method="text"; "logprobs" is not taken: it gives no log-probabilities, though asked\. Right would be teacher\.method="auto"/,
    );
    return true;
  });
  const { usage } = await asks(DIALECTS.ollama, { method: "logprobs", required: false });
  assert.deepEqual(usage, { text: 1, elsewhere: 0 });
});

Deno.test("chat: at a temperature one asked distribution is drawn from, again after a resume", () =>
  withServer(({ body }) => answerIn(DIALECTS.openai, body), async (baseUrl, seen) => {
    const options = { method: "auto", temperature: 0.5 } as const;
    const teacher = await open(baseUrl, options);
    const many = at(...new Array(64).fill(3));
    const first = await teacher.advise(many, "train");
    // 0.25 and 0.75 squared: 1 to 9.
    assert.ok(Math.abs(first.distribution[0]! - 0.1) < 1e-6);
    const lefts = first.choices.filter((choice) => choice === 0).length;
    assert.ok(lefts > 0 && lefts < 20, `${lefts}`);
    for (const [i, choice] of first.choices.entries()) {
      assert.ok(Math.abs(first.logProbs[i]! - Math.log(choice === 0 ? 0.1 : 0.9)) < 1e-6);
    }
    assert.equal(seen.length, 3, "a test, a test of what the server can do, and one question");
    const saved = JSON.parse(JSON.stringify(await teacher.save!()));
    const next = await teacher.advise(many, "train");
    const other = await open(baseUrl, options);
    await other.load!(saved);
    assert.deepEqual([...(await other.advise(many, "train")).choices], [...next.choices]);
    assert.equal(seen.length, 4, "what was found out is in the checkpoint");
    assert.deepEqual([...(await other.advise(at(3), "evaluate")).choices], [1]);
  }, true));

Deno.test("chat: each question that is asked anew has a seed of its own, which the run's seed gives", () =>
  withServer(({ body }) => answerIn(DIALECTS.openai, body), async (baseUrl, seen) => {
    const seeds = async (seed: number) => {
      const teacher = await open(baseUrl, { temperature: 1 }, { seed });
      seen.length = 0;
      await teacher.advise(at(2, 1, 2), "train");
      await teacher.advise(at(5), "evaluate");
      return seen.map(({ body }) => (body as unknown as { seed: number }).seed);
    };
    const drawn = await seeds(0);
    assert.equal(new Set(drawn).size, 4);
    assert.ok(drawn.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31));
    assert.deepEqual((await seeds(0)).sort(), drawn.sort());
  }));

Deno.test("chat: a server that drops log-probabilities later is warned of once", () =>
  withServer(({ body }, n) => {
    const { logprobs: _, ...rest } = body as unknown as { logprobs: boolean };
    return answerIn(DIALECTS.openai, n < 2 ? body : rest);
  }, async (baseUrl) => {
    const { emit, messages } = listener();
    const teacher = await open(baseUrl, { method: "logprobs" }, { emit });
    const { choices } = await teacher.advise(at(1, 2), "train");
    assert.deepEqual([...choices], [1, 1], "the letter itself is read");
    assert.match(messages()[1]!, /does not keep to teacher\.method="logprobs" any more/);
    assert.equal(messages().length, 2);
    assert.deepEqual(teacher.usage().answeredBy, { text: 2 });
  }, true));

Deno.test("chat: the candidates stand behind letters where log-probabilities are read", () =>
  withServer(({ body }) => answerIn(DIALECTS.openai, body), async (baseUrl, seen) => {
    const own = await open(baseUrl, {
      method: "logprobs",
      system: "Be kind.",
      prompt: "{mission}?",
    });
    await own.advise(at(0), "train");
    const [system, user] = seen.at(-1)!.body.messages;
    assert.match(system!.content, /^Be kind\.\nAnswer with the letter/);
    assert.equal(user!.content, "Candidates: A: left, B: right\nwait?");
  }, true));

Deno.test("labelProbabilities() reads the answer's place alone, behind thoughts the last", () => {
  const place = (token: string, ...likely: [string, number][]) => ({
    token,
    likely: likely.map(([each, p]) => [each, Math.log(p)] as const),
  });
  const [a, b] = [place("A", ["A", 0.5], ["B", 0.5]), place(" B", [" B", 0.9], ["▁A", 0.1])];
  const first = (...places: Parameters<typeof labelProbabilities>[0]) =>
    labelProbabilities(places, ["A", "B"])?.distribution.map((p) => Math.round(100 * p));
  assert.deepEqual(first(a, b), [50, 50]);
  assert.deepEqual(first(place(" ", ["A", 1]), b, a), [10, 90]);
  const thoughts = [place("<think>", ["<think>", 1]), a, place("</think>", ["</think>", 1])];
  assert.deepEqual(first(...thoughts, b), [10, 90]);
  assert.equal(first(place("I", ["I", 0.9], ["You", 0.1])), undefined);
  assert.equal(first(), undefined);
});

Deno.test("readLogProbs() takes no logarithm above 0, and minus a great number for never", () => {
  const content = (logprob: unknown) => ({
    content: [{
      token: "A",
      top_logprobs: [{ token: "A", logprob }, { token: "B", logprob: -9999 }],
    }],
  });
  assert.equal(readLogProbs(content(0.7)), undefined);
  assert.equal(readLogProbs(content("0")), undefined);
  assert.deepEqual(labelProbabilities(readLogProbs(content(0))!, ["A", "B"]), {
    distribution: [1, 0],
    elsewhere: 0,
  });
  assert.deepEqual(readLogProbs(null), []);
  assert.deepEqual(readLogProbs({ content: [] }), []);
});

Deno.test("chat: a run that is stopped while the server is tested tests it again when it is resumed", () => {
  const stop = new AbortController();
  return withServer(({ body }, n) => {
    if (n === 1) stop.abort();
    return answerIn(DIALECTS.openai, body);
  }, async (baseUrl) => {
    const teacher = await open(baseUrl, { method: "auto" }, { signal: stop.signal });
    assert.deepEqual([...(await teacher.advise(at(0), "train")).choices], [-1]);
    const other = await open(baseUrl, { method: "auto" });
    await other.load!(await teacher.save!());
    await other.advise(at(0), "train");
    assert.deepEqual(other.usage().answeredBy, { logprobs: 1 });
  }, true);
});
