/** `play DIR`: shows a trained student act. */
import { Command } from "@commander-js/extra-typings";
import { createContext, type DeviceChoice } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import { expectWorld } from "../core/pipeline/learned_fit.ts";
import { type Pipeline, pipelineFromJson } from "../core/pipeline/pipeline.ts";
import { HELD_OUT_SEEDS } from "../core/run/measure/world_seeds.ts";
import { openTrained } from "../core/run/trained.ts";
import type { StageStates } from "../core/run/result.ts";
import { factsOf, factsOfRun } from "../experiments/learned_runs.ts";
import { applySettings } from "../experiments/settings.ts";
import { writeAtomically } from "../lab/disk.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { openLearned } from "./learned.ts";
import { collect, folder, wholeBetween, wholeNumber } from "./parse.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import type { AllowFlags } from "./permission/owner.ts";
import { gif } from "./play/gif.ts";
import { film } from "./play/film.ts";
import type { Frame } from "./play/frame.ts";
import { Player } from "./play/player.ts";
import { line } from "./play/screen.ts";
import { Theatre } from "./play/theatre.ts";
import { print, printError } from "./print.ts";
import { canDraw } from "./terminal.ts";

/** Steps of a film at most, so that a page can still show it. */
const MOST_STEPS = 1000;

const EXAMPLES = `
In a terminal the student plays until q is pressed; keys pause it, take single steps, change the pace, go to the
next world, or take over by hand. Elsewhere, a line a step is written.

Examples:
  deno task play runs/ID
  deno task play runs/ID --alone --set env.level=PickupLoc
  deno task play runs/ID --episodes 3 --svg runs/student.svg
  deno task play runs/ID --episodes 3 --gif runs/student.gif`;

interface PlayOptions extends AllowFlags {
  readonly set: readonly string[];
  readonly alone: boolean;
  readonly seed: number;
  readonly episodes?: number;
  readonly pace: number;
  readonly svg?: string;
  readonly gif?: string;
}

/** `play DIR`: shows a trained student act. */
export function playCommand(exit: (status: number) => void) {
  return new Command("play")
    .description("watch a trained student act, with what its teacher says; or take over by hand")
    .argument("<dir>", "the folder of a run; with @best behind it, its best student", folder)
    .option("--set <key=value>", "another option of the env (repeatable)", collect, [])
    .option("--alone", "without the teacher", false)
    .option("--seed <n>", "seed of the first world", wholeNumber, HELD_OUT_SEEDS)
    .option(
      "--episodes <n>",
      "worlds to play (default: 3, in a terminal until q)",
      wholeBetween(1, 1e6),
    )
    .option("--pace <n>", "steps a second", wholeBetween(1, 60), 4)
    .option("--svg <file>", "write a picture that moves, and play nothing in the terminal")
    .option("--gif <file>", "the same as an animated GIF, for talks")
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .addHelpText("after", EXAMPLES)
    .action(async (dir, options) => exit(await play(dir, options)));
}

async function play(dir: string, options: PlayOptions): Promise<number> {
  const { pipeline, seed, device, states } = await open(dir, options);
  const stop = new AbortController();
  const giveBack = stopOnInterrupt(stop, () => {});
  try {
    const context = createContext({ seed, device, signal: stop.signal });
    await using trained = await openTrained(
      pipeline,
      { states },
      context,
      { advised: !options.alone },
    );
    const player = new Player(trained, { seed: options.seed, draws: isFilmed(options) });
    if (isFilmed(options)) return await writeFilms(player, options, stop.signal);
    if (canDraw("stdout") && Deno.stdin.isTerminal()) {
      return await new Theatre(player, options, stop).run();
    }
    for await (const frame of framesOf(player, options.episodes ?? 3, stop.signal)) {
      print(line(frame));
    }
    return stop.signal.aborted ? 130 : 0;
  } finally {
    giveBack();
  }
}

/** What was run, in the world that is asked for, and what was learned. */
interface Opened {
  readonly pipeline: Pipeline;
  readonly states: StageStates;
  readonly seed: number;
  readonly device: DeviceChoice;
}

async function open(dir: string, { set, ...flags }: PlayOptions): Promise<Opened> {
  const { config, states, owner, sandbox, catalog } = await openLearned(dir, flags);
  const pipeline = await applySettings(
    await pipelineFromJson(config.pipeline, catalog),
    set.map(worldSetting),
    catalog,
  );
  if (set.length > 0) {
    const learned = await factsOfRun(dir, config.pipeline, "student", catalog);
    const { env } = await factsOf(pipeline.toJSON(), "student", catalog);
    expectWorld(pipeline.stages.student, { env }, learned, { run: dir });
  }
  await owner.keep(pipeline, sandbox);
  return { pipeline, states, seed: config.seed, device: config.device as DeviceChoice };
}

/** @throws {TandemError} E_ARGUMENT unless a setting is one of the env. */
function worldSetting(setting: string): string {
  if (/^env[.=]/.test(setting)) return setting;
  throw new TandemError(
    "E_ARGUMENT",
    `--set "${setting}" is none of the env; a trained student can be shown another world ` +
      "(env.NAME=VALUE), and stays what it is.",
  );
}

async function* framesOf(
  player: Player,
  episodes: number,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  for (let ended = 0; ended < episodes && !signal.aborted;) {
    const frame = await player.step();
    yield frame;
    if (frame.end) ended++;
  }
}

function isFilmed({ svg, gif }: PlayOptions): boolean {
  return svg !== undefined || gif !== undefined;
}

async function writeFilms(
  player: Player,
  options: PlayOptions,
  signal: AbortSignal,
): Promise<number> {
  const { episodes = 3, pace } = options;
  const frames: Frame[] = [];
  for await (const frame of framesOf(player, episodes, signal)) {
    if (frame.svg === undefined) throw drawsNothing();
    frames.push(frame);
    if (frames.length === MOST_STEPS) break;
  }
  if (signal.aborted) return 130;
  const films = {
    svg: () => film(frames, pace),
    gif: () => gif(frames, pace),
  };
  const written: string[] = [];
  for (const kind of ["svg", "gif"] as const) {
    const file = options[kind];
    if (file === undefined) continue;
    const content = await films[kind]();
    writeAtomically(file, content, { makesFolder: true });
    written.push(file);
  }
  printError(sumOf(frames, episodes));
  print(written.join("\n"));
  return 0;
}

/** How much of what was asked for a film shows. */
function sumOf(frames: readonly Frame[], episodes: number): string {
  const solved = frames.filter(({ end }) => end === "solved").length;
  const ended = frames.filter(({ end }) => end).length;
  const sum = `${frames.length} steps of ${ended} ${ended === 1 ? "episode" : "episodes"}, ` +
    `${solved} of them solved.`;
  if (ended === episodes) return sum;
  return `${sum} A film has ${MOST_STEPS} steps at most: it ends before the episodes that were asked for.`;
}

function drawsNothing(): TandemError {
  return new TandemError(
    "E_WIRING",
    "The env draws no pictures; without --svg and --gif its words are shown.",
  );
}
