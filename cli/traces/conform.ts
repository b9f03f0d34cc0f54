/**
 * Replays reference traces and says where this environment first differs from the original.
 */

import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { Bot } from "../../plugins/env/babyai/bot.ts";
import { COLOR_NAMES, TYPE_NAMES } from "../../plugins/env/babyai/cells.ts";
import { LEVELS } from "../../plugins/env/babyai/levels.ts";
import { type EpisodeTrace, type NextTrace, type Pose, readTraces, type Trace } from "./trace.ts";
import { BabyAIVector } from "../../plugins/env/babyai/vector.ts";
import type { World } from "../../plugins/env/babyai/world.ts";

/** The first thing in which a replay differs from its trace. */
export interface Difference {
  readonly level: string;
  readonly seed: number;
  /** "reset", "random", "next 1", "next 2" or "bot". */
  readonly episode: string;
  /** Steps taken in that episode. */
  readonly step: number;
  readonly what: string;
  readonly expected: string | number;
  readonly actual: string | number;
}

/** What {@linkcode conform} found. */
export interface Conformance {
  /** Traces of known levels that agree in everything. */
  readonly matched: number;
  /** Traces of known levels. */
  readonly total: number;
  /** Known levels that have a trace. */
  readonly levels: number;
  /** Ids of levels in the file that are not implemented. */
  readonly notImplemented: readonly string[];
  readonly failures: readonly Difference[];
}

/** Something compared: where, what, and both values. */
type Comparison = Omit<Difference, "level" | "seed">;

/** What {@linkcode conform} may be told. */
export interface ConformOptions {
  /** Called after each trace of a known level, with its first difference if any. */
  readonly onTrace?: (trace: Trace, difference: Difference | undefined) => void;
}

/**
 * Replays a trace file: world, mission, observation, reward, end and text of every step, and every
 * action of the expert.
 *
 * @param file Path of a trace file (trace.ts).
 * @throws TandemError E_FILE or E_TRACE where the file cannot be read.
 */
export async function conform(file: string, options: ConformOptions = {}): Promise<Conformance> {
  const levels = new Set<string>(), notImplemented = new Set<string>();
  const failures: Difference[] = [];
  let total = 0, replay: Replay | undefined;
  for await (const trace of readTraces(file)) {
    if (!Object.hasOwn(LEVELS, trace.level)) {
      notImplemented.add(trace.level);
      continue;
    }
    levels.add(trace.level);
    total++;
    if (replay?.level !== trace.level) replay = new Replay(trace.level);
    const difference = firstDifference(trace, replay);
    if (difference) failures.push(difference);
    options.onTrace?.(trace, difference);
  }
  const matched = total - failures.length;
  return { matched, total, levels: levels.size, notImplemented: [...notImplemented], failures };
}

/**
 * The first difference of a replay from its trace, or undefined where there is none.
 *
 * @param replay A world of the trace's level, whatever happened in it before.
 */
export function firstDifference(
  trace: Trace,
  replay: Replay = new Replay(trace.level),
): Difference | undefined {
  const { level, seed } = trace;
  for (const comparison of compareTrace(trace, replay)) {
    if (comparison.actual !== comparison.expected) return { level, seed, ...comparison };
  }
}

/** The summary's line. */
export function conformanceLine(result: Conformance): string {
  const { matched, total, levels, notImplemented } = result;
  return `${matched}/${total} traces match (${levels} levels, ` +
    `${notImplemented.length} not implemented)`;
}

/** A sentence that says where to look. */
export function differenceLine(difference: Difference): string {
  const { level, seed, episode, step, what, expected, actual } = difference;
  return `${level} seed ${seed}, ${episode}, after ${step} steps: ${what} is ` +
    `"${actual}" and should be "${expected}".`;
}

/** A world that traces of one level are replayed in. */
class Replay implements Pose {
  readonly world: World;
  readonly #vector: BabyAIVector;

  constructor(readonly level: string) {
    this.#vector = new BabyAIVector({ level, autoreset: false });
    this.world = this.#vector.world(0);
  }

  get mission(): string {
    return this.#vector.mission(0);
  }

  get agentPos(): readonly [number, number] {
    return [this.world.agentX, this.world.agentY];
  }

  get agentDir(): number {
    return this.world.direction;
  }

  get carrying(): readonly [string, string] | null {
    const { world } = this, id = world.carrying;
    if (id === 0) return null;
    return [TYPE_NAMES[world.objectType(id)]!, COLOR_NAMES[world.objectColor(id)]!];
  }

  /** The image and the direction of the last observation. */
  get observation(): Uint8Array {
    return this.#vector.observations;
  }

  get text(): string {
    return jsonText(this.#vector.text(0));
  }

  /** The whole grid, [width, height, 3]. */
  get grid(): Uint8Array {
    const { world } = this, { width, height } = world;
    const grid = new Uint8Array(3 * width * height);
    for (let x = 0; x < width; x++) {
      for (let y = 0; y < height; y++) {
        const at = 3 * (x * height + y);
        grid.set([world.typeAt(x, y), world.colorAt(x, y), world.stateAt(x, y)], at);
      }
    }
    return grid;
  }

  reset(seed?: number): void {
    this.#vector.resetOne(0, seed);
  }

  step(action: number): { reward: number; terminated: boolean; truncated: boolean } {
    const { rewards, terminated, truncated } = this.#vector;
    this.#vector.step([action]);
    return {
      reward: rewards[0]!,
      terminated: terminated[0] === 1,
      truncated: truncated[0] === 1,
    };
  }
}

function* compareTrace(trace: Trace, replay: Replay): Generator<Comparison> {
  replay.reset(trace.seed);
  yield* compareReset(trace, replay);
  yield* compareEpisode("random", trace.random, replay);
  for (const [i, next] of trace.next.entries()) {
    replay.reset();
    yield* compareNext(`next ${i + 1}`, next, replay);
  }
  if ("error" in trace.bot) return;
  replay.reset(trace.seed);
  yield* compareEpisode("bot", trace.bot, replay, new Bot(replay.world));
}

function* compareReset(trace: Trace, replay: Replay): Generator<Comparison> {
  const { world, observation } = replay;
  const at = comparisonsAt("reset", 0);
  yield at("width", trace.width, world.width);
  yield at("height", trace.height, world.height);
  yield at("grid", trace.grid, base64(replay.grid));
  yield at("mission", trace.mission, replay.mission);
  yield at("maxSteps", trace.maxSteps, world.maxSteps);
  yield at("pose", poseText(trace), poseText(replay));
  yield at("image", trace.image, base64(observation.subarray(0, -1)));
  yield at("direction", trace.direction, observation.at(-1)!);
  yield at("text", jsonText(trace.text), replay.text);
}

function* compareNext(episode: string, next: NextTrace, replay: Replay): Generator<Comparison> {
  const at = comparisonsAt(episode, 0);
  yield at("gridSha", next.gridSha, sha256(replay.grid).slice(0, 16));
  yield at("mission", next.mission, replay.mission);
  yield at("maxSteps", next.maxSteps, replay.world.maxSteps);
  yield at("pose", poseText(next), poseText(replay));
  yield at("obs8", next.obs8, sha256(replay.observation).slice(0, 8));
}

/** Replays an episode's actions from its start, all of which the expert must choose if given. */
function* compareEpisode(
  episode: string,
  trace: EpisodeTrace,
  replay: Replay,
  expert?: Bot,
): Generator<Comparison> {
  const digest = createHash("sha256").update(replay.observation);
  const textDigest = createHash("sha256");
  let last = { reward: 0, terminated: false, truncated: false };
  let taken: number | undefined;
  for (let step = 0; step < trace.actions.length; step++) {
    const before = comparisonsAt(episode, step), after = comparisonsAt(episode, step + 1);
    const action = Number(trace.actions[step]);
    yield before("episode's end", "not yet", last.terminated || last.truncated ? "now" : "not yet");
    if (expert) yield before("expert's action", action, adviceText(expert.plan(taken)));
    last = replay.step(taken = action);
    digest.update(replay.observation);
    textDigest.update(replay.text);
    const observed = sha256(replay.observation).slice(0, 8);
    yield after("obs8", trace.obs8.slice(8 * step, 8 * step + 8), observed);
  }
  const at = comparisonsAt(episode, trace.actions.length);
  yield at("reward", trace.reward, last.reward);
  yield at("terminated", String(trace.terminated), String(last.terminated));
  yield at("truncated", String(trace.truncated), String(last.truncated));
  yield at("digest", trace.digest, digest.digest("hex"));
  yield at("textDigest", trace.textDigest, textDigest.digest("hex"));
  yield at("end", poseText(trace.end), poseText(replay));
}

/** Makes comparisons of one moment of one episode. */
function comparisonsAt(episode: string, step: number) {
  return (what: string, expected: string | number, actual: string | number): Comparison => {
    return { episode, step, what, expected, actual };
  };
}

function adviceText(advice: ReturnType<Bot["plan"]>): string | number {
  return typeof advice === "number" ? advice : `none: ${advice.reason}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function poseText({ agentPos, agentDir, carrying }: Pose): string {
  return JSON.stringify([agentPos, agentDir, carrying]);
}

/** An array of strings as Python's `json.dumps` prints it. */
function jsonText(lines: readonly string[]): string {
  return `[${lines.map((line) => JSON.stringify(line)).join(", ")}]`;
}
