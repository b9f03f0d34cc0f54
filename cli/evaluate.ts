/** `evaluate DIR`: measures what a run's student learned, with its teacher and without. */
import { Command } from "@commander-js/extra-typings";
import { type Context, createContext, type DeviceChoice } from "../core/kit/context.ts";
import { TandemError } from "../core/base/errors.ts";
import { startingFrom } from "../core/pipeline/beginning.ts";
import { type Pipeline, pipelineFromJson } from "../core/pipeline/pipeline.ts";
import type { Catalog } from "../core/pipeline/plugin.ts";
import { measureSuccess, measureWithoutTeacher } from "../core/run/measure/evaluation.ts";
import { openStages } from "../core/run/open_stages.ts";
import type { FindLearned, SuccessRate } from "../core/stages/mod.ts";
import { factsOfRun } from "../experiments/learned_runs.ts";
import { applySettings } from "../experiments/settings.ts";
import { stateDigest } from "../lab/digest.ts";
import { percent } from "../lab/format.ts";
import { levelSetting } from "../lab/plan.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { stopOnInterrupt } from "./interrupt.ts";
import { openLearned } from "./learned.ts";
import { folder, names, wholeBetween, wholeNumber } from "./parse.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import type { AllowFlags } from "./permission/owner.ts";
import { print, printError } from "./print.ts";

const EXAMPLES = `
The worlds are those of development, the same for every run, which early stopping and tuning may have seen:
nothing should be claimed of them. Test worlds are touched by the end of a comparison alone.

Examples:
  deno task evaluate runs/ID
  deno task evaluate runs/ID --level GoToLocal,PickupLoc --episodes 1000
  deno task evaluate runs/ID@best
  deno task evaluate runs/cmp/trials/bidirectional-s0-1a2b3c4d5e6f --json`;

interface EvaluateOptions extends AllowFlags {
  readonly level?: readonly string[];
  readonly episodes: number;
  readonly seed: number;
  readonly deterministic: boolean;
  readonly json: boolean;
}

/** What was measured on a level. */
interface LevelResult {
  /** The environment's id. */
  readonly level: string;
  /** null where the teacher says nothing. */
  readonly withTeacher: SuccessRate | null;
  readonly withoutTeacher: SuccessRate;
}

/** `evaluate DIR`: measures what a run's student learned, with its teacher and without. */
export function evaluateCommand(exit: (status: number) => void) {
  return new Command("evaluate")
    .description("measure a run's student on worlds of any level, with its teacher and without")
    .argument(
      "<dir>",
      "the folder of a run, or of a trial that a comparison has kept; @best behind it: its best student",
      folder,
    )
    .option("--level <names>", "levels, by commas (default: the run's own)", names)
    .option("--episodes <n>", "worlds a level, an episode each", wholeBetween(1, 10_000), 1000)
    .option("--seed <n>", "seed of the draws of student and teacher", wholeNumber, 0)
    .option(
      "--deterministic",
      "let the student take its likeliest action in place of drawing one",
      false,
    )
    .option("--json", "print JSON in place of a table", false)
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .addHelpText("after", EXAMPLES)
    .action(async (dir, options) => exit(await evaluate(dir, options)));
}

async function evaluate(dir: string, options: EvaluateOptions): Promise<number> {
  const { config, states, catalog } = await openLearned(dir, options);
  if (!states.student) {
    throw new TandemError(
      "E_CHECKPOINT",
      `"${dir}" holds nothing that its student had learned; of a comparison's trials deno task compare ` +
        "keeps it with --keep-states.",
    );
  }
  const device = await resolveDevice(config.device as DeviceChoice);
  const facts = await factsOfRun(dir, config.pipeline, "student", catalog);
  const learned: FindLearned = ({ stage }) =>
    stage === "student" ? { ...facts, state: states.student } : undefined;
  const pipeline = await pipelineFromJson(config.pipeline, catalog);
  const stop = new AbortController();
  const giveBack = stopOnInterrupt(stop, () => {});
  try {
    const places: Pipeline[] = [];
    for (const level of options.level ?? [null]) {
      places.push(await placed(pipeline, dir, level, options, catalog));
    }
    const { signal } = stop;
    const context = createContext({ seed: options.seed, device, signal, learned });
    if (places.length > 1) { for (const place of places) await expectFit(place, context); }
    const levels: LevelResult[] = [];
    for (const place of places) {
      const opened = await openStages(place, context);
      try {
        const { teacher } = opened;
        if (states.teacher && teacher.learnsBy.length > 0) await teacher.load?.(states.teacher);
        levels.push(await measured(place, opened, context, signal));
      } finally {
        await opened.dispose();
      }
    }
    const { usesOracle } = pipeline.stages.teacher;
    tell(dir, levels, { ...options, usesOracle, student: stateDigest(states.student) });
    return 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    printError("Stopped; nothing was kept.");
    return 130;
  } finally {
    giveBack();
  }
}

/** Looks whether all can be opened before any is measured. @throws {TandemError} */
async function expectFit(place: Pipeline, context: Context): Promise<void> {
  const opened = await openStages(place.with({ evaluation: { episodes: 1 } }), context);
  await opened.dispose();
}

/** What was run, on a level and with what the student had learned. */
async function placed(
  pipeline: Pipeline,
  dir: string,
  level: string | null,
  { episodes, deterministic }: EvaluateOptions,
  catalog: Catalog,
): Promise<Pipeline> {
  const settings = [levelSetting(level), deterministic ? "student.deterministic=true" : undefined]
    .filter((setting) => setting !== undefined);
  const there = await applySettings(pipeline, settings, catalog);
  const { student, teacher } = there.stages;
  return there.with({
    teacher: startingFrom(teacher, undefined), // it is loaded when it is known whether it learns
    student: startingFrom(student, dir),
    evaluation: { episodes, states: 1, advice: false },
  });
}

async function measured(
  { stages }: Pipeline,
  { heldOutWorlds: env, teacher, student }: Awaited<ReturnType<typeof openStages>>,
  { breathe }: Context,
  signal: AbortSignal,
): Promise<LevelResult> {
  const turn = () => {
    signal.throwIfAborted();
    return breathe();
  };
  let isHeard = false;
  const hear = () => {
    isHeard = true;
  };
  const { usesOracle } = stages.teacher;
  const both = await measureSuccess(env, teacher, student, usesOracle, { breathe: turn, hear });
  const alone = isHeard
    ? await measureWithoutTeacher(env, teacher.candidates, student, { breathe: turn })
    : both;
  return {
    level: env.spec.id,
    withTeacher: isHeard ? both : null,
    withoutTeacher: alone,
  };
}

function tell(
  run: string,
  levels: readonly LevelResult[],
  { episodes, seed, deterministic, json, student, usesOracle }: EvaluateOptions & {
    readonly student: string;
    readonly usesOracle: boolean;
  },
): void {
  if (json) {
    const what = { run, student, usesOracle, worlds: "development", episodes, seed, deterministic };
    const result = { tandem: 1, ...what, levels };
    return print(JSON.stringify(result, null, 2));
  }
  const rows = levels.map(({ level, withTeacher, withoutTeacher }) => [
    level,
    withTeacher ? shown(withTeacher) : "it says nothing",
    shown(withoutTeacher),
    (withTeacher ?? withoutTeacher).meanReward.toFixed(3),
    (withTeacher ?? withoutTeacher).meanSteps.toFixed(1),
  ]);
  const head = ["level", "with the teacher", "without it", "mean reward", "mean steps"];
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows]) {
    print(row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
  }
  const actions = deterministic ? " The student took its likeliest actions." : "";
  const control = usesOracle ? " The teacher asks the expert: a control." : "";
  print(
    `\nSuccess on ${episodes} development worlds each, with 95 % intervals (Wilson).${actions}${control}`,
  );
}

function shown({ rate, ci95: [low, high] }: SuccessRate): string {
  return `${percent(rate)} (${percent(low)} to ${percent(high)})`;
}
