/** How often a teacher is right, beside what is right without it, by where it is asked and what is wanted. */
import type { Context } from "../../kit/context.ts";
import { expectGuidance } from "../../kit/shapes.ts";
import { randomActions } from "../../kit/tensors.ts";
import type { ActionAccuracy, AskedStates, TeacherAccuracy } from "../../stages/evaluation.ts";
import type { Env, EnvSpec, Guidance, Observations, Oracle, Teacher } from "../../stages/mod.ts";

/** A state in which a teacher was asked and the expert can tell what is right. */
interface Judged {
  /** The expert's action, and the one suggested; -1 for a suggestion that names none. */
  readonly wanted: number;
  readonly said: number;
  /** [A] 1 for each action that is right. */
  readonly right: Uint8Array;
  /** What the teacher's channels see in the state. */
  readonly things: readonly string[];
  /** Which half of the worlds it lies in. */
  readonly half: 0 | 1;
}

/** Collects states in which a teacher was asked. */
export class AccuracyTally {
  readonly #judged: Judged[] = [];
  readonly #toAction: readonly number[];
  readonly #actions: readonly string[];
  readonly #kinds: readonly string[];

  /**
   * @param states Which states these are.
   * @param spec The env's actions, A names, and their kinds.
   */
  constructor(
    private readonly states: AskedStates,
    { actions, actionKinds = actions }: Pick<EnvSpec, "actions" | "actionKinds">,
    private readonly teacher: Pick<Teacher, "candidates" | "features">,
  ) {
    this.#actions = actions;
    this.#kinds = actionKinds;
    this.#toAction = teacher.candidates.map((candidate) => actions.indexOf(candidate));
  }

  /** Takes in what was said in environment i, whose world the expert knows as it is now. */
  add(observations: Observations, { choices }: Guidance, oracle: Oracle, i: number): void {
    const [choice, wanted] = [choices[i]!, oracle.action(i)];
    if (choice < 0 || wanted < 0) return;
    const mission = observations.mission(i);
    const features = this.teacher.features?.(observations, i);
    this.#judged.push({
      wanted,
      said: this.#toAction[choice]!,
      right: Uint8Array.from(this.#actions, (_, action) => oracle.isRight(i, action) ? 1 : 0),
      things: features ?? observations.text(i).map((thing) => `${mission}\n${thing}`),
      half: i % 2 === 0 ? 0 : 1,
    });
  }

  /** What was found; undefined where nothing could be judged. */
  get result(): TeacherAccuracy | undefined {
    const judged = this.#judged;
    if (judged.length === 0) return undefined;
    const rates = this.#actions.map((_, a) => shareOf(judged, ({ right }) => right[a] === 1));
    const best = rates.indexOf(Math.max(...rates));
    const credited = perfectCredit(judged, this.#actions.length);
    return {
      states: this.states,
      judged: judged.length,
      rate: shareOf(judged, isRight),
      constant: { action: this.#actions[best]!, rate: rates[best]! },
      perfectCredit: shareOf(judged, (state) => credited.has(state)),
      byAction: this.#byAction(best, credited),
    };
  }

  /** Who is right where each action is wanted; actions that nobody wants or says are left out. */
  #byAction(best: number, credited: ReadonlySet<Judged>): ActionAccuracy[] {
    return this.#actions.map((action, a) => {
      const wanting = this.#judged.filter(({ wanted }) => wanted === a);
      return {
        action,
        kind: this.#kinds[a]!,
        wanted: wanting.length,
        right: wanting.filter(isRight).length,
        constant: wanting.filter(({ right }) => right[best] === 1).length,
        perfectCredit: wanting.filter((state) => credited.has(state)).length,
        said: this.#judged.filter(({ said }) => said === a).length,
      };
    }).filter(({ wanted, said }) => wanted + said > 0);
  }
}

function isRight({ said, right }: Judged): boolean {
  return said >= 0 && right[said] === 1;
}

function shareOf(states: readonly Judged[], test: (state: Judged) => boolean): number {
  return states.filter(test).length / states.length;
}

/**
 * The states that a table of things gets right which was told the truth on the other half of
 * the worlds: for each thing in sight it holds in which share of those states each action was right,
 * drawn to the share over all by one state, and it answers by the mean over the things in sight.
 */
function perfectCredit(judged: readonly Judged[], actions: number): Set<Judged> {
  const hits = new Set<Judged>();
  for (const half of [0, 1]) {
    const known = judged.filter((state) => state.half !== half);
    const all = sumOf(known, actions).map((sum) => sum / Math.max(1, known.length));
    const table = tableOf(known, actions);
    for (const state of judged.filter((each) => each.half === half)) {
      const { things, right } = state;
      const scores = new Float64Array(actions);
      for (const thing of things) {
        const { sums, count } = table.get(thing) ?? { sums: undefined, count: 0 };
        for (let a = 0; a < actions; a++) scores[a]! += ((sums?.[a] ?? 0) + all[a]!) / (count + 1);
      }
      if (things.length === 0) scores.set(all);
      if (right[scores.indexOf(Math.max(...scores))] === 1) hits.add(state);
    }
  }
  return hits;
}

function sumOf(states: readonly Judged[], actions: number): number[] {
  return Array.from(
    { length: actions },
    (_, a) => states.reduce((sum, { right }) => sum + right[a]!, 0),
  );
}

function tableOf(states: readonly Judged[], actions: number) {
  const table = new Map<string, { sums: Float64Array; count: number }>();
  for (const { things, right } of states) {
    for (const thing of things) {
      const entry = table.get(thing) ?? { sums: new Float64Array(actions), count: 0 };
      for (let a = 0; a < actions; a++) entry.sums[a]! += right[a]!;
      entry.count++;
      table.set(thing, entry);
    }
  }
  return table;
}

/**
 * Tells whether what a teacher suggests in environment i, a candidate, is right there: an action that is,
 * or the place of a thing that is meant.
 */
export type Judge = (i: number, choice: number) => boolean | undefined;

/**
 * A judge of a teacher's suggestions, undefined where nobody can judge them. It says undefined where the
 * expert does not know.
 */
export function judgeOf(env: Env, teacher: Teacher): Judge | undefined {
  const { oracle, spec: { actions } } = env;
  const { candidates } = teacher;
  if (oracle && canJudge(env, teacher)) {
    const toAction = candidates.map((candidate) => actions.indexOf(candidate));
    return (i, choice) => {
      if (oracle.action(i) < 0) return undefined;
      const action = toAction[choice]!;
      return action >= 0 && oracle.isRight(i, action);
    };
  }
  if (!oracle?.references || teacher.grain !== "reference") return undefined;
  return (i, choice) => {
    const meant = oracle.references!(i);
    return meant.length > 0 ? meant.includes(candidates[choice]!) : undefined;
  };
}

/** Whether actions that a teacher names can be judged: an expert knows which are right. */
export function canJudge(env: Env, { grain, candidates }: Teacher): boolean {
  const { actions } = env.spec;
  return env.oracle !== undefined && grain === "action" &&
    candidates.some((candidate) => actions.includes(candidate));
}

/** How often the erring expert does what chance wants, and the steps after which it is looked at. */
const ERRING = { share: 0.25, looks: [2, 5, 9, 14] } as const;

/**
 * A teacher on the way of an expert that errs: in a quarter of the steps it does what chance wants, so
 * that things are carried that shall be dropped, and doors stand that shall be opened.
 *
 * @param seeds [N] the worlds.
 */
export async function measureOnErringExpert(
  env: Env,
  teacher: Teacher,
  context: Context,
  withOracle: boolean,
  seeds: ArrayLike<number>,
): Promise<TeacherAccuracy | undefined> {
  const { spec, oracle } = env;
  if (!oracle) return undefined;
  const tally = new AccuracyTally("erring expert", spec, teacher);
  const random = context.random("erring expert");
  let seen = env.reset(seeds);
  for (let t = 1; t <= ERRING.looks.at(-1)!; t++) {
    const chance = randomActions(random, spec, seen);
    const actions = Int32Array.from(chance, (drawn, i) => {
      const wanted = random.random() < ERRING.share ? drawn : oracle.action(i);
      return wanted < 0 ? drawn : wanted;
    });
    seen = env.step(actions).observations;
    if (!ERRING.looks.some((look) => look === t)) continue;
    const advice = await teacher.advise(seen, "evaluate", withOracle ? oracle : undefined);
    const guidance = expectGuidance(advice, spec.envs);
    for (let i = 0; i < spec.envs; i++) {
      const turn = context.breathe();
      if (turn) await turn;
      tally.add(seen, guidance, oracle, i);
    }
  }
  return tally.result;
}
