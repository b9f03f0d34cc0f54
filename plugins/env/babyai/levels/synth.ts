/** Levels with missions of every form: minigrid/envs/babyai/core/levelgen.py, synth.py. */

import { type Builder, type Level, target } from "../builder.ts";
import { BALL, BOX, DOOR, KEY } from "../cells.ts";
import { AFTER, ANY, BEFORE } from "../missions.ts";
import { RANDOM, REJECTED } from "../rooms.ts";
import { level } from "./plans.ts";

/** What a synthetic level may ask for. */
export interface SynthPlan {
  readonly roomSize: number;
  readonly columns: number;
  readonly rows: number;
  readonly distractors: number;
  /** Probability of a locked room. */
  readonly lockedRoom: number;
  /** Whether objects are told by their place too. */
  readonly places: boolean;
  /** Whether objects may stand in the way. */
  readonly unblocking: boolean;
  /** Whether a mission may need the locked room without saying so. */
  readonly implicitUnlock: boolean;
  readonly actions: readonly SynthAction[];
  readonly forms: readonly Form[];
}

type SynthAction = "goto" | "pickup" | "open" | "putnext";
type Form = "action" | "and" | "sequence";

const DEFAULTS: SynthPlan = {
  roomSize: 8,
  columns: 3,
  rows: 3,
  distractors: 18,
  lockedRoom: 0.5,
  places: true,
  unblocking: true,
  implicitUnlock: true,
  actions: ["goto", "pickup", "open", "putnext"],
  forms: ["action", "and", "sequence"],
};

const PORTABLE = [BOX, BALL, KEY] as const;
const ALL_TYPES = [BOX, BALL, KEY, DOOR] as const;
const DOORS = [DOOR] as const;
const ONE_ACTION = ["action"] as const;
const ACTION_OR_PAIR = ["action", "and"] as const;

/** Descriptions tried before a world is given up, as in Minigrid. */
const DESCRIPTION_TRIES = 101;

/** A maze with a random mission. */
export function synth(options: Partial<SynthPlan> = {}): Level {
  const plan = { ...DEFAULTS, ...options };
  const { roomSize, columns, rows, unblocking } = plan;
  return level((b) => {
    const isLocked = b.layoutRandom.uniform(0, 1) < plan.lockedRoom;
    if (isLocked) addLockedRoom(b, plan);
    b.connectAll();
    b.distractors(plan.distractors, false);
    b.agent(RANDOM, RANDOM, isLocked ? b.lockedRoom : -1);
    if (!unblocking) b.requireReachable();
    addInstruction(b, plan, plan.forms);
  }, { roomSize, columns, rows, sparesKeys: unblocking });
}

function addLockedRoom(b: Builder, { columns, rows }: SynthPlan): void {
  const random = b.layoutRandom;
  let column: number, row: number, side: number;
  do {
    column = random.integers(0, columns);
    row = random.integers(0, rows);
    side = random.integers(0, 4);
  } while (!b.hasNeighbor(column, row, side));
  b.lockedRoom = row * columns + column;
  const door = b.door(column, row, side, undefined, true);
  do {
    column = random.integers(0, columns);
    row = random.integers(0, rows);
  } while (row * columns + column === b.lockedRoom);
  b.key(column, row, b.colorOf(door));
}

function addInstruction(b: Builder, plan: SynthPlan, forms: readonly Form[]): void {
  const form = b.chooseGoal(forms);
  if (form === "action") return addAction(b, plan);
  if (form === "and") {
    addInstruction(b, plan, ONE_ACTION);
    return addInstruction(b, plan, ONE_ACTION);
  }
  addInstruction(b, plan, ACTION_OR_PAIR);
  b.then(BEFORE);
  addInstruction(b, plan, ACTION_OR_PAIR);
  if (b.drawGoal(2) === 1) b.then(AFTER);
}

function addAction(b: Builder, plan: SynthPlan): void {
  switch (b.chooseGoal(plan.actions)) {
    case "goto":
      return b.goTo(drawTarget(b, plan, ALL_TYPES));
    case "pickup":
      return b.pickUp(drawTarget(b, plan, PORTABLE));
    case "open":
      return b.open(drawTarget(b, plan, DOORS));
    case "putnext": {
      const moved = drawTarget(b, plan, PORTABLE);
      return b.putNext(moved, drawTarget(b, plan, ALL_TYPES));
    }
  }
}

function drawTarget(b: Builder, plan: SynthPlan, types: readonly number[]): number {
  for (let tries = 0; tries < DESCRIPTION_TRIES; tries++) {
    const color = b.colorOrAny();
    const type = b.chooseGoal(types);
    const place = plan.places && b.drawGoal(2) === 0 ? b.drawGoal(4) : ANY;
    const drawn = target(type, color, place);
    if (b.someMatch(drawn, plan.implicitUnlock ? -1 : b.lockedRoom)) return drawn;
  }
  throw REJECTED;
}
