import type {
  Env,
  EnvSpec,
  EnvStep,
  Observations,
  Oracle,
  Reference,
  SketchCell,
  StageState,
  Tensors,
} from "@tandem/core";
import { multiDiscrete } from "@tandem/core/kit";
import { joinStates, partOfState } from "@tandem/core/internal";
import { Achievements } from "./achievements.ts";
import { subgoalCandidates } from "./bot_words.ts";
import { takePicture } from "./draw.ts";
import { drawSvg } from "./draw_svg.ts";
import { VersionedCache } from "./versioned_cache.ts";
import { leavesOut, MISSION_WORDS } from "./mission_words.ts";
import { BabyAIOracle } from "./oracle.ts";
import { planCandidates } from "./plan_words.ts";
import { referenceOf } from "./references.ts";
import { sketchPicture } from "./sketch.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { type Language, type ViewPlaces, viewPlaces } from "./text.ts";
import { type BabyAIOptions, BabyAIVector } from "./vector.ts";

/** The actions in BabyAI-Text's words, in Minigrid's order. */
export const ACTION_TEXTS: readonly string[] = [
  "turn left",
  "turn right",
  "go forward",
  "pick up",
  "drop",
  "toggle",
  "done",
];

/** Turns and steps are of one kind. */
const ACTION_KINDS: readonly string[] = ACTION_TEXTS.map((text, i) => i < 3 ? "moves" : text);

/** What was measured of these worlds; other views, fixed factors and missions make others of them. */
function referenceFor(options: BabyAIOptions): Reference | undefined {
  const { level, viewSize = 7, fixed = {}, missions = {} } = options;
  const areMinigrids = viewSize === 7 && !leavesOut(missions) &&
    Object.values(fixed).every((seed) => seed === undefined);
  return areMinigrids && typeof level === "string" ? referenceOf(level) : undefined;
}

/** BabyAI's worlds as a stage; see {@linkcode BabyAIVector} for the engine. */
export class BabyAIEnv implements Env {
  readonly spec: EnvSpec;
  readonly #vector: BabyAIVector;
  readonly #now: Observations;
  readonly #answer: EnvStep;
  readonly #achievements: Achievements;
  readonly #places: ViewPlaces;
  #oracle: BabyAIOracle | undefined;
  readonly #texts: VersionedCache<readonly string[]>;
  readonly #snapshots: VersionedCache<string>;

  /** @param language What `text` is written in. */
  constructor(options: BabyAIOptions, language: Language = "english") {
    const vector = this.#vector = new BabyAIVector(options);
    this.#achievements = new Achievements(vector);
    this.#texts = new VersionedCache(vector.versions, (i) => vector.text(i, language));
    this.#snapshots = new VersionedCache(
      vector.versions,
      (i) => writeSnapshot(takePicture(vector.world(i))),
    );
    const { envs } = vector;
    const { words, places } = this.#places = viewPlaces(vector.view.size, language);
    this.spec = {
      id: vector.level,
      envs,
      observation: {
        view: multiDiscrete(vector.categories, { layout: "grid", channels: vector.channels }),
      },
      actions: ACTION_TEXTS,
      actionKinds: ACTION_KINDS,
      missionWords: MISSION_WORDS,
      guidance: { subgoal: subgoalCandidates(), plan: planCandidates(), reference: words },
      places,
      maxSteps: vector.longestEpisode,
      reference: referenceFor(options),
      autoreset: "same-step",
    };
    const shape = [envs, vector.categories.length];
    const viewIn = (data: Uint8Array): Tensors => ({
      view: { dtype: "uint8", shape, place: "host", data },
    });
    this.#now = {
      envs,
      tensors: viewIn(vector.observations),
      mission: (i) => vector.mission(i),
      text: (i) => this.#texts.of(i),
      key: (i) => vector.key(i),
    };
    this.#answer = {
      observations: this.#now,
      finals: {
        envs,
        tensors: viewIn(vector.finals),
        mission: (i) => vector.finalMission(i),
        text: (i) => vector.finalText(i, language),
        key: (i) => vector.finalKey(i),
      },
      rewards: new Float32Array(envs),
      terminated: vector.terminated,
      truncated: new Uint8Array(envs),
    };
  }

  reset(seeds: ArrayLike<number>): Observations {
    this.#vector.reset(seeds);
    this.#achievements.forget();
    this.#oracle?.restart();
    return this.#now;
  }

  step(actions: Int32Array): EnvStep {
    const vector = this.#vector;
    const { rewards, terminated, truncated } = this.#answer;
    this.#achievements.begin(actions);
    vector.step(actions);
    rewards.set(vector.rewards);
    for (let i = 0; i < truncated.length; i++) {
      // Where the mission ends in the last step there was, the task ended it.
      truncated[i] = vector.truncated[i]! & ~terminated[i]!;
    }
    this.#oracle?.follow(actions);
    return this.#answer;
  }

  /** The expert bots. They follow every step from when they are first asked for. */
  get oracle(): Oracle {
    return this.#oracle ??= new BabyAIOracle(this.#vector, this.#places);
  }

  achieved(i: number): readonly string[] {
    return this.#achievements.of(i);
  }

  /** The exact state of all worlds, generators included, and of the experts that follow them. */
  save(): StageState {
    const states = { worlds: this.#vector.save() };
    return joinStates(this.#oracle ? { ...states, experts: this.#oracle.save() } : states);
  }

  /** Continues from a saved state. Experts that were not asked before begin here. */
  load(state: StageState): void {
    this.#vector.load(partOfState(state, "worlds")!);
    this.#achievements.forget();
    const experts = partOfState(state, "experts");
    if (experts) (this.#oracle ??= new BabyAIOracle(this.#vector, this.#places)).load(experts);
    else this.#oracle?.restart();
  }

  snapshot(i: number): string {
    return this.#snapshots.of(i);
  }

  sketch(snapshot: string): readonly (readonly SketchCell[])[] {
    return sketchPicture(readSnapshot(snapshot));
  }

  draw(snapshot: string): string {
    return drawSvg(readSnapshot(snapshot), { caption: "" });
  }
}
