import assert from "node:assert/strict";
import { featuresOf } from "../../../../plugins/teacher/language_model/features.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "./stub_model.ts";

const of = (mission: string, ...seen: string[]) => featuresOf(mission, seen, "relative");

Deno.test("relative features: the same for other things in the same part", () => {
  assert.deepEqual(
    of("go to the red ball", "You see a red ball 1 step left", "You see a wall 2 steps left"),
    of("go to a green key", "You see a green key 1 step left", "You see a wall 2 steps left"),
  );
  assert.notDeepEqual(
    of("go to the red ball", "You see a red ball 1 step left"),
    of("go to the red ball", "You see a red key 1 step left"),
  );
});

Deno.test("relative features: what shall be put beside what is told apart, and so is what to do", () => {
  const [ball, key] = ["You see a red ball 1 step left", "You see a green key 1 step left"];
  const mission = "put the red ball next to the green key";
  assert.notDeepEqual(of(mission, ball).parts, of(mission, key).parts);
  assert.notDeepEqual(of("go to the red ball", ball), of("pick up the red ball", ball));
});

Deno.test("language-model: relative features carry what was learned over to other things", async () => {
  const at = (thing: string) => ({ ...seeing([thing]), mission: () => `go to the ${thing}` });
  const learned = async (features: string) => {
    const teacher = teacherOf(new StubModel(), { features, learnsBy: ["logits"] });
    for (let k = 0; k < 20; k++) {
      const two = { ...seeing(["red ball"], ["red ball"]), mission: at("red ball").mission };
      const guidance = await teacher.advise(two, "train");
      guidance.choices.set([0, 1]);
      teacher.receive(feedbackOn(guidance, [-1, 1]));
    }
    return [...(await teacher.advise(at("green key"), "evaluate")).choices];
  };
  assert.deepEqual(await learned("named"), [0]);
  assert.deepEqual(await learned("relative"), [1]);
});
