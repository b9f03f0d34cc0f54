import assert from "node:assert/strict";
import {
  definePlan,
  levelSetting,
  looksLikePlan,
  planFromJson,
  trialName,
  trialsOf,
} from "../../lab/plan.ts";
import { findVariants } from "../../lab/variants.ts";
import { CONFIG } from "./sample.ts";

const PLAN = definePlan({
  pipeline: CONFIG.pipeline,
  variants: findVariants(["alone", "bidirectional"]),
  levels: ["GoToLocal", "PickupLoc"],
  seeds: [3, 4],
});

Deno.test("a plan's trials run seed by seed, all variants side by side", () => {
  assert.deepEqual(trialsOf(PLAN).map(trialName), [
    "alone, GoToLocal, seed 3",
    "bidirectional, GoToLocal, seed 3",
    "alone, PickupLoc, seed 3",
    "bidirectional, PickupLoc, seed 3",
    "alone, GoToLocal, seed 4",
    "bidirectional, GoToLocal, seed 4",
    "alone, PickupLoc, seed 4",
    "bidirectional, PickupLoc, seed 4",
  ]);
  assert.deepEqual(trialsOf({ ...PLAN, levels: [] }).map(trialName).slice(0, 2), [
    "alone, seed 3",
    "bidirectional, seed 3",
  ]);
});

Deno.test("a plan round-trips through JSON", () => {
  const json: unknown = JSON.parse(JSON.stringify(PLAN));
  assert.ok(looksLikePlan(json));
  assert.deepEqual(planFromJson(json), PLAN);
  assert.ok(!looksLikePlan(CONFIG.pipeline));
});

Deno.test("a malformed plan is refused with the part that is wrong", () => {
  const broken = { ...PLAN, seeds: [0, -1] };
  assert.throws(() => planFromJson(broken), {
    code: "E_PIPELINE",
    message: /^The plan's "seeds.1" is malformed/,
  });
  assert.throws(() => planFromJson({ ...PLAN, levles: [] }), { code: "E_PIPELINE" });
});

Deno.test("a plan names nothing twice and lacks nothing", () => {
  assert.throws(() => definePlan({ ...PLAN, seeds: [1, 2, 1] }), {
    code: "E_ARGUMENT",
    message: 'The plan names "1" twice among its seeds.',
  });
  assert.throws(() => definePlan({ ...PLAN, variants: [] }), {
    code: "E_ARGUMENT",
    message: "The plan has no variants.",
  });
});

Deno.test("a level is a name, or an option of the env", () => {
  assert.equal(levelSetting("GoToLocal"), "env.level=GoToLocal");
  assert.equal(levelSetting("length=9"), "env.length=9");
  assert.equal(levelSetting(null), undefined);
});

Deno.test("a plan may say how it is judged and when one looks, and says nothing that does not fit", () => {
  const judged = definePlan({
    ...PLAN,
    seeds: [0, 1, 2, 3],
    looks: [2, 4],
    primary: "area",
    baseline: "alone",
    margin: 0.1,
  });
  assert.deepEqual(planFromJson(JSON.parse(JSON.stringify(judged))), judged);
  for (const looks of [[2, 3], [4, 2], [1, 4], [2, 2, 4]]) {
    assert.throws(() => definePlan({ ...judged, looks }), {
      code: "E_ARGUMENT",
      message: /^The plan's looks ".*" must ascend from 2 seeds on to its 4\.$/,
    });
  }
  assert.throws(() => definePlan({ ...judged, baseline: "alnoe" }), {
    code: "E_ARGUMENT",
    message: 'The plan has no variant "alnoe". Did you mean "alone"?',
  });
  for (const wrong of [{ primary: "reward" }, { margin: 0 }, { threshold: 2 }, { looks: [] }]) {
    assert.throws(() => planFromJson({ ...judged, ...wrong }), { code: "E_PIPELINE" });
  }
});
