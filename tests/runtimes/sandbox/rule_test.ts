import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createContext } from "../../../core/context.ts";
import type { TandemEvent } from "../../../core/events.ts";
import type { PipelineDefinition } from "../../../core/pipeline.ts";
import { runPipeline } from "../../../core/scheduler.ts";
import type { Stage } from "../../../core/plugin.ts";
import { bandit } from "../../../plugins/feedback/bandit.ts";
import { synthetic } from "../../../plugins/feedback/synthetic.ts";
import { verbal } from "../../../plugins/feedback/verbal.ts";
import { sandboxedRule } from "../../../runtimes/sandbox/rule.ts";
import { withFolder } from "../../cli/command.ts";
import { stubEnv, stubPipeline } from "../../core/stubs.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** What a pipeline of stubs tells of its feedback. */
async function feedbackOf(feedback: Stage<"feedback">, changes: Partial<PipelineDefinition> = {}) {
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
  { before = "", create = "", judge = "return good(now)", options = "{}" },
  work: (
    open: (limits?: { ticks: number; memory: number }) => Promise<Stage<"feedback">>,
  ) => Promise<void>,
) {
  await withFolder(async (folder) => {
    const path = `${folder}/rule.ts`;
    await Deno.writeTextFile(
      path,
      `import { definePlugin, type Moment, type Verdicts } from "@tandem/tandem";
       import * as v from "valibot";
       ${before}
       const good = ({ advantages: { length } }: Moment, what = "good"): Verdicts => ({
         signs: new Int8Array(length).fill(1),
         strengths: new Float32Array(length).fill(1),
         words: () => what,
       });
       export default definePlugin({
         kind: "feedback", name: "rule", description: "A rule.", options: ${options},
         create(options: Record<string, unknown>, context) {
           ${create}
           return { judge(now: Moment, before: Moment) { ${judge} } };
         },
       });`,
    );
    await work((limits) => sandboxedRule(path, {}, limits));
  });
}

const RULES: readonly [path: string, stage: Stage<"feedback">][] = [
  ["plugins/feedback/synthetic.ts", synthetic()],
  ["plugins/feedback/bandit.ts", bandit()],
  ["plugins/feedback/verbal.ts", verbal()],
];

for (const [path, stage] of RULES) {
  Deno.test(`sandboxedRule() gives the verdicts that ${path} gives outside, and its state`, async () => {
    for (const feedbackEvery of [1, 3, 4]) {
      const inside = await feedbackOf(await sandboxedRule(`${ROOT}${path}`), {
        schedule: { feedbackEvery },
      });
      const outside = await feedbackOf(stage, { schedule: { feedbackEvery } });
      assert.deepEqual(inside, outside);
      assert.equal(inside.ledger.length, 8);
    }
  });
}

Deno.test("sandboxedRule() goes on from a saved state", async () => {
  const context = createContext({ seed: 3 });
  const wiring = { env: { envs: 1, actions: ["a"] }, candidates: ["a"] } as never;
  const stage = await sandboxedRule(`${ROOT}plugins/feedback/synthetic.ts`);
  const moment = {
    advantages: new Float32Array(32),
    firsts: new Uint8Array(32),
    rollout: { guidance: [] },
    step: 0,
  } as never;
  const [one, other] = [await stage.create(context, wiring), await stage.create(context, wiring)];
  one.judge(moment, moment);
  await other.load!(await one.save!());
  const verdicts = [one, other].map((rule) => [...rule.judge(moment, moment).signs]);
  assert.deepEqual(verdicts[0], verdicts[1]);
  assert.equal(new Set(verdicts[0]).size, 2);
});

const LIMITS = { ticks: 300, memory: 16 };
const BAD: readonly [what: string, rule: Record<string, string>, reason: RegExp][] = [
  [
    "loops for ever",
    { judge: "for (;;);" },
    /ran past its limit of 300 ticks \(an endless loop\?\)/,
  ],
  [
    "catches its end",
    { judge: "for (;;) try { for (;;); } catch {}" },
    /ran past its limit of 300/,
  ],
  [
    "loops within the engine",
    { judge: "return Array.prototype.includes.call({ length: 2 ** 53 }, 1) && good(now);" },
    /failed: an array is too long for the sandbox/,
  ],
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
      assert.deepEqual(verdicts, { positive: 0, negative: 0, abstained: 24 });
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
  await assert.rejects(sandboxedRule(`${ROOT}core/errors.ts`), {
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
