/** An episode under way, and what its achievements make right in hindsight. */
import { type Goal, goalsOf, hasParts, movesThings, opensWay } from "./goals.ts";
import { withoutLoops } from "./paths.ts";
import { shortestWays } from "./plan.ts";
import {
  cellOf,
  nameOf,
  ORIGIN,
  type Pose,
  poseAfter,
  seenFrom,
  stepped,
  type TurnAndStep,
} from "./pose.ts";

/** A step as it is remembered. */
export interface Step {
  /** Which of the steps judged. */
  readonly at: number;
  /** What was done. */
  readonly action: number;
  /** What was suggested, or -1. */
  readonly choice: number;
  /** The key of what was seen. */
  readonly key: number;
}

/** What is right at a step in hindsight. */
export interface Insight {
  readonly step: Step;
  readonly actions: readonly number[];
  /**
   * Where that lay with which it was achieved, as seen at the step: cells to the right, and cells ahead;
   * undefined where that is not known.
   */
  readonly thing?: readonly [right: number, ahead: number];
  /** Steps from there to the achievement. */
  readonly distance: number;
  /** The mission under which it is right; undefined for the one that was asked. */
  readonly mission: string | undefined;
}

/** How credit is given. */
export interface CreditOptions {
  readonly credit: "paths" | "plan";
  readonly relabel: "own" | "all";
  /** Steps before an achievement that are judged. */
  readonly horizon: number;
  /** The actions that turn and step, where the env has them. */
  readonly moves: TurnAndStep | undefined;
}

/** A step with where it was done. */
interface PlacedStep extends Step {
  readonly pose: Pose;
}

/** What an episode remembers, as JSON. */
export interface SavedEpisode {
  readonly steps: readonly PlacedStep[];
  readonly starts: readonly number[];
  readonly opened: readonly number[];
  readonly achieved: readonly string[] | null;
}

/** The steps of one environment's episode. */
export class Episode {
  #steps: PlacedStep[] = [];
  /** Where parts of it begin: a new one when a thing was picked up or put down. */
  #starts: number[] = [0];
  /** Steps that opened what was before the agent. */
  #opened: number[] = [];
  /** What the last step achieved, until it is known what it led to. */
  #achieved: readonly string[] | undefined;
  #pose: Pose = ORIGIN;

  constructor(private readonly options: CreditOptions) {}

  /** Forgets all: another episode begins. */
  restart(): void {
    [this.#steps, this.#starts, this.#opened] = [[], [0], []];
    [this.#achieved, this.#pose] = [undefined, ORIGIN];
  }

  /** Enters a step, when the one before is complete. */
  add(step: Step, achieved: readonly string[]): void {
    this.#steps.push({ ...step, pose: this.#pose });
    this.#achieved = achieved;
  }

  /**
   * The last step is known to have led to another state.
   *
   * @param mission What is asked in this episode.
   * @param nextKey The key of what was seen next; undefined where the episode ended.
   * @param won Whether it ended with success.
   * @returns What is right in hindsight, the nearest to the achievement last.
   */
  complete(mission: string, nextKey: number | undefined, won: boolean): readonly Insight[] {
    const [step, achieved] = [this.#steps.at(-1), this.#achieved];
    if (!step || !achieved) return [];
    this.#achieved = undefined;
    const { moves, relabel } = this.options;
    // What ended an episode by a step forward was reached by it.
    const changed = nextKey === undefined || nextKey !== step.key;
    if (moves) this.#pose = poseAfter(step.pose, step.action, moves, changed);
    const insights = goalsOf(mission, achieved, won, relabel === "all")
      .flatMap((goal) => this.#insightsOn(goal, mission));
    if (opensWay(achieved)) this.#opened.push(this.#steps.length - 1);
    // Where states are told by their keys, these tell what was moved.
    if (moves && movesThings(achieved)) this.#starts.push(this.#steps.length);
    return insights;
  }

  /** What it remembers. */
  save(): SavedEpisode {
    return {
      ...{ steps: this.#steps, starts: this.#starts, opened: this.#opened },
      achieved: this.#achieved ?? null,
    };
  }

  /** Goes on where {@linkcode save} was called, with the last step's outcome unknown. */
  load({ steps, starts, opened, achieved }: SavedEpisode): void {
    [this.#steps, this.#starts, this.#opened] = [[...steps], [...starts], [...opened]];
    this.#achieved = achieved ?? undefined;
    this.#pose = steps.at(-1)?.pose ?? ORIGIN;
  }

  #insightsOn({ mission, afterPickUp }: Goal, asked: string): readonly Insight[] {
    const { credit } = this.options;
    const goal = mission ?? asked;
    // Its end says nothing of where the way should have led before that.
    if (credit === "plan" && hasParts(goal)) return [];
    const [from, end] = [this.#starts.at(-1)!, this.#steps.length];
    // What was put down lies before the agent, not what it was to be put next to.
    const last = this.#insightsIn(from, end, mission);
    const known = afterPickUp || hasParts(goal) ? last : this.#withThing(last, end);
    const before = this.#starts.at(-2);
    if (!afterPickUp || before === undefined) return known;
    return [...this.#withThing(this.#insightsIn(before, from, mission), from), ...known];
  }

  /** With the thing that lies before the agent at the end of a way, as it was seen on the way. */
  #withThing(insights: readonly Insight[], to: number): readonly Insight[] {
    if (!this.options.moves) return insights;
    const thing = stepped(this.#endOf(to));
    return insights.map((insight) => {
      const { pose } = insight.step as PlacedStep;
      return { ...insight, thing: seenFrom(pose, thing) };
    });
  }

  /** The pose after the step before step `to`. */
  #endOf(to: number): Pose {
    return this.#steps[to]?.pose ?? this.#pose;
  }

  /** What is right at the steps from `from` on, the last of which, before `to`, achieved something. */
  #insightsIn(from: number, to: number, mission: string | undefined): readonly Insight[] {
    const steps = this.#steps.slice(Math.max(from, to - this.options.horizon), to);
    const { credit, moves } = this.options;
    if (credit === "plan" && moves) return this.#planned(steps, to, mission, moves);
    const placeOf = ({ pose, key }: PlacedStep) => moves ? nameOf(pose) : key;
    const path = withoutLoops(steps, placeOf);
    return path.map((step, index) => {
      return { step, actions: [step.action], distance: path.length - 1 - index, mission };
    });
  }

  #planned(
    steps: readonly PlacedStep[],
    to: number,
    mission: string | undefined,
    moves: TurnAndStep,
  ): readonly Insight[] {
    const last = steps.at(-1)!;
    const end = this.#endOf(to);
    // What turned or stepped achieved it by where it led, anything else by being done there.
    const isDeed = nameOf(end) === nameOf(last.pose);
    const wayFrom = shortestWays(steps.map(({ pose }) => pose), end, moves);
    const latest = new Map(steps.map((step) => [nameOf(step.pose), step]));
    return [...latest.values()].flatMap((step) => {
      const way = wayFrom(step.pose);
      const actions = way?.distance === 0 && isDeed ? [last.action] : this.#doors(step, way, moves);
      return way && actions.length > 0 ? [{ step, actions, distance: way.distance, mission }] : [];
    }).sort((a, b) => b.distance - a.distance);
  }

  /** The first actions of a way, with what opens it in place of a step into what was closed then. */
  #doors(
    step: PlacedStep,
    way: { readonly actions: readonly number[] } | undefined,
    { forward }: TurnAndStep,
  ): readonly number[] {
    const actions = way?.actions ?? [];
    if (this.#opened.length === 0 || !actions.includes(forward)) return actions;
    const ahead = cellOf(stepped(step.pose));
    const opening = this.#opened.map((index) => this.#steps[index]!)
      .find(({ at, pose }) => at >= step.at && cellOf(stepped(pose)) === ahead);
    return opening
      ? actions.map((action) => action === forward ? opening.action : action)
      : actions;
  }
}
