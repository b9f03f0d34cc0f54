/**
 * What to tune of the corridor: a default export that is a pipeline, and a space of schemas by the
 * names of settings. It takes half a minute on two cores.
 *
 *     deno task tune pipelines/tune_corridor.ts --out runs/tuned
 */
import * as v from "valibot";
import { between, logBetween } from "../core/kit/mod.ts";
import corridor from "./corridor.ts";

export default corridor;

export const space = {
  "student.learningRate": logBetween(0.01, 1),
  "advantage.gamma": between(0.5, 0.99),
  "feedback": v.picklist(["paper", "margin"]),
};

export const variants = ["alone", "bidirectional"];
