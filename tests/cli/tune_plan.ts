/** A tuning plan that runs in seconds, for tests of the command line. */
import * as v from "valibot";
import { logBetween, whole } from "../../core/kit/mod.ts";
import corridor from "./corridor.ts";

export default corridor;

export const space = {
  "student.learningRate": logBetween(1e-4, 1e-1),
  "schedule.envs": whole(4, 16),
  "feedback": v.picklist(["paper", "margin"]),
};

export const variants = ["alone", "bidirectional"];

export const search = { trials: 7, seeds: 1, freshSeeds: 2 };
