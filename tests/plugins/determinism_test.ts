import assert from "node:assert/strict";
import { createContext } from "../../core/kit/context.ts";
import type { Checkpoint } from "../../core/run/checkpoint.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { exactJson, parseExactJson } from "../../core/kit/packing.ts";
import {
  definePipeline,
  type Pipeline,
  type PipelineChange,
} from "../../core/pipeline/pipeline.ts";
import type { AnyPlugin } from "../../core/pipeline/plugin.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { PLUGIN_KINDS, type PluginKind } from "../../core/stages/mod.ts";
import { canonical, digestOf } from "../../lab/digest.ts";
import { fixtureDir } from "../runtimes/language_model/fixtures.ts";
import {
  babyai,
  bot,
  builtins,
  corridor,
  noFeedback,
  noTeacher,
  paper,
  ppo,
  qMinusV,
  random,
  tabularQ,
} from "../../plugins/mod.ts";

const base = definePipeline({
  name: "twice",
  env: corridor({ length: 5 }),
  teacher: bot({ accuracy: 0.6 }),
  student: tabularQ(),
  advantage: qMinusV(),
  feedback: paper(),
  schedule: { iterations: 2, envs: 3, steps: 5, feedbackDelay: 2 },
  evaluation: { episodes: 3, states: 3, every: 1 },
});

const SMALL_MODEL = { model: fixtureDir("t5-v1_1"), hidden: [8], epochs: 1, minibatch: 16 };

/** Options that make a plugin small, or that it needs. */
const OPTIONS: Readonly<Record<string, object>> = {
  "extra/curriculum": { levels: [5, 5], option: "length" },
  "teacher/shuffled": { of: bot({ accuracy: 0.5 }) },
  "teacher/ensemble": { of: [bot({ accuracy: 0.5 }), random()], rule: "lot" },
  "teacher/imperfect": { of: random(), missing: 0.2, wrong: 0.2, stale: 0.2 },
  "teacher/cassette": { of: random(), mode: "record" },
  "student/dqn": { hidden: 8, minibatch: 8, updates: 2, replay: 32 },
  "student/lamorel": { ...SMALL_MODEL, prompt: "{seen}" },
  "student/language-model-cloning": { ...SMALL_MODEL, prompt: "{seen}" },
  "student/match": { hidden: 8, epochs: 1, minibatch: 8 },
  "feedback/group": { size: 3, patience: 4 },
  "feedback/moving-quantile": { warmUp: 4, window: 16 },
};

/** Stages beside those that do not go with the pipeline's. */
const BESIDE: Readonly<Record<string, () => PipelineChange>> = {
  "student/match": () => ({ env: babyai({ level: "GoToObj" }), feedback: noFeedback() }),
  "extra/hindsight-replay": () => ({
    env: babyai({ level: "GoToObj" }),
    student: ppo({ hidden: 8, epochs: 1 }),
  }),
  "extra/novelty-bonus": () => ({ env: babyai({ level: "GoToObj" }) }),
};

/** Worlds of floats, which a table cannot read. */
const OF_FLOATS = new Set(["env/cartpole", "env/corridor-float", "env/pendulum"]);

/** Those that are held to this elsewhere, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "teacher/chat": "it needs a server",
  "env/gymnasium": "it needs a Python with Gymnasium, or the stand-in of its own tests",
};

interface Run {
  /** What it learned, measured and reported, times left out. */
  readonly outcome: string;
  readonly checkpoint: Checkpoint;
  /** The events behind the checkpoint. */
  readonly later: string;
}

async function run(pipeline: Pipeline, resume?: Checkpoint): Promise<Run> {
  const events: TandemEvent[] = [];
  let checkpoint: Checkpoint | undefined;
  let before = 0;
  const emit = (event: TandemEvent) => void events.push(event);
  const result = await runPipeline(pipeline, createContext({ seed: 11, device: "cpu", emit }), {
    resume,
    checkpoints: {
      isDue: () => true,
      keep({ arrays, ...rest }) {
        const kept = parseExactJson(exactJson(rest)) as Checkpoint;
        checkpoint = { ...kept, arrays: structuredClone(arrays) };
        before = events.length;
      },
    },
  });
  const told = (from: number) => timeless(events.slice(from));
  return {
    outcome: `${digestOf(result)} ${JSON.stringify(result.teacher)} ${told(0)}`,
    checkpoint: checkpoint ?? resume!,
    later: `${digestOf(result)} ${told(resume ? 1 : before)}`,
  };
}

function timeless(events: readonly TandemEvent[]): string {
  return canonical(events.filter(({ type }) => type !== "run.resumed" && type !== "warning"))
    .replaceAll(/"\w*[sS]econds":(\{[^}]*\}|[^,}]*)/g, "");
}

function pipelineWith(kind: PluginKind, plugin: AnyPlugin<PluginKind>, options: object): Pipeline {
  const stage = plugin.stage(options);
  const change: PipelineChange = OF_FLOATS.has(`${kind}/${stage.plugin}`)
    ? { student: ppo({ hidden: 8, epochs: 1 }), teacher: noTeacher() }
    : BESIDE[`${kind}/${stage.plugin}`]?.() ?? {};
  return base.with(change).with(
    kind === "extra"
      ? { extras: { x: stage } } as PipelineChange
      : { [kind]: stage } as PipelineChange,
  );
}

for (const kind of PLUGIN_KINDS) {
  for (const [name, plugin] of Object.entries<AnyPlugin<PluginKind>>(builtins[kind])) {
    const reason = ELSEWHERE[`${kind}/${name}`];
    Deno.test({
      name: `two runs with the ${kind} "${name}" are equal to the bit, broken off or not` +
        (reason ? `: skipped, ${reason}` : ""),
      ignore: reason !== undefined,
      async fn() {
        const folder = await Deno.makeTempDir({ dir: "/tmp" });
        const file = `${folder}/tape.jsonl`;
        try {
          const own = name === "cassette" ? { file } : {};
          const options = { ...OPTIONS[`${kind}/${name}`], ...own };
          const pipeline = pipelineWith(kind, plugin, options);
          const [one, other] = [await run(pipeline), await run(pipeline)];
          assert.equal(one.outcome, other.outcome);
          const resumed = await run(pipeline, one.checkpoint);
          assert.equal(resumed.later, one.later);
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      },
    });
  }
}
