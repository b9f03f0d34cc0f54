import * as v from "valibot";
import {
  type AnsweredStep,
  type Context,
  type DecidedStep,
  definePlugin,
  type EnvSpec,
  type Metrics,
  option,
  type OptionsOutput,
  type Plugin,
  type Progress,
  type Replay,
  type Rollout,
  type RunPart,
  type StageState,
} from "@tandem/core";
import { between, type Pcg64, type Pcg64State, share, whole } from "@tandem/core/kit";
import { expectMemory, joinStates, partOfState } from "@tandem/core/internal";
import { goalsOf, verbOf, wordsOf } from "./goals.ts";
import { PastGoals } from "./past_goals.ts";
import { Places, type SavedPlaces } from "./places.ts";
import { StepColumns, type StepShape } from "./step_columns.ts";
import { type Asked, Wording } from "./wording.ts";
import type { HindsightReplayOptions } from "../options.ts";

/** Verbs whose steps are held at most. */
const MOST_VERBS = 16;

/** BabyAI's. */
const COLOURS: string[] = ["red", "green", "blue", "purple", "yellow", "grey"];

const words = v.pipe(v.array(v.string()), v.maxLength(1000));

const options = {
  verbs: option(
    `What is relabelled: goals that begin so up to their first article, such as ["go to", "put"];
    absent, those of the missions that come up.`,
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1), v.maxLength(MOST_VERBS)),
  ),
  segment: option("Steps before a goal was reached that are kept, at most.", whole(1, 10_000), 12),
  capacity: option(
    `Steps held a verb, the newest; each takes the bytes of an observation and some 20 (in BabyAI
    3.4 MB a verb for 20000), and 16 verbs at most are held.`,
    whole(1, 10_000_000),
    20_000,
  ),
  least: option("Steps that have to be held before any is handed in.", whole(1, 10_000_000), 1000),
  gamma: option(
    "Discount of the return before the goal; that of the advantage estimator is right.",
    share,
    0.99,
  ),
  reward: option("What reaching a goal is worth, in units of reward.", between(0, 1e6), 1),
  own: option(
    "Whether the steps to the mission itself are kept, too, when its episode ends by it.",
    v.boolean(),
    false,
  ),
  indefinite: option(
    `Share of the goals' "the"s that become "a"; absent, as many as stand for one in the missions
    that come up.`,
    share,
  ),
  vague: option(
    `Share of the goals from which the words of \`details\` are left out; absent, that of the
    missions that have none of them.`,
    share,
  ),
  details: option("Words that a goal can do without.", words, COLOURS),
  places: option(
    `Share of the goals of one thing that are asked for by where it stands as seen from where the
    episode began ("on your left"), for missions that do so; a thing that was moved has no such place.`,
    share,
    0,
  ),
} as const;

/** Hindsight: past steps under the goals that they happened to reach, to be learned from again. */
export const hindsightReplay: Plugin<"extra", HindsightReplayOptions> = definePlugin({
  kind: "extra",
  name: "hindsight-replay",
  description:
    "Hindsight: past steps under the goals that they happened to reach, to be learned from again.",
  details: `
    Relabels past steps with the goals that they happened to reach (hindsight experience replay:
    Andrychowicz et al., arXiv 1707.01495) and hands them to the student as steps to imitate
    (self-imitation: Oh et al., arXiv 1806.05635). It needs an env that says what its steps achieve
    (\`achieved\`) and a student that learns from past steps, as the PPO family does: where one is
    missing, the run does not begin.

    When a goal is reached, the n <= \`segment\` steps before it are kept with the goal as their
    mission and R = reward gamma^(n - 1 - j) for j = 0 .. n - 1. They begin after the goal was
    reached last and not before the episode. A goal that the step before has reached as well still
    holds: standing before a thing counts once. What ends an episode is the mission itself, and
    counts where \`own\` says so. The env names what was reached fully ("the red ball"): words are
    varied as missions vary theirs, by \`indefinite\` and \`vague\`, and goals in words that no
    mission has are skipped. With \`places\` some are asked for by where they stand, which the
    agent's own turns and steps tell; in several rooms that may be true of more than the first one.

    Steps are drawn evenly over all that are held. Reported are \`goals\` and \`steps\` that an
    iteration gave, goals \`skipped\`, and steps \`held\`, all and by verb. Where nothing is reached
    that it could relabel, a warning says so.`,
  options,
  create(chosen, context, { env }) {
    const shape = { ...env, memory: 0 };
    const verbs = chosen.verbs?.length ?? MOST_VERBS;
    const bytes = StepColumns.bytesOf(shape);
    expectMemory("extra.capacity steps of each verb", verbs * chosen.capacity * (bytes + 12));
    expectMemory("extra.segment steps of schedule.envs", env.envs * chosen.segment * bytes);
    return new Hindsight(chosen, context, env);
  },
});

type Options = OptionsOutput<typeof options>;

/** What is saved as JSON. */
interface Saved {
  readonly streams: readonly Pcg64State[];
  readonly memory: number;
  readonly verbs: readonly string[];
  readonly asked: Asked;
  readonly time: number;
  /** Of each environment: steps of its episode, and after how many each goal was reached last. */
  readonly ages: readonly number[];
  readonly reached: readonly (readonly (readonly [string, number])[])[];
  readonly warned: boolean;
  /** Where goals are asked for by their places. */
  readonly places?: SavedPlaces;
}

class Hindsight implements RunPart {
  readonly usesAchieved = true;
  readonly #drawing: Pcg64;
  readonly #chance: Pcg64;
  readonly #wording: Wording;
  readonly #places: Places | undefined;
  readonly #verbs: Set<string>;
  /** The last `segment` steps of all environments: step T of environment i is row (T mod segment) N + i. */
  #window: StepColumns;
  #past: PastGoals;
  #shape: StepShape;
  /** Steps seen, T. */
  #time = 0;
  readonly #ages: Int32Array;
  readonly #reached: Map<string, number>[];
  #counts = { goals: 0, steps: 0, skipped: 0 };
  #warned = false;

  constructor(
    private readonly options: Options,
    private readonly context: Pick<Context, "random" | "emit">,
    private readonly env: EnvSpec,
  ) {
    this.#drawing = context.random("hindsight draws");
    this.#chance = context.random("hindsight words");
    this.#wording = new Wording(options, this.#chance, env.missionWords);
    this.#places = options.places > 0 ? new Places(env) : undefined;
    this.#verbs = new Set(options.verbs?.map((verb) => wordsOf(verb).join(" ")));
    this.#ages = new Int32Array(env.envs);
    this.#reached = Array.from({ length: env.envs }, () => new Map<string, number>());
    this.#shape = { ...env, memory: 0 };
    [this.#window, this.#past] = this.#room();
  }

  decide({ observations, decision, keys, firsts, memory }: DecidedStep): void {
    const { envs } = this.env;
    const width = (memory?.length ?? 0) / envs;
    if (width !== this.#shape.memory) this.#resize(width);
    const row = this.#time % this.options.segment * envs;
    for (const [name, { data }] of Object.entries(observations.tensors)) {
      this.#window.write(row, `see.${name}`, data);
    }
    this.#window.write(row, "keys", keys);
    this.#window.write(row, "actions", decision.actions);
    this.#window.write(row, "legal", observations.legal);
    this.#window.write(row, "memory", memory);
    for (let i = 0; i < envs; i++) {
      if (firsts[i] === 0) continue;
      this.#ages[i] = 0;
      this.#reached[i]!.clear();
      this.#places?.begin(i);
      for (const goal of goalsOf(observations.mission(i))) this.#hear(goal);
    }
    this.#places?.move(observations.tensors, decision.actions);
    this.#time++;
  }

  answer({ step: { terminated, truncated }, achieved }: AnsweredStep): void {
    for (let i = 0; i < this.env.envs; i++) {
      this.#ages[i]!++;
      const isOver = terminated[i] === 1 || truncated[i] === 1;
      if (isOver && !this.options.own) continue;
      for (const goal of achieved(i)) {
        if (verbOf(goal) === "drop") this.#places?.putDown(i);
        this.#reach(i, goal, isOver);
      }
    }
  }

  replay(): Replay | undefined {
    const { size } = this.#past;
    if (size < this.options.least) return undefined;
    return { size, draw: (count) => this.#past.draw(count, this.#drawing) };
  }

  report(_rollout: Rollout, { iteration, iterations }: Progress): Metrics {
    const held = this.#past.size;
    const byVerb = this.#past.sizes().map((
      [verb, size],
    ) => [`held/${verb.replaceAll(" ", "-")}`, size]);
    const metrics = { ...this.#counts, held, ...Object.fromEntries(byVerb) };
    this.#counts = { goals: 0, steps: 0, skipped: 0 };
    if (held === 0 && iteration === iterations) this.#warn();
    return metrics;
  }

  save(): StageState {
    const json: Saved = {
      streams: [this.#drawing.save(), this.#chance.save()],
      memory: this.#shape.memory,
      verbs: [...this.#verbs],
      asked: this.#wording.asked,
      time: this.#time,
      ages: [...this.#ages],
      reached: this.#reached.map((reached) => [...reached]),
      warned: this.#warned,
      ...this.#places && { places: this.#places.save() },
    };
    const window = { json: null, arrays: this.#window.save("") };
    return joinStates({ own: { json }, window, past: this.#past.save() });
  }

  load(state: StageState): void {
    const saved = partOfState(state, "own")!.json as Saved;
    this.#drawing.load(saved.streams[0]!);
    this.#chance.load(saved.streams[1]!);
    this.#resize(saved.memory);
    this.#verbs.clear();
    for (const verb of saved.verbs) this.#verbs.add(verb);
    this.#wording.asked = saved.asked;
    this.#time = saved.time;
    this.#ages.set(saved.ages);
    this.#reached.forEach((reached, i) => {
      reached.clear();
      for (const [goal, age] of saved.reached[i]!) reached.set(goal, age);
    });
    this.#warned = saved.warned;
    if (saved.places) this.#places?.load(saved.places);
    this.#window.load("", partOfState(state, "window")!.arrays!);
    this.#past.load(partOfState(state, "past")!);
  }

  /** A student that remembers other numbers cannot learn from the steps of the one before. */
  #resize(memory: number): void {
    this.#shape = { ...this.env, memory };
    [this.#window, this.#past] = this.#room();
    this.#ages.fill(0);
    for (const reached of this.#reached) reached.clear();
  }

  #room(): [StepColumns, PastGoals] {
    const { segment, capacity } = this.options;
    const window = new StepColumns(segment * this.env.envs, this.#shape);
    return [window, new PastGoals(capacity, this.#shape)];
  }

  /** Notes what is asked for, and in which words. */
  #hear(goal: string): void {
    if (!this.options.verbs && this.#verbs.size < MOST_VERBS) this.#verbs.add(verbOf(goal));
    this.#wording.hear(goal);
  }

  /** Keeps the steps that led environment i to a goal, if they did so now and it can be asked for. */
  #reach(i: number, goal: string, isMission: boolean): void {
    const verb = verbOf(goal);
    if (!this.#verbs.has(verb)) return;
    const [age, reached] = [this.#ages[i]!, this.#reached[i]!];
    const before = reached.get(goal);
    reached.set(goal, age);
    if (before !== undefined && before >= age - 1) return;
    const mission = isMission ? goal : this.#wording.reword(goal, this.#places?.ofFront(i));
    if (!this.#wording.isKnown(mission)) return void this.#counts.skipped++;
    const { segment, gamma, reward } = this.options;
    const n = Math.min(segment, age - (before ?? 0));
    for (let j = 0; j < n; j++) {
      const row = (this.#time - n + j) % segment * this.env.envs + i;
      this.#past.add(verb, this.#window, row, mission, reward * gamma ** (n - 1 - j));
    }
    this.#counts.goals++;
    this.#counts.steps += n;
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    const verbs = [...this.#verbs].map((verb) => `"${verb}"`).join(", ") || "of any verb";
    this.context.emit({
      type: "warning",
      code: "W_NOTE",
      message:
        `hindsight-replay had nothing to relabel: in ${this.#time} steps of each environment ` +
        `no goal ${verbs} was reached on "${this.env.id}" beside its missions.`,
    });
  }
}
