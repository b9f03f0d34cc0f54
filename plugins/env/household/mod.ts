/** A house in words: an environment that is no grid. */
import { definePlugin, option, type Plugin } from "@tandem/core";
import {
  multiDiscrete,
  type Pcg64,
  restart,
  termination,
  transition,
  vectorise,
  whole,
  type World,
  type WorldOptions,
} from "@tandem/core/kit";
import * as v from "valibot";
import type { HouseholdOptions } from "../options.ts";
import {
  ABSENT,
  achievementOf,
  ACTIONS,
  after,
  canDo,
  CONTAINERS,
  DEEDS,
  type House,
  missionOf,
  PLACES,
  ROOMS,
  stepsTo,
  suits,
  type Task,
  THINGS,
} from "./house.ts";
import { seenIn, SENTENCES } from "./sentences.ts";

/** Fewest things: then there is always one that suits a deed. */
const LEAST_THINGS = 2;

const options = {
  things: option(
    "Things in the house, of six that there are.",
    whole(LEAST_THINGS, THINGS.length),
    4,
  ),
  tells: option(
    `What is told: of the whole "house", or of the "room" where the agent is, so that things have to be
    looked for.`,
    v.picklist(["house", "room"]),
    "house",
  ),
  maxSteps: option("Steps after which an episode is truncated.", whole(1, 1000), 30),
} as const;

/** A house in words, with things to fetch, cook, wash and put away. */
export const household: Plugin<"env", HouseholdOptions, "vector"> = definePlugin({
  kind: "env",
  name: "household",
  description: "A house in words, with things to fetch, cook, wash and put away.",
  details: `
    A small text world, in the manner of TextWorld (arXiv 1806.11532): no grid, no view, no sides. Five
    rooms, of which the hall leads to all others; a drawer and a box that may be closed; and things of
    which one is carried at a time. A mission such as "cook the carrot" or "put the key into the box" takes
    several verbs in their order: go, open, take, go, open, put.

    An observation is a bit for each of ${SENTENCES.length} sentences, such as "You hold a carrot" or "There is a key in
    the drawer"; in words, those that are true. Which of the ${ACTIONS.length} actions are legal is told. The reward is that of
    BabyAI, 1 - 0.9 t / T. \`achieved\` names what a step did, "open the drawer" as "cook the potato".
    The expert takes a shortest way, and finds right whatever lies on one; it knows of all rooms.`,
  options,
  fits: ["vector"],
  create: (chosen, _context, { envs }) => vectorise(worldOf(chosen), envs),
});

type Options = Required<HouseholdOptions>;

type Spaces = { readonly sentences: ReturnType<typeof multiDiscrete> };

function worldOf(options: Options): WorldOptions<Spaces, number> {
  const { things, tells, maxSteps } = options;
  return {
    id: `Household-${things}${tells === "house" ? "" : "-room"}`,
    observation: { sentences: multiDiscrete(SENTENCES.map(() => 2)) },
    actions: ACTIONS.map(({ name }) => name),
    actionKinds: ACTIONS.map(({ name }) => name.split(" ", 1)[0]!),
    legalActions: true,
    missionWords: wordsOfMissions(),
    maxSteps,
    text: ({ sentences }) => SENTENCES.filter((_, index) => sentences[index] === 1),
    make: () => new HouseWorld(options),
  };
}

/** What a world remembers. */
interface HouseState {
  readonly house: House;
  readonly task: Task;
  /** Steps of the episode. */
  readonly steps: number;
  /** What the last step achieved. */
  readonly achieved: readonly string[];
}

class HouseWorld implements World<Spaces> {
  state!: HouseState;

  constructor(private readonly options: Options) {}

  reset(random: Pcg64) {
    this.state = { ...drawn(random, this.options.things), steps: 0, achieved: [] };
    return restart(this.#seen());
  }

  step(index: number) {
    const { house, task, steps } = this.state;
    const action = ACTIONS[index]!;
    const achieved = achievementOf(house, action);
    this.state = {
      ...{ house: after(house, action), task, steps: steps + 1 },
      achieved: [achieved],
    };
    if (achieved !== missionOf(task)) return transition(this.#seen());
    return termination(this.#seen(), 1 - 0.9 * (steps + 1) / this.options.maxSteps);
  }

  mission() {
    return missionOf(this.state.task);
  }

  achieved() {
    return this.state.achieved;
  }

  legal() {
    return ACTIONS.map((action) => canDo(this.state.house, action));
  }

  expert() {
    return ACTIONS.findIndex((_, action) => this.isRight(action));
  }

  isRight(action: number) {
    const { house, task } = this.state;
    const taken = ACTIONS[action]!;
    if (!canDo(house, taken)) return false;
    if (achievementOf(house, taken) === missionOf(task)) return true;
    return stepsTo(after(house, taken), task) < stepsTo(house, task);
  }

  #seen() {
    return { sentences: seenIn(this.state.house, this.options.tells === "house") };
  }
}

/** A house and a task that is not done yet. */
function drawn(random: Pcg64, things: number): { readonly house: House; readonly task: Task } {
  const deed = random.integers(0, DEEDS.length);
  const suitable = THINGS.map((_, thing) => thing).filter((thing) => suits({ deed, thing }));
  const task = { deed, thing: suitable[random.integers(0, suitable.length)]! };
  const others = THINGS.map((_, thing) => thing).filter((thing) => thing !== task.thing);
  const present = new Set([task.thing, ...random.shuffle(others).slice(0, things - 1)]);
  const places = THINGS.map((_, thing) => present.has(thing) ? random.integers(0, PLACES) : ABSENT);
  // What shall be put somewhere is not there already.
  const { place } = DEEDS[deed]!;
  if (places[task.thing] === place) places[task.thing] = (place + 1) % PLACES;
  const house = {
    room: random.integers(0, ROOMS.length),
    places,
    open: CONTAINERS.map(() => random.integers(0, 2) === 1),
  };
  return { house, task };
}

function wordsOfMissions(): string[] {
  const missions = DEEDS.flatMap((_, deed) => THINGS.map((_, thing) => missionOf({ deed, thing })));
  return [...new Set(missions.flatMap((mission) => mission.split(" ")))];
}
