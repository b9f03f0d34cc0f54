import assert from "node:assert/strict";
import { compilePrompt } from "../../core/kit/prompt.ts";

const PARTS = {
  mission: "go to the red ball",
  observation: ["You see a wall 2 steps left", "You see a red ball 1 step forward"],
  feedback: "good",
  candidates: ["turn left", "go forward"],
};

Deno.test("compilePrompt() knows Tandem's and GLAM's prompts by name", () => {
  assert.equal(
    compilePrompt("tandem")(PARTS),
    "goal: go to the red ball see: a wall 2 steps left, a red ball 1 step forward last: good act:",
  );
  assert.equal(
    compilePrompt("glam")(PARTS),
    "Possible action of the agent: turn left, go forward \n Goal of the agent: go to the red ball \n " +
      "Observation 0: You see a wall 2 steps left, You see a red ball 1 step forward, \n Action 0: ",
  );
});

Deno.test("compilePrompt() puts what is remembered between GLAM's goal and observation", () => {
  const [plain, remembering] = ["glam", "glam-memory"].map(compilePrompt);
  const memory = "Remember: a wall: go forward was bad.";
  assert.equal(
    remembering!({ ...PARTS, memory }),
    plain!(PARTS).replace("ball \n Obs", `ball \n ${memory} \n Obs`),
  );
  assert.equal(compilePrompt("{memory}!")(PARTS), "!");
});

Deno.test("compilePrompt() refuses a field that does not exist, with the nearest name", () => {
  assert.throws(() => compilePrompt("see: {observatoin}"), /E_OPTION.*observation|Did you mean/);
});
