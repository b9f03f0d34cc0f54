import * as fc from "fast-check";
import { withFolder } from "../cli/command.ts";
import { makeTargets, tryCase } from "./targets.ts";

const CASES = 100;

Deno.test(`mangled input gives an error with a code: ${CASES} cases of each kind`, async (t) => {
  for (const [name, target] of Object.entries(await makeTargets())) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        const property = fc.asyncProperty(target.input, (input) => tryCase(target, input, folder));
        await fc.assert(property, { numRuns: Math.ceil(CASES * (target.share ?? 1)) });
      }));
  }
});
