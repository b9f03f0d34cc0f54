import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Clock, createContext } from "../../../core/kit/context.ts";
import type { TandemEvent } from "../../../core/stages/events.ts";
import type { PipelineDefinition } from "../../../core/pipeline/pipeline.ts";
import type { StepOfRun } from "../../../core/run/result.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import { bandit } from "../../../plugins/feedback/bandit.ts";
import { hindsightCredit } from "../../../plugins/feedback/hindsight_credit/mod.ts";
import { synthetic } from "../../../plugins/feedback/synthetic.ts";
import { verbal } from "../../../plugins/feedback/verbal.ts";
import { sandboxedRule } from "../../../runtimes/sandbox/rule.ts";
import type { SandboxLimits } from "../../../runtimes/sandbox/sandbox.ts";
import { withFolder } from "../../cli/command.ts";
import { stubEnv, stubPipeline } from "../../core/stubs.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const WIRING = { env: { envs: 1, actions: ["a"] }, candidates: ["a"] } as never;
const STEP = {
  advantages: new Float32Array(32),
  firsts: new Uint8Array(32),
  rollout: { guidance: [] },
  step: 0,
} as never;

/** What a pipeline of stubs tells of its feedback. */
async function feedbackOf(
  feedback: StageSpec<"feedback">,
  changes: Partial<PipelineDefinition> = {},
) {
  const events: TandemEvent[] = [];
  const schedule = { iterations: 2, envs: 3, steps: 4, ...changes.schedule };
  const pipeline = stubPipeline([], { env: stubEnv({ length: 3 }), feedback, schedule });
  const emit = (event: TandemEvent) => void events.push(event);
  const { states, verdicts, iterations } = await runPipeline(
    pipeline,
    createContext({ seed: 5, emit }),
  );
  const ledger = events.flatMap((event) => event.type === "ledger" ? event.rows : []);
  const warnings = events.flatMap((event) => event.type === "warning" ? event.message : []);
  return { ledger, verdicts, warnings, iterations, state: states.feedback };
}

/** Writes a rule whose module has these lines, and chooses it for the sandbox. */
async function withRule(
  { before = "", create = "", judge = "return good(now)", options = "{}", ...more }: Partial<
    Record<"before" | "create" | "judge" | "options" | "needs" | "state", string>
  >,
  work: (
    open: (limits?: SandboxLimits) => Promise<StageSpec<"feedback">>,
  ) => Promise<void>,
) {
  await withFolder(async (folder) => {
    const path = `${folder}/rule.ts`;
    await Deno.writeTextFile(
      path,
      `import { definePlugin, type JudgedStep, type Verdicts } from "@tandem/core";
       import * as v from "valibot";
       ${before}
       const good = ({ advantages: { length } }: JudgedStep, what = "good"): Verdicts => ({
         signs: new Int8Array(length).fill(1),
         strengths: new Float32Array(length).fill(1),
         words: () => what,
       });
       export default definePlugin({
         kind: "feedback", name: "rule", description: "A rule.", options: ${options},
         create(options: Record<string, unknown>, context) {
           ${create}
           return {
             judge(now: JudgedStep, before: JudgedStep) { ${judge} },
             ${more.needs === undefined ? "" : `needs: ${more.needs} as never,`}
             ${more.state === undefined ? "" : `save: () => (${more.state}) as never, load() {},`}
           };
         },
       });`,
    );
    await work((limits) => sandboxedRule(path, {}, limits));
  });
}

const RULES: readonly [path: string, stage: StageSpec<"feedback">][] = [
  ["plugins/feedback/synthetic.ts", synthetic()],
  ["plugins/feedback/bandit.ts", bandit()],
  ["plugins/feedback/verbal.ts", verbal()],
  ["plugins/feedback/hindsight_credit/mod.ts", hindsightCredit()],
];

for (const [path, stage] of RULES) {
  Deno.test(`sandboxedRule() gives the verdicts that ${path} gives outside, and its state`, async () => {
    for (const feedbackEvery of [1, 3, 4]) {
      const inside = await feedbackOf(await sandboxedRule(`${ROOT}${path}`), {
        schedule: { feedbackEvery },
      });
      const outside = await feedbackOf(stage, { schedule: { feedbackEvery } });
      // A rule without a state has one in the sandbox: whether it was ended.
      const state = outside.state ?? { json: { "no state": true } };
      assert.deepEqual(inside, { ...outside, state });
      assert.equal(inside.ledger.length, 8);
    }
  });
}

Deno.test("sandboxedRule() carries achievements in, and verdicts on steps of before out", async () => {
  const judge = `
    const { length } = now.advantages;
    const words = now.achieved!(0).join() + ";" + before.achieved?.(0).join();
    const verdict = { env: 1, sign: 1 as const, strength: 0.5, words, right: [1], mission: "run" };
    return {
      ...good(now), right: Array.from({ length }, (_, i) => i ? [0, 1] : undefined),
      earlier: seen++ < 2 ? [] : [{ stepsAgo: 2, ...verdict }],
    };`;
  await withRule(
    { create: "let seen = 0;", judge, needs: "{ achievements: true, past: 9 }" },
    async (open) => {
      const rule = await (await open()).create(createContext({ seed: 3 }), WIRING);
      assert.deepEqual(rule.needs, { achievements: true, past: 9 });
      const step = { ...STEP as object, achieved: (i: number) => i === 0 ? ["a", "b"] : [] };
      const verdicts = [0, 1, 2].map(() => rule.judge({ ...step } as never, { ...step } as never));
      assert.deepEqual(verdicts.map(({ earlier }) => earlier), [[], [], [{
        ...{ stepsAgo: 2, env: 1, sign: 1, strength: 0.5, words: "a,b;a,b", right: [1] },
        mission: "run",
      }]]);
      assert.deepEqual(verdicts[0]!.right!.slice(0, 2), [undefined, [0, 1]]);
    },
  );
});

Deno.test("sandboxedRule() goes on from a saved state", async () => {
  const context = createContext({ seed: 3 });
  const stage = await sandboxedRule(`${ROOT}plugins/feedback/synthetic.ts`);
  const [one, other] = [await stage.create(context, WIRING), await stage.create(context, WIRING)];
  one.judge(STEP, STEP);
  await other.load!(await one.save!());
  const verdicts = [one, other].map((rule) => [...rule.judge(STEP, STEP).signs]);
  assert.deepEqual(verdicts[0], verdicts[1]);
  assert.equal(new Set(verdicts[0]).size, 2);
});

/** Enough to load a rule; the clock is left out, so that a busy machine changes nothing. */
const PAST = /ran past its limit of 3000 ticks/;
const LIMITS = { ticks: 3000, memory: 16, seconds: Infinity };
const BAD: readonly [what: string, rule: Record<string, string>, reason: RegExp][] = [
  [
    "loops for ever",
    { judge: "for (;;);" },
    /ran past its limit of 3000 ticks \(an endless loop\?\)/,
  ],
  [
    "catches its end",
    { judge: "for (;;) try { for (;;); } catch {}" },
    /ran past its limit of 3000/,
  ],
  [
    "loops within the engine",
    { judge: "return Array.prototype.includes.call({ length: 2 ** 53 }, 1) && good(now);" },
    /ran past its limit of 3000/,
  ],
  // Loops of the engine's own functions: no jump of the rule's.
  ["fills", { judge: "const a = new Uint8Array(1 << 22); for (;;) a.fill(1);" }, PAST],
  [
    "searches lists",
    { judge: "for (;;) [].includes.call({ length: 1 << 24 }, 1 as never);" },
    PAST,
  ],
  ["searches text", { judge: 'const s = "a".repeat(1 << 20); for (;;) s.indexOf("b");' }, PAST],
  [
    "searches long needles",
    { judge: 'const s = "a".repeat(1 << 20); s.indexOf("a".repeat(1 << 19) + "b");' },
    PAST,
  ],
  ["splits", { judge: 'const s = "ab".repeat(1 << 15); for (;;) s.split("b");' }, PAST],
  [
    "sorts",
    { judge: "const a = new Float64Array(1 << 17); for (;;) a.sort((x, y) => y - x);" },
    PAST,
  ],
  [
    "sorts by itself",
    {
      judge: "const a = Array.from({ length: 1 << 16 }, (_, i) => String(-i)); for (;;) a.sort();",
    },
    PAST,
  ],
  ["multiplies", { judge: "let x = 3n; for (;;) x *= x;" }, PAST],
  ["raises to powers", { judge: "for (;;) 3n ** 200000n;" }, PAST],
  ["writes large numbers", { judge: "for (;;) String(1n << 400000n);" }, PAST],
  ["parses", { judge: 'const s = "[" + "1,".repeat(1e5) + "1]"; for (;;) JSON.parse(s);' }, PAST],
  ["normalises", { judge: 'const s = "\\u0344".repeat(1e5); for (;;) s.normalize("NFC");' }, PAST],
  ["matches for ever", { judge: '/^(a+)+$/.test("a".repeat(40) + "b");' }, PAST],
  [
    "copies within",
    { judge: "const a = new Uint8Array(1 << 22); for (;;) a.copyWithin(1, 0);" },
    PAST,
  ],
  ["copies", { judge: "const a = new Uint8Array(1 << 21); for (;;) a.slice();" }, PAST],
  [
    "asks for memory again and again",
    { judge: "for (;;) try { new Uint8Array(1e9); } catch {}" },
    PAST,
  ],
  ["calls proxies of proxies", {
    judge:
      "let p = {}; for (let i = 0; i < 1e4; i++) p = new Proxy(p, {}); for (;;) Reflect.get(p, 'x');",
  }, /ran past|failed: stack overflow|itself too deeply/],
  ["speaks for ever", { judge: "return { ...good(now), words: () => { for (;;); } };" }, PAST],
  ["loops while it is read", {
    judge: "return { ...good(now), get signs(): never { for (;;); } };",
  }, PAST],
  ["loops while its error is read", {
    judge: "throw { get message() { for (;;); } };",
  }, PAST],
  ["throws nothing", { judge: "throw undefined;" }, /failed: undefined;/],
  ["throws a text", { judge: 'throw "just a text";' }, /failed: just a text;/],
  ["throws a symbol", { judge: "throw Symbol('x');" }, /failed: Symbol\(x\);/],
  [
    "throws what throws",
    { judge: "throw { get message() { throw 1; } };" },
    /failed: it threw something that cannot be read;/,
  ],
  [
    "throws no message",
    { judge: "throw { message: { toString: 1 } };" },
    /failed: it threw something that cannot be read;/,
  ],
  [
    "speaks to the terminal",
    { judge: 'throw new Error("\\x1b]0;owned\\x07\\x1b[2J");' },
    /failed: \\x1b\]0;owned\\x07\\x1b\[2J;/,
  ],
  [
    "claims a code",
    { judge: 'throw Object.assign(new Error("no disk"), { code: "E_DISK" });' },
    /: no/,
  ],
  [
    "gives marks in place of lists",
    { judge: 'return { ...good(now), signs: { $: ["Int8Array", 1e9, 5] } as never };' },
    /gave no Int8Array of 3 signs/,
  ],
  [
    "gives words that are none",
    { judge: "return { ...good(now), words: () => ({ toString: 1 }) as never };" },
    /gave words that are no text/,
  ],
  [
    "gives signs of its own",
    { judge: "return { ...good(now), signs: new Int8Array(3).fill(7) };" },
    /gave a sign that is none of -1, 0 and 1/,
  ],
  [
    "gives no number",
    { judge: "return { ...good(now), strengths: new Float32Array(3).fill(NaN) };" },
    /gave a strength that is no number from 0 on/,
  ],
  [
    "gives a number below 0",
    { judge: "return { ...good(now), strengths: new Float32Array(3).fill(-1) };" },
    /gave a strength that is no number from 0 on/,
  ],
  [
    "gives a ring",
    {
      judge:
        "const ring: Record<string, unknown> = {}; ring.r = ring; return { ...good(now), signs: ring as never };",
    },
    /failed: more than 64 levels cannot cross/,
  ],
  ["wants what there is not", { needs: "5" }, /asks for evidence that there is not/],
  ["wants a list", { needs: '["counterfactual", "__proto__", 7]' }, /asks for evidence/],
  [
    "wants too much",
    { needs: "{ counterfactual: { horizon: 1e9, discount: 1 } }" },
    /asks for evidence that there is not: right would be/,
  ],
  ["saves a text", { state: '"junk"' }, /saved no state/],
  ["saves no arrays", { state: '{ json: 1, arrays: { "../../x": 5 } }' }, /saved no state/],
  ["saves a list of arrays", { state: "{ json: 1, arrays: [1, 2] }" }, /saved no state/],
  ["saves nothing", { state: "null" }, /saved no state/],
  [
    "saves another shape",
    { state: "{ json: 1, arrays: { a: { shape: [3], data: new Float32Array(2) } } }" },
    /saved no state/,
  ],
  ["saves too much", { state: "{ json: 'x'.repeat(2 ** 23 + 1) }" }, /more than|its 16 MiB/],
  [
    "hoards memory",
    { judge: "const all = []; for (;;) all.push(new Float64Array(1e4).fill(all.length));" },
    /more than its 16 MiB/,
  ],
  ["asks for too much at once", { judge: "new Uint8Array(1e9);" }, /more than its 16 MiB/],
  [
    "recurses for ever",
    { judge: "const f = (): number => 1 + f(); f();" },
    /failed: stack overflow/,
  ],
  ["throws", { judge: "throw new Error('no idea');" }, /failed: no idea/],
  ["gives nothing", { judge: "return undefined as never;" }, /failed: /],
  [
    "gives too few verdicts",
    { judge: "return { ...good(now), signs: new Int8Array(1) };" },
    /gave no Int8Array of 3 signs/,
  ],
  [
    "gives another kind of verdicts",
    { judge: "return { ...good(now), strengths: [1, 1, 1] as never };" },
    /gave no Float32Array of 3 strengths/,
  ],
  ["loops when it is made", { create: "for (;;);" }, /ran past its limit/],
  ["asks the time", { judge: "return good(now, String(Date.now()));" }, /no clock in the sandbox/],
  ["asks the date", { judge: "return good(now, String(new Date()));" }, /no clock in the sandbox/],
  ["rolls dice", { judge: "return good(now, String(Math.random()));" }, /no chance but that of/],
];

for (const [what, rule, reason] of BAD) {
  Deno.test(`a sandboxed rule that ${what} abstains after one warning, and the run goes on`, async () => {
    await withRule(rule, async (open) => {
      const { warnings, verdicts, iterations } = await feedbackOf(await open(LIMITS));
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, reason);
      assert.match(
        warnings[0]!,
        /^The sandboxed rule ".*rule\.ts" .*; the run goes on and the rule/,
      );
      // A state is asked for at the end, when all is said.
      const said = rule.state === undefined ? 0 : 24;
      assert.deepEqual(verdicts, { positive: said, negative: 0, abstained: 24 - said });
      assert.equal(iterations, 2);
    });
  });
}

Deno.test("a sandboxed rule reaches nothing of the host", async () => {
  const names = ["Deno", "process", "fetch", "console", "setTimeout", "require", "performance"];
  const judge = `return good(now, ${JSON.stringify(names)}.map((name) =>
    typeof (globalThis as Record<string, unknown>)[name]).join());`;
  await withRule({ judge }, async (open) => {
    const { ledger } = await feedbackOf(await open());
    assert.equal(ledger[0]!.words, names.map(() => "undefined").join());
  });
});

Deno.test("a sandboxed rule draws from the run's own streams", async () => {
  const create = `const random = context.random("feedback");`;
  const judge = "return good(now, String(random.random()));";
  await withRule({ create, judge }, async (open) => {
    const { ledger, warnings } = await feedbackOf(await open());
    assert.deepEqual(warnings, []);
    const random = createContext({ seed: 5 }).random("feedback");
    assert.equal(ledger[0]!.words, String(random.random()));
  });
});

const REFUSED: readonly [what: string, rule: Record<string, string>, code: string, why: RegExp][] =
  [
    ["loops while it is loaded", { before: "for (;;);" }, "E_PLUGIN", /ran past its limit/],
    ["waits while it is loaded", { before: "await 0;" }, "E_PLUGIN", /waits while it is loaded/],
    [
      "is no TypeScript",
      { before: "const const = 1;" },
      "E_PLUGIN",
      /cannot be read as TypeScript/,
    ],
    [
      "imports node",
      { before: 'import "node:fs";' },
      "E_PLUGIN",
      /"node:fs" cannot be imported in/,
    ],
    ["imports the web", { before: 'import "https://x.y/z.ts";' }, "E_PLUGIN", /cannot be imported/],
    ["imports JSON", { before: 'import x from "./x.json";' }, "E_PLUGIN", /cannot be imported/],
    ["imports what is above it", { before: 'import "../x.ts";' }, "E_PLUGIN", /cannot be imported/],
    ["imports what is not there", { before: 'import "./x.ts";' }, "E_PLUGIN", /There is no module/],
    [
      "is nested deeply",
      { before: `export const x = ${"(".repeat(1100)}1${")".repeat(1100)};` },
      "E_PLUGIN",
      /brackets, more than 1000, too much TypeScript/,
    ],
    [
      "is one long expression",
      { before: `export const x = 1${"+1".repeat(2e5)};` },
      "E_PLUGIN",
      /words and signs, more than 4000/,
    ],
    [
      "makes its types be guessed",
      { before: `export const x = ${"<T>(".repeat(40)}1${")".repeat(40)};` },
      "E_PLUGIN",
      /40 "<" before no name, more than 12/,
    ],
    [
      "throws while it is loaded",
      { before: "throw { get message() { for (;;); } };" },
      "E_PLUGIN",
      /ran past its limit of 3000 ticks/,
    ],
    [
      "fills while it is loaded",
      { before: "const a = new Uint8Array(1 << 22); for (;;) a.fill(1);" },
      "E_PLUGIN",
      /ran past its limit of 3000 ticks/,
    ],
    ["misses an option", { options: "{ margin: v.number() }" }, "E_OPTION", /"margin" of feedback/],
  ];

for (const [what, rule, code, message] of REFUSED) {
  Deno.test(`sandboxedRule() refuses a rule that ${what}`, async () => {
    await withRule(rule, async (open) => {
      await assert.rejects(open(LIMITS), { code, message });
    });
  });
}

Deno.test("sandboxedRule() refuses other kinds and modules without a plugin", async () => {
  await assert.rejects(sandboxedRule(`${ROOT}plugins/advantage/td_error.ts`), {
    code: "E_SLOT",
    message: /is a plugin of the stage advantage; the sandbox is for feedback rules/,
  });
  await assert.rejects(sandboxedRule(`${ROOT}core/base/errors.ts`), {
    code: "E_PLUGIN",
    message: /it exports no plugin/,
  });
});

Deno.test("a sandboxed stage is written to JSON under its path and takes other options", async () => {
  const path = `${ROOT}plugins/feedback/verbal.ts`;
  const stage = (await sandboxedRule(path)).with({ margin: 0.5 });
  assert.deepEqual(stage.toJSON(), { plugin: path, options: { margin: 0.5 } });
  assert.throws(() => stage.with({ margn: 1 }), { code: "E_OPTION", message: /"margin"\?/ });
});

const SWAPS = [
  'JSON.stringify = (() => "[".repeat(5e5)) as never;',
  'JSON.stringify = (() => "not json") as never;',
  "JSON.parse = (() => ({})) as never;",
  "Object.keys = (() => []) as never;",
  "Reflect.apply = (() => 1) as never;",
  "Array.isArray = (() => false) as never;",
  "Uint8Array.prototype.set = (() => {}) as never;",
  "String.prototype.slice = (() => { for (;;); }) as never;",
  "Array.prototype[Symbol.iterator] = (() => { throw 1; }) as never;",
  'Object.defineProperty(Object.prototype, "$", { get() { throw 1; }, set() {} });',
];

Deno.test("a sandboxed rule that changes what the language is made of changes no answer", async () => {
  for (const before of SWAPS) {
    await withRule({ judge: `${before} return good(now);` }, async (open) => {
      const { warnings, verdicts } = await feedbackOf(await open(LIMITS));
      const { positive, abstained } = verdicts;
      // It says what it said, or it has broken itself from some step on: nothing else.
      assert.equal(positive + abstained, 24, before);
      assert.equal(warnings.length, abstained > 0 ? 1 : 0, before);
    });
  }
});

Deno.test("a sandboxed rule's words are cut and shown without commands", async () => {
  const judge = String.raw`return good(now, "\x1b[2J" + "w".repeat(1e6));`;
  await withRule({ judge }, async (open) => {
    const { ledger, warnings } = await feedbackOf(await open());
    assert.deepEqual(warnings, []);
    assert.match(ledger[0]!.words, /^\\x1b\[2Jw+…$/);
    assert.equal(ledger[0]!.words.length, 1000);
  });
});

Deno.test("a sandboxed rule tells whether its verdicts compare with the token before", async () => {
  const judge = "return { ...good(now), comparesWithBefore: true };";
  await withRule({ judge }, async (open) => {
    const rule = await (await open()).create(createContext({ seed: 1 }), WIRING);
    assert.equal(rule.judge(STEP, STEP).comparesWithBefore, true);
  });
});

Deno.test("a sandboxed rule that was ended stays so when the run goes on, until it is changed", async () => {
  const rule = { judge: "throw new Error('no idea');" };
  await withRule(rule, async (open) => {
    const stage = await open();
    const make = () => stage.create(createContext({ seed: 1 }), WIRING);
    const [ended, resumed] = [await make(), await make()];
    ended.judge(STEP, STEP);
    const state = await ended.save!();
    await resumed.load!(state);
    assert.deepEqual([...resumed.judge(STEP, STEP).signs], Array(32).fill(0));
    await withRule({}, async (openOther) => {
      const changed = await (await openOther()).create(createContext({ seed: 1 }), WIRING);
      await changed.load!(state);
      assert.deepEqual([...changed.judge(STEP, STEP).signs], Array(32).fill(1));
    });
  });
});

Deno.test("a sandboxed rule that the clock ends is told with its step, and the run repeated from that", async () => {
  const rule = { before: "let calls = 0;", judge: "if (++calls > 2) for (;;); return good(now);" };
  await withRule(rule, async (open) => {
    const feedback = await open({ ticks: 1e9, memory: 16, seconds: 500 });
    const slow = await recorded(feedback, leaping());
    assert.deepEqual(slow.ended, [{ type: "feedback.ended", iteration: 1, step: 2 }]);
    assert.deepEqual(slow.result.endedByMachine, { iteration: 1, step: 2 });
    assert.equal(slow.warnings.length, 1);
    assert.match(slow.warnings[0]!, /took longer than 500 s, before its ticks were used up/);
    assert.deepEqual(slow.result.verdicts, { positive: 6, negative: 0, abstained: 18 });
    // A machine of any speed comes to the same where it abstains there.
    const again = await recorded(feedback, leaping(), { iteration: 1, step: 2 });
    assert.deepEqual(again.warnings, []);
    assert.deepEqual(again.ledger, slow.ledger);
  });
});

/** A clock that a second passes on whenever it is looked at. */
function leaping(): Clock {
  let time = 0;
  return { now: () => time += 1000, sleep: () => Promise.resolve() };
}

async function recorded(feedback: StageSpec<"feedback">, clock: Clock, abstainFrom?: StepOfRun) {
  const events: TandemEvent[] = [];
  const schedule = { iterations: 2, envs: 3, steps: 4 };
  const pipeline = stubPipeline([], { env: stubEnv({ length: 3 }), feedback, schedule });
  const emit = (event: TandemEvent) => void events.push(event);
  const context = createContext({ seed: 5, emit, clock });
  const result = await runPipeline(pipeline, context, { abstainFrom });
  return {
    result,
    ended: events.filter(({ type }) => type === "feedback.ended"),
    warnings: events.flatMap((event) => event.type === "warning" ? event.message : []),
    ledger: events.flatMap((event) => event.type === "ledger" ? event.rows : []),
  };
}
