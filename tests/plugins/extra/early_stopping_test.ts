import assert from "node:assert/strict";
import { createContext } from "../../../core/kit/context.ts";
import type { EvaluationResult, RunPart } from "../../../core/stages/mod.ts";
import { earlyStopping } from "../../../plugins/extra/early_stopping.ts";

async function make(options: Parameters<typeof earlyStopping>[0]): Promise<RunPart> {
  return await earlyStopping(options)
    .create(createContext({ seed: 0 }), { env: {} as never, candidates: [] });
}

/** What it asks after each of the measurements, the first of which is that of the start. */
function asked(part: RunPart, rates: readonly number[], from = 0): (string | undefined)[] {
  return rates.map((rate, i) => {
    const success = { rate, ci95: [0, 1] as const, episodes: 9, meanReward: 0, meanSteps: 0 };
    const guidanceAccuracy = { rate: null, states: 0, calibration: [] };
    const result: EvaluationResult = { iteration: from + i, success, guidanceAccuracy };
    return (part.evaluate!(result) as { stop: string } | undefined)?.stop;
  });
}

Deno.test("early-stopping ends a run whose success is reached, but for its start", async () => {
  const stops = asked(await make({ success: 0.8 }), [0.9, 0.5, 0.79, 0.8]);
  assert.deepEqual(stops, [undefined, undefined, undefined, "success reached 0.8"]);
});

Deno.test("early-stopping ends a run without a new best for so many measurements", async () => {
  const stops = asked(await make({ patience: 2 }), [0, 0.5, 0.4, 0.6, 0.6, 0.2]);
  assert.deepEqual(stops.slice(0, 5), Array(5).fill(undefined));
  assert.equal(stops[5], "no success above 0.6 in 2 measurements");
  // 0.6 is more than 0.5 by less than a fifth: no new best.
  assert.match(
    asked(await make({ patience: 2, minDelta: 0.2 }), [0, 0.5, 0.4, 0.6])[3]!,
    /0\.5 in 2/,
  );
});

Deno.test("early-stopping counts on from a saved state", async () => {
  const [one, other] = [await make({ patience: 2 }), await make({ patience: 2 })];
  asked(one, [0, 0.5, 0.5]);
  await other.load!(JSON.parse(JSON.stringify(await one.save!())));
  assert.deepEqual(asked(other, [0.5], 3), ["no success above 0.5 in 2 measurements"]);
  const fresh = await make({ patience: 2 });
  await fresh.load!(JSON.parse(JSON.stringify(await (await make({ patience: 2 })).save!())));
  assert.deepEqual(asked(fresh, [0.1], 1), [undefined], "nothing is best before the first");
});

Deno.test("early-stopping that would never end a run is refused", async () => {
  await assert.rejects(make({}), { code: "E_OPTION", message: /needs success or patience/ });
});
