import assert from "node:assert/strict";
import { parseOptions } from "../../../../../core/pipeline/options.ts";
import { silence } from "../../../../../core/kit/guidance.ts";
import { Pcg64 } from "../../../../../core/kit/random.ts";
import { definePlugin } from "../../../../../core/pipeline/plugin.ts";
import { checkStage } from "../../../../../core/testing/mod.ts";
import { corridor } from "../../../../../plugins/env/mod.ts";
import type { Example, Mode } from "../../../../../core/stages/mod.ts";
import { ClassifierChannel } from "../../../../../plugins/teacher/language_model/channels/classifier.ts";
import { featuresOf } from "../../../../../plugins/teacher/language_model/features.ts";
import { languageModelOptions } from "../../../../../plugins/teacher/language_model/options.ts";
import { feedbackOn, seeing, StubModel, teacherOf } from "../stub_model.ts";
import { BABYAI_ACTIONS } from "./classifier/actions.ts";
import { best } from "./examples.ts";

const [LEFT, RIGHT, FORWARD, PICK_UP] = [0, 1, 2, 3];

const parsed = (classifier: object) =>
  parseOptions(languageModelOptions, { classifier }, "teacher").classifier;

function channelOf(options: object = {}, candidates: readonly string[] = BABYAI_ACTIONS) {
  return new ClassifierChannel({
    ...{ candidates, options: parsed({ every: 1, samples: 20, ...options }) },
    random: new Pcg64(4),
  });
}

/** An abstention. */
const VERDICT = { env: 0, sign: 0, strength: 0, said: "", ended: false, words: () => "" };

/** Something to do, and what is right. */
interface Lesson {
  readonly mission: string;
  readonly seen: readonly string[];
  readonly right: readonly number[];
}

function exampleOn({ mission, seen }: Lesson, more: Partial<Example>): Example {
  return {
    ...{ env: 0, candidate: 0, sign: 1, strength: 1, worth: 1, relativeWorth: 1 },
    ...{ mission, seen, features: featuresOf(mission, seen), prompt: () => "" },
    guidance: silence(1, BABYAI_ACTIONS),
    ...more,
  };
}

/** Teaches and trains; the scores that the model gave were told before, if any. */
function teach(channel: ClassifierChannel, lesson: Lesson, more?: Partial<Example>): void {
  channel.learn(exampleOn(lesson, more ?? { right: lesson.right }));
  channel.onVerdict(VERDICT);
  channel.train();
}

function said(
  channel: ClassifierChannel,
  { mission, seen }: Pick<Lesson, "mission" | "seen">,
  scores: readonly number[] = BABYAI_ACTIONS.map(() => 0),
  mode: Mode = "evaluate",
): number[] {
  const corrected = Float32Array.from(scores);
  channel.correct(corrected, { ...featuresOf(mission, seen), mission, seen }, mode);
  return [...corrected];
}

const COLORS = ["red", "green", "blue", "grey"];

/** A thing to go to among others: on its side it is turned to, before the agent it is walked to. */
function lessonOf(random: Pcg64): Lesson {
  const draw = (texts: readonly string[]) => texts[random.integers(0, texts.length)]!;
  const [meant, other] = [draw(COLORS), draw(COLORS)];
  const places = ["2 steps left", "1 step right", "3 steps forward"];
  const [at, elsewhere] = [random.integers(0, 3), random.integers(0, 3)];
  const seen = [`You see a ${meant} ball ${places[at]}`];
  if (other !== meant) seen.push(`You see a ${other} ball ${places[elsewhere]}`);
  return { mission: `go to the ${meant} ball`, seen, right: [at] };
}

function share(channel: ClassifierChannel, random = new Pcg64(77)): number {
  const lessons = Array.from({ length: 200 }, () => lessonOf(random));
  return lessons.filter((lesson) => lesson.right.includes(best(said(channel, lesson)))).length /
    200;
}

Deno.test("classifier: learns what is right by its role, and for things it was never told of", () => {
  const [channel, random] = [channelOf(), new Pcg64(1)];
  for (let k = 0; k < 300; k++) teach(channel, lessonOf(random));
  assert.ok(share(channel) > 0.98, `${share(channel)}`);
  const seen = ["You see a purple box 1 step right", "You see a red ball 3 steps forward"];
  assert.equal(best(said(channel, { mission: "go to the purple box", seen })), RIGHT);
});

Deno.test("classifier: praise and blame alone teach as well, one in five of them wrong", () => {
  const [channel, random] = [channelOf(), new Pcg64(2)];
  for (let k = 0; k < 2000; k++) {
    const lesson = lessonOf(random);
    const candidate = random.integers(0, 3);
    const honest = random.random() < 0.8 ? 1 : -1;
    const worth = honest * (lesson.right.includes(candidate) ? 1 : -1);
    teach(channel, lesson, { candidate, worth });
  }
  assert.ok(share(channel) > 0.9, `${share(channel)}`);
});

Deno.test("classifier: two things of one noun are told apart", () => {
  const channel = channelOf();
  const mission = "put the red ball next to the red key";
  const seen = ["You see a red ball 1 step left", "You see a red key 1 step right"];
  const swapped = ["You see a red ball 1 step right", "You see a red key 1 step left"];
  for (let k = 0; k < 30; k++) {
    teach(channel, { mission, seen, right: [LEFT] });
    teach(channel, { mission, seen: swapped, right: [RIGHT] });
  }
  assert.equal(best(said(channel, { mission, seen })), LEFT);
  assert.equal(best(said(channel, { mission, seen: swapped })), RIGHT);
});

Deno.test("classifier: what was learned on the left holds on the right, unless it is not to be mirrored", () => {
  const mission = "pick up the ball on your left";
  const [seen, image] = [["You see a red ball 1 step left"], ["You see a red ball 1 step right"]];
  const turned = { mission: "pick up the ball on your right", seen: image };
  const of = (mirror: boolean) => {
    const channel = channelOf({ mirror, samples: 200 });
    teach(channel, { mission, seen, right: [LEFT] });
    return said(channel, turned);
  };
  assert.equal(best(of(true)), RIGHT);
  const plain = of(false);
  assert.equal(plain[RIGHT], plain[FORWARD]);
  assert.ok(plain[LEFT]! > plain[RIGHT]!); // by what both have in common
});

Deno.test("classifier: where no candidate names a side nothing is mirrored", () => {
  const channel = channelOf({ samples: 200 }, ["brake", "accelerate"]);
  const lesson = { mission: "drive", seen: ["The cart rolls left"], right: [1] };
  teach(channel, lesson);
  const other = said(channel, { mission: "drive", seen: ["The cart rolls right"] }, [0, 0]);
  assert.ok(said(channel, lesson, [0, 0])[1]! > other[1]!);
});

Deno.test("classifier: mirroring is refused where it is asked for and nothing names a side", () => {
  assert.throws(
    () => channelOf({ mirror: true }, ["take the key", "open the box"]),
    /E_WIRING|The option classifier.mirror is "true", but no world can be mirrored in which "take the key"/,
  );
});

Deno.test("classifier: words tell which action names the thing that is meant, pairs what is so at once", () => {
  const actions = ["take the key", "take the cup", "open the box"];
  const lessons: Lesson[] = ["key", "cup"].flatMap((thing, take) =>
    ["closed", "open"].flatMap((how) => {
      const mission = `wash the ${thing}`;
      const here = [`There is a ${thing} in the box`, `There is a ${how} box in the hall`];
      return { mission, seen: here, right: [how === "open" ? take : 2] };
    })
  );
  const shareRight = (features: string) => {
    const channel = channelOf({ features, samples: 200 }, actions);
    for (let round = 0; round < 5; round++) lessons.forEach((lesson) => teach(channel, lesson));
    return lessons.filter((lesson) => best(said(channel, lesson, [0, 0, 0])) === lesson.right[0])
      .length / lessons.length;
  };
  assert.equal(shareRight("words"), 1);
  assert.ok(shareRight("roles") < 1, "a role does not say which thing it is");
});

Deno.test("classifier: before it knows anything, scores are what they were", () => {
  const scores = [0.5, -1, 2, 0, 0, 0, 0];
  const lesson = { mission: "go to the ball", seen: ["You see a red ball 1 step left"] };
  assert.deepEqual(said(channelOf(), lesson, scores), scores);
});

Deno.test("classifier: a model that knows more is not drowned, one that knows less does not drag", () => {
  const after = (labels: number, wrong: number, modelRight: number) => {
    const [channel, random] = [channelOf({ every: 32, samples: 100 }), new Pcg64(5)];
    const scoresFor = ({ right }: Lesson) => {
      const c = random.random() < modelRight ? right[0]! : random.integers(0, 3);
      return BABYAI_ACTIONS.map((_, k) => k === c ? 2 : -1);
    };
    for (let k = 0; k < labels; k++) {
      const lesson = lessonOf(random);
      said(channel, lesson, scoresFor(lesson), "train");
      const right = random.random() < wrong ? [random.integers(0, 3)] : lesson.right;
      teach(channel, lesson, { right });
    }
    const lessons = Array.from({ length: 300 }, () => lessonOf(random));
    const accuracy = (corrected: boolean) =>
      lessons.filter((lesson) => {
        const scores = scoresFor(lesson);
        return lesson.right.includes(best(corrected ? said(channel, lesson, scores) : scores));
      }).length / 300;
    return [accuracy(true), accuracy(false)] as const;
  };
  const [noisy, knowing] = after(400, 0.9, 0.95);
  assert.ok(noisy > knowing - 0.08, `${noisy} beside ${knowing}`);
  const [sure, guessing] = after(600, 0, 0);
  assert.ok(sure > 0.95 && guessing < 0.5, `${sure} beside ${guessing}`);
});

Deno.test("classifier: it leaves scores alone where its lead is within its error", () => {
  const lesson = {
    mission: "go to the ball",
    seen: ["You see a red ball 1 step left"],
    right: [LEFT],
  };
  const scores = [0, 0, 1, 0, 0, 0, 0];
  const [careful, bold] = [channelOf({ certainty: 3 }), channelOf()];
  for (const channel of [careful, bold]) teach(channel, lesson);
  assert.deepEqual(said(careful, lesson, scores), scores);
  assert.notDeepEqual(said(bold, lesson, scores), scores);
  for (let k = 0; k < 200; k++) teach(careful, lesson);
  assert.equal(best(said(careful, lesson, scores)), LEFT);
});

Deno.test("classifier: trains after so many verdicts, abstentions among them", () => {
  const channel = channelOf({ every: 3 });
  const lesson = {
    mission: "go to the ball",
    seen: ["You see a red ball 1 step left"],
    right: [LEFT],
  };
  channel.learn(exampleOn(lesson, { right: [PICK_UP] }));
  const answers = [1, 2, 3].map(() => {
    channel.onVerdict({ ...VERDICT, stepsAgo: 5 }); // of before, and does not count
    channel.onVerdict(VERDICT);
    assert.equal(channel.train(), false); // answers of the model itself stay
    return said(channel, lesson)[PICK_UP]!;
  });
  assert.deepEqual(answers.map((answer) => answer > 0), [false, false, true]);
});

Deno.test("classifier: save and load go on exactly", () => {
  const options = { size: 40, every: 4, samples: 10 };
  const [one, other] = [channelOf(options), channelOf(options)];
  const go = (channel: ClassifierChannel, seed: number, steps: number) => {
    const random = new Pcg64(seed);
    for (let k = 0; k < steps; k++) {
      const lesson = lessonOf(random);
      const scores = BABYAI_ACTIONS.map(() => random.random());
      said(channel, lesson, scores, "train");
      const worth = random.gaussian();
      teach(channel, lesson, k % 2 ? { worth, candidate: k % 7 } : undefined);
    }
  };
  go(one, 1, 70);
  go(other, 2, 9); // is forgotten
  other.load(structuredClone(one.save()));
  for (const channel of [one, other]) go(channel, 3, 21);
  assert.deepEqual(other.save(), one.save());
});

Deno.test("classifier: keeps the contract of channels", async () => {
  const options = { every: 8, samples: 20, size: 30 };
  const plugin = definePlugin({
    kind: "channel",
    name: "told",
    description: "The built-in channel as a plugin.",
    options: {},
    create: (_options, context, { candidates }) =>
      new ClassifierChannel({
        ...{ candidates, options: parsed(options), random: context.random("told") },
      }),
  });
  assert.deepEqual(await checkStage(plugin.stage({}), { world: corridor() }), []);
});

Deno.test("language-model: learnsBy classifier turns its choice by verdicts", async () => {
  const teacher = teacherOf(new StubModel((_, c) => c === 1 ? 1 : 0), {
    learnsBy: ["classifier"],
    classifier: { every: 2, samples: 50 },
    temperature: 1,
  });
  assert.deepEqual(teacher.learnsBy, ["classifier"]);
  for (let k = 0; k < 20; k++) {
    const guidance = await teacher.advise(seeing(["a key"], ["a key"]), "train");
    guidance.choices.set([0, 1]);
    teacher.receive(feedbackOn(guidance, [1, -1]));
  }
  assert.deepEqual([...(await teacher.advise(seeing(["a key"]), "evaluate")).choices], [0]);
});
