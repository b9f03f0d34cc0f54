import assert from "node:assert/strict";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import {
  bandit,
  counterfactual,
  frozenCritic,
  group,
  hindsightCredit,
  margin,
  movingQuantile,
  noFeedback,
  paper,
  perState,
  significance,
  synthetic,
  verbal,
} from "../../../plugins/mod.ts";
import { accuracyAfter } from "./learning.ts";

const RULES: Readonly<Record<string, StageSpec<"feedback">>> = {
  paper: paper(),
  margin: margin(),
  significance: significance({ threshold: 0.5 }),
  "per-state": perState(),
  "frozen-critic": frozenCritic(),
  counterfactual: counterfactual(),
  "moving-quantile": movingQuantile(),
  bandit: bandit(),
  group: group(),
  "hindsight-credit": hindsightCredit(),
  verbal: verbal(),
  "synthetic, the oracle": synthetic({ source: "oracle" }),
};

for (const [name, rule] of Object.entries(RULES)) {
  Deno.test(`${name}: a teacher that has nothing but its verdicts becomes right`, async () => {
    const found = await accuracyAfter(rule);
    assert.ok(found > 0.95, `${found}`);
  });
}

const CONTROLS: Readonly<Record<string, StageSpec<"feedback">>> = {
  none: noFeedback(),
  "synthetic, a coin": synthetic(),
  "synthetic, always positive": synthetic({ source: "positive" }),
  "synthetic, always negative": synthetic({ source: "negative" }),
};

for (const [name, rule] of Object.entries(CONTROLS)) {
  Deno.test(`${name}: there is nothing to learn from a control`, async () => {
    const found = await accuracyAfter(rule);
    assert.ok(found < 0.6, `${found}`);
  });
}
