import { Command, Option } from "@commander-js/extra-typings";
import {
  type ContextOptions,
  createContext,
  type DeviceChoice,
  DEVICES,
  systemClock,
} from "../core/kit/context.ts";
import type { Pipeline } from "../core/pipeline/pipeline.ts";
import { runPipeline } from "../core/run/scheduler.ts";
import { writeAtomically } from "../lab/disk.ts";
import { compact } from "../lab/format.ts";
import { callTree, type CpuProfile } from "../lab/profile/calls.ts";
import { profilePage } from "../lab/profile/page.ts";
import {
  type Interval,
  millisecondsByWork,
  profileRows,
  profileTable,
  type Timeline,
  workAt,
} from "../lab/profile/profile.ts";
import { WorkSpans } from "../lab/profile/spans.ts";
import { resolveDevice } from "../runtimes/webgpu/device.ts";
import { commandLine } from "./command_line.ts";
import { learnedRuns } from "./learned.ts";
import { loadPipeline } from "./load.ts";
import { collect, wholeBetween, wholeNumber } from "./parse.ts";
import { ALLOW_EFFECT, ALLOW_MODULE } from "./permission/flags.ts";
import { Owner } from "./permission/owner.ts";
import { Sampler } from "./sampler.ts";
import { applySettings } from "../experiments/settings.ts";
import { print } from "./print.ts";

const ROOT = new URL("../", import.meta.url).href;

/** What was seen of a run: times in milliseconds since the profile's start. */
interface Seen {
  readonly timeline: Timeline;
  readonly profile: CpuProfile;
}

/** `profile FILE`: runs a few iterations and shows where their time goes. */
export function profileCommand() {
  return new Command("profile")
    .description("run a few iterations and show where their time goes: a table and a flame chart")
    .argument("<file>", "a module whose default export is a pipeline, or a pipeline in JSON")
    .option("--seed <n>", "seed of all randomness", wholeNumber, 0)
    .option(
      "--iterations <n>",
      "iterations to look at, after one to warm up",
      wholeBetween(1, 10_000),
      10,
    )
    .addOption(
      new Option("--device <device>", "where tensors live").choices(DEVICES).default("auto"),
    )
    .option("--set <key=value>", "replace a stage or set an option (repeatable)", collect, [])
    .option("--out <file>", "where the flame chart goes", "runs/profile.html")
    .option(...ALLOW_EFFECT)
    .option(...ALLOW_MODULE)
    .action(async (file, { iterations, set, device, seed, out, ...flags }) => {
      const owner = new Owner(flags);
      const loaded = await loadPipeline(file, { owner, sandbox: false, obeysConfig: true });
      const sandbox = loaded.sandbox === true;
      const pipeline = await applySettings(
        loaded.pipeline.with({ schedule: { iterations: iterations + 1 } }),
        set,
        await owner.catalog(sandbox),
      );
      await owner.keep(pipeline, sandbox);
      const { timeline, profile } = await watch(pipeline, {
        seed,
        device: await resolveDevice(device as DeviceChoice),
        learned: learnedRuns(owner, sandbox).find,
      });
      const { envs, steps } = pipeline.schedule;
      const scale = { iterations: timeline.iterations.length, steps: envs * steps };
      const rows = profileRows(millisecondsByWork(timeline), scale);
      const calls = callTree(profile, { workAt: (moment) => workAt(timeline, moment), nameOf });
      const lede = ledeOf(pipeline, timeline, scale.steps);
      writeAtomically(
        out,
        profilePage({
          title: `Profile of ${pipeline.name}`,
          lede,
          command: commandLine(),
          rows,
          calls,
        }),
        { makesFolder: true },
      );
      print(`${lede}\n\n${profileTable(rows)}\n\n${out}`);
    });
}

/** Runs a pipeline under the profiler. The first iteration is not counted: the engine compiles then. */
async function watch(
  pipeline: Pipeline,
  options: Pick<ContextOptions, "seed" | "device" | "learned">,
): Promise<Seen> {
  const { now } = systemClock;
  const watched = new WorkSpans(systemClock);
  const iterations: Interval[] = [];
  let [opened, begun] = [0, 0];
  using sampler = new Sampler(now);
  await sampler.start();
  const context = createContext({
    ...options,
    emit: (event) => {
      if (event.type === "run.started") opened = now();
      if (event.type === "iteration.ended") iterations.push({ from: begun, to: now() });
    },
  });
  const hooks = { replacements: () => (begun = now(), []) };
  await runPipeline(watched.watch(pipeline), context, hooks);
  const ended = now();
  const { profile, startedAt } = await sampler.stop();
  const shifted = ({ from, to }: Interval) => ({ from: from - startedAt, to: to - startedAt });
  const timeline = {
    spans: watched.spans.map((span) => ({ ...span, ...shifted(span) })),
    iterations: iterations.slice(1).map(shifted),
    measuring: between(opened, iterations, ended).map(shifted),
  };
  return { timeline, profile };
}

/** What lies before, between and after intervals. */
function between(from: number, intervals: readonly Interval[], to: number): Interval[] {
  const ends = [from, ...intervals.map((one) => one.to)];
  const starts = [...intervals.map((one) => one.from), to];
  return ends.map((end, k) => ({ from: end, to: starts[k]! }));
}

function ledeOf({ name, stages, schedule }: Pipeline, { iterations }: Timeline, steps: number) {
  const seconds = iterations.reduce((sum, { from, to }) => sum + to - from, 0) / 1000;
  const parts = [stages.env, stages.teacher, stages.student, stages.advantage, stages.feedback];
  return `${name} (${parts.map(({ plugin }) => plugin).join(", ")}): ${iterations.length} ` +
    `iterations of ${schedule.envs} x ${schedule.steps} env steps after one to warm up, ` +
    `${compact(iterations.length * steps / seconds)} env steps a second without measuring.`;
}

/** A module as a path in the project, or in its package. */
function nameOf(url: string): string {
  return url.replace(ROOT, "").replace(/^.*(?:node_modules|\/npm\/[^/]+)\//, "").replace(
    /^(wasm:).*$/,
    "wasm",
  );
}
