/** Every number that an option takes has two ends, and what lies beyond is refused in a sentence. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type * as v from "valibot";
import { defaultsOf, type OptionsSchema, parseOptions } from "../../core/pipeline/options.ts";
import { createContext } from "../../core/kit/context.ts";
import { definePipeline } from "../../core/pipeline/pipeline.ts";
import { RolloutBuffer } from "../../core/kit/rollout_buffer.ts";
import { EVALUATION, SCHEDULE } from "../../core/pipeline/schedule.ts";
import { box } from "../../core/kit/spaces.ts";
import { PLUGIN_KINDS } from "../../core/stages/mod.ts";
import { ppoOptions } from "../../plugins/student/neural/ppo.ts";
import { bot, builtins, corridor, paper, qMinusV, tabularQ } from "../../plugins/mod.ts";

/** The tables of options of everything built in. */
const TABLES: [owner: string, schema: OptionsSchema][] = [
  ["schedule", SCHEDULE],
  ["evaluation", EVALUATION],
  ...PLUGIN_KINDS.flatMap((kind) =>
    Object.entries(builtins[kind]).map(([name, { options }]): [string, OptionsSchema] => [
      `${kind}.${name}`,
      options,
    ])
  ),
];

type Part = v.GenericSchema & {
  readonly wrapped?: Part;
  readonly item?: Part;
  readonly options?: readonly Part[];
  readonly entries?: OptionsSchema;
  readonly pipe?: readonly (Part & { readonly requirement?: unknown })[];
};

/** What a schema is made of, itself first. */
function partsOf(schema: v.GenericSchema, path: string): [path: string, part: Part][] {
  const part = schema as Part;
  const { wrapped, item, options = [], entries = {} } = part;
  return [
    [path, part],
    ...[wrapped, item, ...options].flatMap((one) =>
      typeof one === "object" && "kind" in one ? partsOf(one, path) : []
    ),
    ...Object.entries(entries).flatMap(([name, one]) => partsOf(one, `${path}.${name}`)),
  ];
}

/** What a schema's actions require, and those of the schema that it is built on. */
function boundsOf({ pipe = [] }: Part): Record<string, number> {
  const [base, ...actions] = pipe;
  return {
    ...(base ? boundsOf(base) : {}),
    ...Object.fromEntries(actions.map(({ type, requirement }) => [type, requirement as number])),
  };
}

Deno.test("every number that an option takes has a least and a largest value", () => {
  let numbers = 0;
  for (const [owner, schema] of TABLES) {
    for (const [name, entry] of Object.entries(schema)) {
      for (const [path, part] of partsOf(entry, `${owner}.${name}`)) {
        if (part.type !== "number") continue;
        numbers++;
        const { min_value: least, max_value: most } = boundsOf(part);
        assert.ok(Number.isFinite(least) && Number.isFinite(most) && most! <= 1e16, path);
      }
    }
  }
  assert.ok(numbers > 80, `${numbers}`);
});

Deno.test("no number is taken that no run could bear, whatever the option", () => {
  const hostile = fc.constantFrom(
    ...[1e15 + 2 ** 50, 1e17, 1e308, -1e308, Number.MAX_VALUE, Infinity, -Infinity, NaN],
  );
  const numeric = TABLES.flatMap(([owner, schema]) =>
    Object.entries(schema)
      .filter(([, entry]) => partsOf(entry, "").some(([, { type }]) => type === "number"))
      .filter(([, entry]) => partsOf(entry, "").every(([, { type }]) => type !== "array"))
      .map(([name]) => ({ owner, schema, name }))
  );
  fc.assert(
    fc.property(fc.constantFrom(...numeric), hostile, ({ owner, schema, name }, value) => {
      const given = Object.fromEntries(
        Object.entries(defaultsOf(schema)).filter(([, one]) => one !== undefined),
      );
      assert.throws(() => parseOptions(schema, { ...given, [name]: value }, owner), {
        code: "E_OPTION",
      });
    }),
    { numRuns: 500 },
  );
});

Deno.test("a number of an option says what would be right, and is never -0", () => {
  const said = (schema: OptionsSchema, options: unknown) => {
    try {
      return parseOptions(schema, options, "x");
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(
    said(ppoOptions, { threads: 100_000 }),
    'The option "threads" of x is "100000": it must be at most 64.',
  );
  assert.equal(
    said(ppoOptions, { learningRate: 1e-320 }),
    'The option "learningRate" of x is "1e-320": it must be at least 1e-12.',
  );
  assert.equal(
    said(ppoOptions, { epochs: 1.5 }),
    'The option "epochs" of x is "1.5": it must be a whole number.',
  );
  assert.match(String(said(SCHEDULE, { iterations: 1e15 })), /it must be at most 10000000\.$/);
  const { warmUp } = said(SCHEDULE, { warmUp: -0 }) as { warmUp: number };
  assert.ok(Object.is(warmUp, 0));
});

Deno.test("a rollout that does not fit into memory is refused before it is made", () => {
  const stages = {
    env: corridor(),
    teacher: bot(),
    student: tabularQ(),
    advantage: qMinusV(),
    feedback: paper(),
  };
  const define = (envs: number, steps: number) =>
    definePipeline({ name: "large", ...stages, schedule: { envs, steps } });
  assert.equal(define(1024, 4096).schedule.envs, 1024);
  assert.throws(() => define(1024, 4097), {
    code: "E_OPTION",
    message: /"1024 × 4097": a rollout has at most 4194304 steps\./,
  });
});

Deno.test("a memory that no machine has is refused before it is asked for", async () => {
  const context = createContext({ seed: 0 });
  const env = await corridor().create(context, { envs: 1 });
  const observation = { state: box({ shape: [1 << 18] }) };
  const spec = { ...env.spec, envs: 1 << 16, observation };
  assert.throws(() => new RolloutBuffer(spec, 64, false), {
    code: "E_OPTION",
    message:
      "A rollout of schedule.envs × schedule.steps would take 4399 GB of memory: at most 4 GB " +
      "are taken.",
  });
  await env.dispose?.();
});
