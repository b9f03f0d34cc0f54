import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import { callTree, type CpuProfile } from "../../../lab/profile/calls.ts";
import {
  millisecondsByWork,
  profileRows,
  profileTable,
  type Timeline,
  workAt,
} from "../../../lab/profile/profile.ts";
import { WorkSpans } from "../../../lab/profile/spans.ts";
import pipeline from "../../cli/corridor.ts";
import { runPipeline } from "../../../core/run/scheduler.ts";

// Measuring to 10, an iteration that does not count to 20, one that does to 40, measuring to 50.
const TIMELINE: Timeline = {
  spans: [
    { work: "env", from: 2, to: 8 },
    { work: "learning", from: 12, to: 18 },
    { work: "acting", from: 21, to: 24 },
    { work: "env", from: 25, to: 26 },
    { work: "learning", from: 30, to: 39 },
  ],
  iterations: [{ from: 20, to: 40 }],
  measuring: [{ from: 0, to: 10 }, { from: 40, to: 50 }],
};

Deno.test("millisecondsByWork() counts the iterations that count, and measuring apart", () => {
  const found = millisecondsByWork(TIMELINE);
  assert.deepEqual(found, {
    env: 1,
    teacher: 0,
    acting: 3,
    learning: 9,
    judging: 0,
    extras: 0,
    measuring: 20,
    rest: 7,
  });
});

Deno.test("workAt() knows what was done at a moment", () => {
  const moments = [5, 15, 20.5, 22, 25.5, 29, 38, 45, 60];
  assert.deepEqual(moments.map((moment) => workAt(TIMELINE, moment)), [
    "measuring",
    undefined,
    "rest",
    "acting",
    "env",
    "rest",
    "learning",
    "measuring",
    undefined,
  ]);
});

Deno.test("profileRows() gives milliseconds an iteration, shares and microseconds a step", () => {
  const rows = profileRows(millisecondsByWork(TIMELINE), { iterations: 2, steps: 10 });
  const learning = rows.find(({ name }) => name === "student, learning")!;
  assert.deepEqual(learning, {
    name: "student, learning",
    milliseconds: 4.5,
    share: 9 / 40,
    microseconds: 450,
  });
  assert.ok(!rows.some(({ name }) => name === "extra stages"));
  assert.match(profileTable(rows), /\nall +20\.00 +100\.0 % +2000\.00$/);
});

/** A profile of "(root)" with one call under another, sampled each millisecond. */
function profileOf(names: readonly string[], samples: readonly number[]): CpuProfile {
  return {
    startTime: 0,
    nodes: names.map((functionName, k) => ({
      id: k + 1,
      callFrame: { functionName, url: k === 0 ? "" : `file:///at/${k}.ts`, lineNumber: k },
      children: k + 1 < names.length ? [k + 2] : [],
    })),
    samples,
    timeDeltas: samples.map(() => 1000),
  };
}

Deno.test("callTree() puts functions under the stage on the stack, others by the moment", () => {
  const profile = profileOf(["(root)", "iterate", "workOfEnv", "step"], [4, 4, 2, 4]);
  const root = callTree(profile, {
    workAt: (moment) => moment > 3.5 ? undefined : "learning",
    nameOf: (url) => url.replace("file:///at/", ""),
  });
  assert.equal(root.milliseconds, 3);
  const show = ({ name, place, milliseconds, calls }: typeof root): unknown => [
    [name, place, milliseconds].join(" ").trim(),
    ...[...calls.values()].map(show),
  ];
  assert.deepEqual(show(root), [
    "all  3",
    ["env  2", ["step 3.ts:4 2"]],
    ["student, learning  1", ["iterate 1.ts:2 1"]],
  ]);
});

Deno.test("WorkSpans.watch() sees every stage work and leaves the run as it is", async () => {
  const run = async (watch?: WorkSpans) => {
    const context = createContext({ seed: 1, device: "cpu" });
    return await runPipeline(watch ? watch.watch(pipeline) : pipeline, context);
  };
  const watch = new WorkSpans(createContext({ seed: 0 }).clock);
  const [plain, watched] = [await run(), await run(watch)];
  assert.deepEqual(watched.states, plain.states);
  const seen = new Set(watch.spans.map(({ work }) => work));
  assert.deepEqual([...seen].sort(), ["acting", "env", "judging", "learning", "teacher"]);
  for (const [k, { from, to }] of watch.spans.entries()) {
    assert.ok(from <= to && from >= (watch.spans[k - 1]?.to ?? 0), "one after the other");
  }
});
