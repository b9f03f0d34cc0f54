/**
 * Frames that pipelines/rooms.ts takes to 95 % on each level, as curves of what development worlds say.
 *
 *     deno task measure:students [--levels GoToLocal,PickupLoc] [--seeds 11,12] [--frames 500000] \
 *       [--set KEY=VALUE]... [--out FILE]
 *
 * A run ends where 95 % has held: at three evaluations one after the other. Each adds a line to FILE,
 * bench/students/curves.jsonl unless said, and a level and seed that stand there already are left out:
 * the same command goes on where it was stopped. `deno task draw:students` makes the table and the
 * figure of docs/results/students.md of it.
 */
import { parseArgs } from "node:util";
import { createContext } from "../../core/kit/context.ts";
import type { Pipeline } from "../../core/pipeline/pipeline.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { builtins } from "../../plugins/mod.ts";
import { applySettings } from "../../experiments/settings.ts";
import rooms from "../../pipelines/rooms.ts";
import { type Curve, HELD, held, parseCurves } from "./curves.ts";
import { type Group, MORE_ROOMS, ROOMS } from "./settings.ts";

const { values } = parseArgs({
  options: {
    levels: { type: "string" },
    seeds: { type: "string", default: "11" },
    frames: { type: "string", default: "500000" },
    every: { type: "string", default: "8" },
    set: { type: "string", multiple: true, default: [] },
    out: { type: "string", default: "bench/students/curves.jsonl" },
  },
});

/** Learns a level until 95 % has held, or to the end. */
async function curveOf(level: string, group: Group, seed: number): Promise<Curve> {
  const settings = [...group.settings, ...values.set];
  const pipeline = await pipelineFor(level, settings);
  const { envs, steps } = pipeline.schedule;
  const stop = new AbortController();
  const points: [number, number][] = [];
  const began = performance.now();
  const context = createContext({
    seed,
    device: "wasm",
    signal: stop.signal,
    emit: (event) => {
      if (event.type !== "evaluated" || stop.signal.aborted) return;
      points.push([event.iteration * envs * steps, event.success.rate]);
      if (held(points, HELD) !== undefined) stop.abort();
    },
  });
  await runPipeline(pipeline, context);
  const seconds = (performance.now() - began) / 1000;
  return { level, group: group.name, seed, settings, seconds: Math.round(seconds), points };
}

async function pipelineFor(level: string, settings: readonly string[]): Promise<Pipeline> {
  const { envs, steps } = rooms.schedule;
  const every = Number(values.every);
  const iterations = Math.ceil(Number(values.frames) / envs / steps / every) * every;
  const pipeline = rooms.with({ schedule: { iterations }, evaluation: { every } });
  return await applySettings(pipeline, [`env.level=${level}`, ...settings], builtins);
}

/** The curves that were measured before. */
function before(): Curve[] {
  try {
    return parseCurves(Deno.readTextFileSync(values.out));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const groups = [...ROOMS, ...MORE_ROOMS];
const levels = values.levels?.split(",") ?? ROOMS.flatMap(({ levels }) => levels);
for (const seed of values.seeds.split(",").map(Number)) {
  for (const level of levels) {
    if (before().some((curve) => curve.level === level && curve.seed === seed)) continue;
    const group = groups.find(({ levels }) => levels.includes(level));
    if (!group) throw new Error(`"${level}" stands in no group of settings.ts.`);
    const curve = await curveOf(level, group, seed);
    Deno.writeTextFileSync(values.out, JSON.stringify(curve) + "\n", { append: true });
    const [frames, success] = curve.points.at(-1)!;
    const crossed = held(curve.points, HELD) ?? `not, ${success} at ${frames}`;
    console.log(`${level}, seed ${seed}: ${crossed} (${curve.seconds} s)`);
  }
}
