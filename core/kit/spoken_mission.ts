/** Guidance as the mission: what a teacher says takes the place of what the env asks for. */
import { TandemError } from "../base/errors.ts";
import type { EnvSpec, Grain, Guidance, Observations, Rollout, Student } from "../stages/mod.ts";
import { silence } from "./guidance.ts";
import { hashOf } from "./hash.ts";

/** What a student is told of who speaks to it. */
export interface Speaker {
  /** What missions are made of, and the name of the world. */
  readonly env: Pick<EnvSpec, "id" | "missionWords">;
  /** What suggestions are about. */
  readonly grain: Grain;
  /** What may be suggested, K texts. */
  readonly candidates: readonly string[];
}

/** How it takes what it is told. */
export interface MissionOptions {
  /** Whether anything that is said is read. */
  readonly hears: boolean;
  /** Steps for which a suggestion stands at most. */
  readonly missionSteps: number;
}

/**
 * Makes a student read what its teacher says in the place of the env's mission, in acting and in
 * learning, V included: A then compares actions under what was said. Rewards stay the env's own, and
 * past steps keep the mission that they come with.
 *
 * Words count, not candidates: a suggestion is read where missions are made of all of its words, and
 * passed over where not ("explore"), as is what names actions. So the student may have learned under
 * another teacher, or alone.
 *
 * @returns What makes it of a student that was told of no candidates: that is asked under silence alone.
 * @throws {TandemError} E_WIRING where the env has no missions, or the teacher says nothing that could
 * be one.
 * @example
 * ```ts
 * import type { Observations } from "@tandem/core";
 * import { readingMissions, silence, suggest } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const env = { id: "room", missionWords: ["go", "to", "the", "door", "key"] };
 * const candidates = ["go to the key", "explore"];
 * const read: string[] = [];
 * const reading = readingMissions(
 *   { env, grain: "subgoal", candidates },
 *   { hears: true, missionSteps: 20 },
 * );
 * const reader = reading({ act: ({ mission }: Observations) => void read.push(mission(0)) } as never);
 * const seen = { envs: 1, mission: () => "go to the door", key: () => 7 };
 * for (const choice of [0, 1]) {
 *   const guidance = silence(1, candidates);
 *   suggest(guidance, 0, choice);
 *   reader.act(seen as never, guidance, "train");
 * }
 * assert.deepEqual(read, ["go to the key", "go to the door"]);
 * ```
 */
export function readingMissions(
  speaker: Speaker,
  { hears, missionSteps }: MissionOptions,
): (student: Student) => Student {
  const read = reader(speaker, hears);
  return (student) => readBy(student, read, missionSteps);
}

function readBy(
  student: Student,
  { of, rollout }: ReturnType<typeof reader>,
  missionSteps: number,
): Student {
  const { policy, remember, scaleLearningRate, practise, save, load, dispose } = student;
  return {
    missionSteps,
    memory: student.memory,
    learnsFromReplay: student.learnsFromReplay,
    act: (seen, guidance, mode, memory) =>
      student.act(of(seen, guidance), silence(seen.envs, []), mode, memory),
    values: (seen, memory, said) => student.values(said ? of(seen, said) : seen, memory),
    policy: policy &&
      ((seen, guidance, memory) =>
        policy.call(student, of(seen, guidance), silence(seen.envs, []), memory)),
    learn: (own, estimate, replay) => student.learn(rollout(own), estimate, replay),
    remember: remember?.bind(student),
    scaleLearningRate: scaleLearningRate?.bind(student),
    practise: practise?.bind(student),
    save: save?.bind(student),
    load: load?.bind(student),
    dispose: dispose?.bind(student),
  };
}

/** Observations and rollouts with what was said in the place of missions. */
function reader(speaker: Speaker, hears: boolean) {
  const missions = missionsAmong(speaker);
  const saidIn = ({ choices }: Guidance, i: number) => {
    const choice = choices[i]!;
    return hears && choice >= 0 ? missions[choice] : undefined;
  };
  return {
    of: (seen: Observations, guidance: Guidance): Observations => ({
      envs: seen.envs,
      tensors: seen.tensors,
      ...seen.legal && { legal: seen.legal },
      mission: (i) => saidIn(guidance, i) ?? seen.mission(i),
      text: (i) => seen.text(i),
      key(i) {
        const said = saidIn(guidance, i);
        return said === undefined ? seen.key(i) : keyUnder(said, seen.key(i));
      },
    }),
    rollout(own: Rollout): Rollout {
      const { envs, guidance } = own;
      const saidAt = (k: number) => saidIn(guidance[Math.floor(k / envs)]!, k % envs);
      const silent = silence(envs, []);
      return {
        ...own,
        guidance: guidance.map(() => silent),
        missions: own.missions.map((mission, k) => saidAt(k) ?? mission),
        keys: own.keys.map((key, k) => {
          const said = saidAt(k);
          return said === undefined ? key : keyUnder(said, key);
        }),
      };
    },
  };
}

function keyUnder(mission: string, key: number): number {
  return hashOf([new TextEncoder().encode(`${key} ${mission}`)]);
}

/** [K] what may be said as a mission; undefined where it is none. @throws {TandemError} E_WIRING */
function missionsAmong(
  { env: { id, missionWords }, grain, candidates }: Speaker,
): readonly (string | undefined)[] {
  if (missionWords.length === 0) {
    throw unreadable(`and "${id}" has none; student.guidance=features takes any`);
  }
  if (grain === "action") return []; // "pick up" is made of missions' words, too
  const known = new Set(missionWords);
  const isMission = (text: string) =>
    text.toLowerCase().split(/[^a-z]+/).every((word) => word === "" || known.has(word));
  const missions = candidates.map((text) => isMission(text) ? text : undefined);
  if (missions.some((mission) => mission !== undefined)) return missions;
  throw unreadable(
    `and the teacher suggests "${
      candidates.slice(0, 2).join('", "')
    }" and the like, in words that ` +
      `no mission of "${id}" has`,
  );
}

function unreadable(why: string): TandemError {
  return new TandemError(
    "E_WIRING",
    `The student reads what is said in the place of its mission (student.guidance=mission), ${why}.`,
  );
}
