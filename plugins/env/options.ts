/** Written by `deno task docs:plugins` from the schemas of the options: change those. */

/** Options of `babyai`: BabyAI's 96 levels, bit-exact to Minigrid. */
export interface BabyaiOptions {
  /** A level's id; "BabyAI-" and "-v0" may be left out. Default: "BabyAI-GoToRedBallNoDists-v0". */
  readonly level?: string;
  /**
   * Cells along a side of the agent's view: odd, 3 to 15. A whole number from 3 to 15. Default: 7.
   */
  readonly viewSize?: number;
  /**
   * Cells along a side of the part of the view that observations hold: odd, 3 up to `viewSize`,
   * which it is where not given. Words tell the whole view: a student that sees less than its
   * teacher is told. A whole number from 3 to 15.
   */
  readonly narrowed?: number;
  /**
   * What is observed: the agent's "view", the "full" grid, the view "one-hot", or "flat" with the
   * mission. Default: "view".
   */
  readonly observation?: "view" | "full" | "one-hot" | "flat";
  /** The language of observations in words. Default: "english". */
  readonly language?: "english" | "french";
  /**
   * Whether success is worth the less the longer it took, 1 - 0.9 t / T; else it is worth 1.
   * Default: true.
   */
  readonly timedReward?: boolean;
  /**
   * Factors that stay as they are in the world of a seed while the rest varies: where the agent
   * starts, what stands where, what the mission asks for. Such as { "layout": 3 }.
   */
  readonly fixed?: {
    /** Seed of where the agent starts. A whole number from 0 to 9007199254740991. */
    readonly agent?: number;
    /** Seed of what stands where. A whole number from 0 to 9007199254740991. */
    readonly layout?: number;
    /** Seed of what the mission asks for. A whole number from 0 to 9007199254740991. */
    readonly goal?: number;
  };
  /**
   * Which of the level's missions are met, in training and when measured: with one of some words,
   * without any of others, for words held out of training. A world with another is drawn anew. Such
   * as { "without": ["purple", "box"] }.
   */
  readonly missions?: {
    /** Words of which a mission has at least one. */
    readonly with?: string[];
    /** Words of which a mission has none. */
    readonly without?: string[];
  };
}

/** Options of `corridor`: A corridor with a flag: a tiny world for tutorials and tests. */
export interface CorridorOptions {
  /** Number of cells, at least 2. A whole number from 2 to 255. Default: 7. */
  readonly length?: number;
}

/**
 * Options of `corridor-float`: A corridor whose places are floats: a tiny world for students that
 * read them.
 */
export interface CorridorFloatOptions {
  /**
   * How far a step goes, of a corridor of the length 1. A number from 1e-12 to 0.25. Default: 0.1.
   */
  readonly stride?: number;
}

/** Options of `gymnasium`: Any environment of Python's Gymnasium. */
export interface GymnasiumOptions {
  /**
   * The environment's id, such as "CartPole-v1"; "my_worlds:Room-v0" imports the Python module
   * my_worlds first. Default: "CartPole-v1".
   */
  readonly id?: string;
  /**
   * The Python that has Gymnasium: a name that is searched for, or a path, as that of a virtual
   * environment. Default: "python3".
   */
  readonly python?: string;
  /** What `gymnasium.make` is told besides, such as { "is_slippery": false }. Default: {}. */
  readonly kwargs?: Record<string, unknown>;
  /**
   * The most steps of an episode, at which it is truncated; the environment's own unless told. A
   * whole number from 1 to 10000000.
   */
  readonly maxSteps?: number;
  /**
   * The return at which an episode counts as solved; the environment's own unless told. A number
   * from -1000000000000 to 1000000000000.
   */
  readonly rewardThreshold?: number;
  /** Names of the actions, which teachers suggest; the environment's own unless told. */
  readonly actions?: string[];
  /** Words that missions are made of, for students that read them; Minigrid's are known. */
  readonly missionWords?: string[];
  /**
   * Seconds within which the environments have to answer. A number from 1e-12 to 86400. Default:
   * 60.
   */
  readonly timeout?: number;
}

/** Options of `household`: A house in words, with things to fetch, cook, wash and put away. */
export interface HouseholdOptions {
  /** Things in the house, of six that there are. A whole number from 2 to 6. Default: 4. */
  readonly things?: number;
  /**
   * What is told: of the whole "house", or of the "room" where the agent is, so that things have to
   * be looked for. Default: "house".
   */
  readonly tells?: "house" | "room";
  /** Steps after which an episode is truncated. A whole number from 1 to 1000. Default: 30. */
  readonly maxSteps?: number;
}
