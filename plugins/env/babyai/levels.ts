/** The 96 BabyAI levels of Farama Minigrid 3.1.0 by id (minigrid/__init__.py). */

import { TandemError } from "@tandem/core";
import { didYouMean, quote } from "@tandem/core/internal";
import type { Level } from "./builder.ts";
import { BLUE, RED } from "./cells.ts";
import * as go from "./levels/goto.ts";
import * as doors from "./levels/open.ts";
import * as other from "./levels/other.ts";
import * as take from "./levels/pickup.ts";
import * as put from "./levels/putnext.ts";
import { synth } from "./levels/synth.ts";
import * as locks from "./levels/unlock.ts";

/** Every level by its id, as a function that makes it. */
export const LEVELS = {
  "BabyAI-GoToRedBallGrey-v0": (): Level => go.goToRedBallGrey(),
  "BabyAI-GoToRedBall-v0": (): Level => go.goToRedBall(7),
  "BabyAI-GoToRedBallNoDists-v0": (): Level => go.goToRedBall(0),
  "BabyAI-GoToObj-v0": (): Level => go.goToObj(8),
  "BabyAI-GoToObjS4-v0": (): Level => go.goToObj(4),
  "BabyAI-GoToObjS6-v1": (): Level => go.goToObj(6),
  "BabyAI-GoToLocal-v0": (): Level => go.goToLocal(8, 8),
  "BabyAI-GoToLocalS5N2-v0": (): Level => go.goToLocal(5, 2),
  "BabyAI-GoToLocalS6N2-v0": (): Level => go.goToLocal(6, 2),
  "BabyAI-GoToLocalS6N3-v0": (): Level => go.goToLocal(6, 3),
  "BabyAI-GoToLocalS6N4-v0": (): Level => go.goToLocal(6, 4),
  "BabyAI-GoToLocalS7N4-v0": (): Level => go.goToLocal(7, 4),
  "BabyAI-GoToLocalS7N5-v0": (): Level => go.goToLocal(7, 5),
  "BabyAI-GoToLocalS8N2-v0": (): Level => go.goToLocal(8, 2),
  "BabyAI-GoToLocalS8N3-v0": (): Level => go.goToLocal(8, 3),
  "BabyAI-GoToLocalS8N4-v0": (): Level => go.goToLocal(8, 4),
  "BabyAI-GoToLocalS8N5-v0": (): Level => go.goToLocal(8, 5),
  "BabyAI-GoToLocalS8N6-v0": (): Level => go.goToLocal(8, 6),
  "BabyAI-GoToLocalS8N7-v0": (): Level => go.goToLocal(8, 7),
  "BabyAI-GoTo-v0": (): Level => go.goTo(),
  "BabyAI-GoToOpen-v0": (): Level => go.goTo({ open: true }),
  "BabyAI-GoToObjMaze-v0": (): Level => go.goTo({ distractors: 1 }),
  "BabyAI-GoToObjMazeOpen-v0": (): Level => go.goTo({ distractors: 1, open: true }),
  "BabyAI-GoToObjMazeS4R2-v0": (): Level => go.goTo({ distractors: 1, roomSize: 4, rooms: 2 }),
  "BabyAI-GoToObjMazeS4-v0": (): Level => go.goTo({ distractors: 1, roomSize: 4 }),
  "BabyAI-GoToObjMazeS5-v0": (): Level => go.goTo({ distractors: 1, roomSize: 5 }),
  "BabyAI-GoToObjMazeS6-v0": (): Level => go.goTo({ distractors: 1, roomSize: 6 }),
  "BabyAI-GoToObjMazeS7-v0": (): Level => go.goTo({ distractors: 1, roomSize: 7 }),
  "BabyAI-GoToImpUnlock-v0": (): Level => go.goToImpUnlock(),
  "BabyAI-GoToSeq-v0": (): Level => goToSequence({}),
  "BabyAI-GoToSeqS5R2-v0": (): Level =>
    goToSequence({ roomSize: 5, columns: 2, rows: 2, distractors: 4 }),
  "BabyAI-GoToRedBlueBall-v0": (): Level => go.goToRedBlueBall(),
  "BabyAI-GoToDoor-v0": (): Level => go.goToDoor(),
  "BabyAI-GoToObjDoor-v0": (): Level => go.goToObjDoor(),

  "BabyAI-Open-v0": (): Level => doors.open(),
  "BabyAI-OpenRedDoor-v0": (): Level => doors.openRedDoor(),
  "BabyAI-OpenDoor-v0": (): Level => doors.openDoor(),
  "BabyAI-OpenDoorDebug-v0": (): Level => doors.openDoor(undefined, true),
  "BabyAI-OpenDoorColor-v0": (): Level => doors.openDoor("color"),
  "BabyAI-OpenDoorLoc-v0": (): Level => doors.openDoor("place"),
  "BabyAI-OpenTwoDoors-v0": (): Level => doors.openTwoDoors(),
  "BabyAI-OpenRedBlueDoors-v0": (): Level => doors.openTwoDoors(RED, BLUE),
  "BabyAI-OpenRedBlueDoorsDebug-v0": (): Level => doors.openTwoDoors(RED, BLUE, true),
  "BabyAI-OpenDoorsOrderN2-v0": (): Level => doors.openDoorsOrder(2),
  "BabyAI-OpenDoorsOrderN4-v0": (): Level => doors.openDoorsOrder(4),
  "BabyAI-OpenDoorsOrderN2Debug-v0": (): Level => doors.openDoorsOrder(2, true),
  "BabyAI-OpenDoorsOrderN4Debug-v0": (): Level => doors.openDoorsOrder(4, true),

  "BabyAI-Pickup-v0": (): Level => take.pickup(),
  "BabyAI-UnblockPickup-v0": (): Level => take.unblockPickup(),
  "BabyAI-PickupLoc-v0": (): Level =>
    synth({
      actions: ["pickup"],
      forms: ["action"],
      columns: 1,
      rows: 1,
      distractors: 8,
      lockedRoom: 0,
      unblocking: false,
    }),
  "BabyAI-PickupDist-v0": (): Level => take.pickupDist(),
  "BabyAI-PickupDistDebug-v0": (): Level => take.pickupDist(true),
  "BabyAI-PickupAbove-v0": (): Level => take.pickupAbove(),

  "BabyAI-PutNextLocal-v0": (): Level => put.putNextLocal(8, 8),
  "BabyAI-PutNextLocalS5N3-v0": (): Level => put.putNextLocal(5, 3),
  "BabyAI-PutNextLocalS6N4-v0": (): Level => put.putNextLocal(6, 4),
  "BabyAI-PutNextS4N1-v0": (): Level => put.putNext(4, 1),
  "BabyAI-PutNextS5N2-v0": (): Level => put.putNext(5, 2),
  "BabyAI-PutNextS5N1-v0": (): Level => put.putNext(5, 1),
  "BabyAI-PutNextS6N3-v0": (): Level => put.putNext(6, 3),
  "BabyAI-PutNextS7N4-v0": (): Level => put.putNext(7, 4),
  "BabyAI-PutNextS5N2Carrying-v0": (): Level => put.putNext(5, 2, true),
  "BabyAI-PutNextS6N3Carrying-v0": (): Level => put.putNext(6, 3, true),
  "BabyAI-PutNextS7N4Carrying-v0": (): Level => put.putNext(7, 4, true),

  "BabyAI-Unlock-v0": (): Level => locks.unlock(),
  "BabyAI-UnlockLocal-v0": (): Level => locks.unlockLocal(0),
  "BabyAI-UnlockLocalDist-v0": (): Level => locks.unlockLocal(3),
  "BabyAI-KeyInBox-v0": (): Level => locks.keyInBox(),
  "BabyAI-UnlockPickup-v0": (): Level => locks.unlockPickup(0),
  "BabyAI-UnlockPickupDist-v0": (): Level => locks.unlockPickup(4),
  "BabyAI-BlockedUnlockPickup-v0": (): Level => locks.blockedUnlockPickup(),
  "BabyAI-UnlockToUnlock-v0": (): Level => locks.unlockToUnlock(),

  "BabyAI-ActionObjDoor-v0": (): Level => other.actionObjDoor(),
  "BabyAI-FindObjS5-v0": (): Level => other.findObj(5),
  "BabyAI-FindObjS6-v0": (): Level => other.findObj(6),
  "BabyAI-FindObjS7-v0": (): Level => other.findObj(7),
  "BabyAI-KeyCorridor-v0": (): Level => other.keyCorridor(6, 3),
  "BabyAI-KeyCorridorS3R1-v0": (): Level => other.keyCorridor(3, 1),
  "BabyAI-KeyCorridorS3R2-v0": (): Level => other.keyCorridor(3, 2),
  "BabyAI-KeyCorridorS3R3-v0": (): Level => other.keyCorridor(3, 3),
  "BabyAI-KeyCorridorS4R3-v0": (): Level => other.keyCorridor(4, 3),
  "BabyAI-KeyCorridorS5R3-v0": (): Level => other.keyCorridor(5, 3),
  "BabyAI-KeyCorridorS6R3-v0": (): Level => other.keyCorridor(6, 3),
  "BabyAI-OneRoomS8-v0": (): Level => other.oneRoomBall(8),
  "BabyAI-OneRoomS12-v0": (): Level => other.oneRoomBall(12),
  "BabyAI-OneRoomS16-v0": (): Level => other.oneRoomBall(16),
  "BabyAI-OneRoomS20-v0": (): Level => other.oneRoomBall(20),
  "BabyAI-MoveTwoAcrossS5N2-v0": (): Level => put.moveTwoAcross(5, 2),
  "BabyAI-MoveTwoAcrossS8N9-v0": (): Level => put.moveTwoAcross(8, 9),

  "BabyAI-Synth-v0": (): Level =>
    synth({ forms: ["action"], places: false, implicitUnlock: false }),
  "BabyAI-SynthS5R2-v0": (): Level =>
    synth({ forms: ["action"], places: false, implicitUnlock: false, roomSize: 5, rows: 2 }),
  "BabyAI-SynthLoc-v0": (): Level => synth({ forms: ["action"], implicitUnlock: false }),
  "BabyAI-SynthSeq-v0": (): Level => synth({ implicitUnlock: false }),
  "BabyAI-MiniBossLevel-v0": (): Level =>
    synth({ columns: 2, rows: 2, roomSize: 5, distractors: 7, lockedRoom: 0.25 }),
  "BabyAI-BossLevel-v0": (): Level => synth(),
  "BabyAI-BossLevelNoUnlock-v0": (): Level => synth({ lockedRoom: 0, implicitUnlock: false }),
} as const satisfies Record<string, () => Level>;

/** A level that has no id of BabyAI's. */
export interface OwnLevel extends Level {
  readonly id: string;
}

/** The id of a level, such as "BabyAI-GoToLocal-v0". */
export type LevelId = keyof Levels;

/** @internal */
type Levels = typeof LEVELS;

/** The ids of all levels. */
export const LEVEL_IDS: readonly LevelId[] = Object.keys(LEVELS) as LevelId[];

/**
 * The id that a name stands for: "GoToLocal" and "GoToLocal-v0" are "BabyAI-GoToLocal-v0".
 *
 * @throws {TandemError} E_LEVEL where there is no such level, with the nearest name, written as the one
 * that was asked for.
 */
export function levelId(level: string): LevelId {
  if (Object.hasOwn(LEVELS, level)) return level as LevelId;
  const versioned = LEVEL_IDS.map((id) => id.replace(/^BabyAI-/, ""));
  const short = versioned.map((name) => name.replace(/-v\d+$/, ""));
  const index = Math.max(versioned.indexOf(level), short.indexOf(level));
  if (index >= 0) return LEVEL_IDS[index]!;
  const alike = /^babyai-/i.test(level) ? LEVEL_IDS : /-v\d+$/.test(level) ? versioned : short;
  const hint = didYouMean(level, alike);
  throw new TandemError(
    "E_LEVEL",
    `No level is named ${quote(level)}.${hint || " deno task levels lists all."}`,
  );
}

/**
 * The level of an id.
 *
 * @throws TandemError E_LEVEL where there is none, with the nearest name.
 * @example
 * ```ts
 * import { findLevel } from "./levels.ts";
 * import assert from "node:assert/strict";
 * assert.equal(findLevel("BabyAI-GoToLocal-v0").roomSize, 8);
 * assert.throws(() => findLevel("BabyAI-GoToLokal-v0"), /Did you mean "BabyAI-GoToLocal-v0"/);
 * ```
 */
export function findLevel(id: string): Level {
  if (Object.hasOwn(LEVELS, id)) return LEVELS[id as LevelId]();
  throw new TandemError("E_LEVEL", `No level is named ${quote(id)}.${didYouMean(id, LEVEL_IDS)}`);
}

function goToSequence(plan: Parameters<typeof synth>[0]): Level {
  return synth({ actions: ["goto"], lockedRoom: 0, places: false, unblocking: false, ...plan });
}
