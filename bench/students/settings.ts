/** What the student is set to on each level, beside what pipelines/rooms.ts says. */

/** Levels that are learned with the same settings. */
export interface Group {
  readonly name: string;
  readonly settings: readonly string[];
  /** Without "BabyAI-" and the version. */
  readonly levels: readonly string[];
}

const SMALLER_STEPS = "student.minibatch=256";
const FARTHER = ["advantage.gamma=0.95", "extra.hindsight.gamma=0.95"];

/** The levels that take place in one room, by what is asked for there. */
export const ROOMS: readonly Group[] = [
  {
    name: "go to",
    settings: [],
    levels: [
      ...["GoToRedBallGrey", "GoToRedBall", "GoToRedBallNoDists", "GoToRedBlueBall"],
      ...["GoToObj", "GoToObjS4", "GoToObjS6"],
      ...["GoToLocal", "GoToLocalS5N2", "GoToLocalS6N2", "GoToLocalS6N3", "GoToLocalS6N4"],
      ...["GoToLocalS7N4", "GoToLocalS7N5", "GoToLocalS8N2", "GoToLocalS8N3", "GoToLocalS8N4"],
      ...["GoToLocalS8N5", "GoToLocalS8N6", "GoToLocalS8N7"],
      ...["GoToDoor", "GoToObjDoor"],
    ],
  },
  {
    name: "pick up",
    settings: [
      SMALLER_STEPS,
      "student.pose=true",
      'extra.hindsight.verbs=["go to","pick up"]',
      "extra.hindsight.own=true",
    ],
    levels: [
      ...["PickupLoc", "PickupDist", "PickupDistDebug"],
      ...["OneRoomS8", "OneRoomS12", "OneRoomS16", "OneRoomS20"],
    ],
  },
  {
    name: "go to, pick up or open",
    settings: [SMALLER_STEPS, "extra.hindsight.own=true"],
    levels: ["ActionObjDoor"],
  },
  {
    name: "put next to",
    settings: [
      ...[SMALLER_STEPS, ...FARTHER],
      ...["extra.novelty=novelty-bonus", "extra.novelty.steps=80000"],
    ],
    levels: ["PutNextLocal", "PutNextLocalS5N3", "PutNextLocalS6N4"],
  },
];

/** Levels of several rooms, learned with a memory of the episode. */
export const MORE_ROOMS: readonly Group[] = [
  {
    name: "several rooms",
    settings: [
      ...[SMALLER_STEPS, ...FARTHER, "student.pose=true", "student.memory=64"],
      ...["extra.hindsight.own=true", "extra.novelty=novelty-bonus"],
    ],
    levels: [
      ...["OpenDoor", "UnlockLocal", "GoTo", "GoToSeqS5R2", "SynthS5R2", "MiniBossLevel"],
    ],
  },
];
