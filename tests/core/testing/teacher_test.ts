import assert from "node:assert/strict";
import { silence, suggest } from "../../../core/kit/guidance.ts";
import type { Feedback, Guidance, Mode, Observations, Verdicts } from "../../../core/stages/mod.ts";
import { bot } from "../../../plugins/teacher/bot.ts";
import { none } from "../../../plugins/teacher/none.ts";
import { random } from "../../../plugins/teacher/random.ts";
import { stageOf } from "../stubs.ts";
import { assertFound, assertSound, broken } from "./broken.ts";

const good = random();

/** Changes the guidance. */
function advising(change: (guidance: Guidance, seen: Observations, mode: Mode) => unknown) {
  return broken(good, (teacher) => ({
    advise: async (seen: Observations, mode: Mode) => {
      const guidance = await teacher.advise(seen, mode);
      return Object.assign(guidance, change(guidance, seen, mode));
    },
  }));
}

Deno.test("checkTeacher() finds nothing wrong with good ones", async () => {
  for (const stage of [good, none(), bot({ accuracy: 0.5 })]) await assertSound(stage);
});

Deno.test("checkTeacher() reads the candidates", async () => {
  const candidates = (...names: string[]) => broken(good, () => ({ candidates: names }));
  await assertFound(candidates(), /^It has no candidates/);
  await assertFound(candidates("stay", "stay"), /^It has the same candidate twice/);
  await assertFound(candidates("fly"), /its candidate "fly" is none of the actions/);
  await assertFound(candidates("stay"), /^The guidance's candidates are not the teacher's/);
});

Deno.test("checkTeacher() looks at guidance", async () => {
  await assertFound(advising(() => ({ choices: new Int32Array(1) })), /choices have length "1"/);
  await assertFound(advising(() => ({ logProbs: undefined })), /logProbs are "undefined"/);
  const beyond = advising(({ choices }) => void choices.fill(3));
  await assertFound(beyond, /choices hold "3" at 0; right would be a candidate below 3, or -1/);
  await assertFound(advising(({ logProbs }) => void logProbs.fill(1)), /logProbs hold "1"/);
  const negative = advising(({ distribution }) => void (distribution[0] = -1));
  await assertFound(negative, /distribution hold "-1"/);
  await assertFound(
    advising(() => ({ texts: ["", "", "", ""] })),
    /texts is empty where it suggests/,
  );
  await assertFound(advising(() => ({ tokens: [[1], [0.5], [1], [1]] })), /no token id/);
  const silent = broken(none(), () => ({
    advise: ({ envs }: Observations) => ({
      ...silence(envs, ["go left", "go right", "stay"]),
      texts: new Array(envs).fill("hm"),
    }),
  }));
  await assertFound(silent, /texts is not empty where it is silent/);
  await assertFound(
    advising(() => ({ texts: [1, 2, 3, 4] })),
    /texts holds something that is no text/,
  );
});

Deno.test("checkTeacher() wants probabilities that sum to one, or to nothing in silence", async () => {
  const double = advising(({ distribution }) =>
    void distribution.set(distribution.map((p) => 2 * p))
  );
  await assertFound(double, /^The probabilities sum to "2\.0000" where it suggests something/);
  const murmur = advising(({ choices }) => void choices.fill(-1));
  await assertFound(
    murmur,
    /^The probabilities sum to "1\.0000" where it is silent; right would be 0/,
  );
  const nan = advising(({ distribution }) => void distribution.fill(NaN));
  await assertFound(nan, /^advise\(\)'s distribution hold "NaN"/);
});

Deno.test("checkTeacher() wants columns of one length, and a note that a checkpoint can hold", async () => {
  for (const column of ["texts", "tokens", "authors"]) {
    const short = advising(() => ({ [column]: [] }));
    await assertFound(short, new RegExp(`${column} have length "0"; right would be 4`));
  }
  const lossy = advising(() => ({ note: { heard: new Map([["left", 1]]) } }));
  await assertFound(lossy, /^The guidance's note is no JSON/);
  await assertSound(
    advising(({ choices: { length } }) => ({ note: { heard: [-Infinity, length] } })),
  );
});

Deno.test("checkTeacher() wants new guidance each time", async () => {
  const one = silence(4, ["go left", "go right", "stay"]);
  const other = silence(3, one.candidates);
  const reused = broken(good, (teacher) => ({
    advise: async ({ envs }: Observations, mode: Mode) => {
      const { choices } = await teacher.advise({ envs } as Observations, mode);
      const guidance = envs === 4 ? one : other;
      for (const [i, choice] of choices.entries()) suggest(guidance, i, choice, 0.5);
      return guidance;
    },
  }));
  await assertFound(reused, /^advise\(\) changes the guidance that it gave before/);
});

Deno.test("checkTeacher() asks the same twice", async () => {
  let n = 0;
  const moody = advising((guidance) => suggest(guidance, 0, n++ * 7 % 11 % 3));
  await assertFound(moody, /^Two instances under one seed do not answer the same/);
});

Deno.test("checkTeacher() wants measurements to leave training alone", async () => {
  const mixing = broken(good, (teacher) => ({
    advise: (seen: Observations, _mode: Mode) => teacher.advise(seen, "train"),
  }));
  await assertFound(mixing, /^Asked in the mode "evaluate", it answers otherwise in training/);
});

Deno.test("checkTeacher() asks about other numbers of environments", async () => {
  const rigid = stageOf("teacher", () => {
    const names = ["go left", "go right", "stay"];
    return {
      grain: "action",
      candidates: names,
      learnsBy: [],
      advise: () => silence(4, names),
      receive: () => {},
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
    };
  });
  await assertFound(rigid, /^advise\(\)'s choices have length "4"; right would be 3/);
});

Deno.test("checkTeacher() gives verdicts of any strength and counts", async () => {
  const fussy = broken(good, () => ({
    receive: () => {
      throw new Error("too loud");
    },
  }));
  await assertFound(fussy, /^receive\(\) fails: too loud/);
  const heard = new Set<string>();
  await assertSound(broken(good, () => ({
    receive({ verdicts }: Feedback) {
      const [{ signs, words }] = verdicts as [Verdicts];
      for (const [i, sign] of signs.entries()) heard.add(`${sign} ${words(i)}`);
    },
  })));
  assert.deepEqual([...heard].sort(), [
    "-1 This was worse.",
    "0 ",
    "1 This was better.",
  ]);
  let n = 100;
  await assertFound(
    broken(good, () => ({ usage: () => ({ calls: n--, cacheHits: 0, tokens: 0 }) })),
    /^usage\(\) counts backwards/,
  );
  await assertFound(
    broken(good, () => ({ usage: () => ({ calls: 0.5, cacheHits: 0, tokens: 0 }) })),
    /^The counters of usage\(\) hold "0\.5" at 0/,
  );
});

Deno.test("checkTeacher() resumes what was saved", async () => {
  const unsaved = broken(good, () => ({ save: undefined, load: undefined }));
  await assertFound(unsaved, /^It remembers something from step to step and has no save/);
  await assertFound(broken(good, () => ({ load: () => {} })), /^Loaded from what it saved/);
  const spent = broken(good, (teacher) => ({
    save: async () => {
      const saved = await teacher.save!();
      await teacher.advise({ envs: 4 } as Observations, "train");
      return saved;
    },
  }));
  await assertFound(spent, /^Saving it changes what it does afterwards/);
});

Deno.test("checkTeacher() counts tensors", async () => {
  let alive = 0;
  const liveTensors = () => alive;
  const leaking = broken(good, (teacher) => ({
    advise: (seen: Observations, mode: Mode) => (alive++, teacher.advise(seen, mode)),
  }));
  await assertFound(leaking, /tensors more after working again: it leaks/, { liveTensors });
  await assertFound(leaking, /tensors behind when it is disposed of/, { liveTensors });
});
