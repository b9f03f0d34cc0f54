import assert from "node:assert/strict";
import { levelId } from "../../../../plugins/env/babyai/levels.ts";

Deno.test("a level may be named with and without what all names have", () => {
  for (const name of ["GoToObjS6", "GoToObjS6-v1", "BabyAI-GoToObjS6-v1"]) {
    assert.equal(levelId(name), "BabyAI-GoToObjS6-v1");
  }
});

Deno.test("the same level in another version is meant before another level", () => {
  const hints = {
    "GoToObjS6-v0": "GoToObjS6-v1",
    "BabyAI-GoToObjS6-v0": "BabyAI-GoToObjS6-v1",
    "BabyAI-GoToLocal-v1": "BabyAI-GoToLocal-v0",
    "GoToLocalS8N4-v3": "GoToLocalS8N4-v0",
    "GoToLokalS8N4": "GoToLocalS8N4",
    "GotoObjMazeS6": "GoToObjMazeS6",
    "OneRomS16": "OneRoomS16",
  };
  for (const [name, right] of Object.entries(hints)) {
    assert.throws(() => levelId(name), {
      code: "E_LEVEL",
      message: `No level is named "${name}". Did you mean "${right}"?`,
    });
  }
});
