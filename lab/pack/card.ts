/** The model card of a pack, as the Hugging Face Hub shows it. */
import type { PipelineJson } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { count, percent } from "../format.ts";
import type { PackedRun } from "./packed_run.ts";

/** README.md: metadata in YAML, then what it is, how good it is and how it was made. */
export function packCard(run: Omit<PackedRun, "states">, files: readonly string[]): string {
  const { config, vocabulary: { env } } = run;
  const { pipeline } = config;
  return [
    frontMatter(run),
    `# ${text(pipeline.name)} on ${text(env.id)}`,
    summary(run),
    "## How good it is",
    quality(run),
    "## How it was trained",
    training(pipeline),
    `Seed ${config.seed}, device ${text(config.device)}, Tandem ${
      text(config.version)
    }; the command:`,
    fenced("sh", outsideText(config.command, { max: LONGEST })),
    "The same run, from its start: `deno task run pipeline.json --seed " + config.seed + "`.",
    "## How to use it",
    fenced("sh", USE),
    "## Files",
    files.map((name) => `- \`${name}\`: ${ABOUT[name] ?? ""}`).join("\n"),
  ].join("\n\n") + "\n";
}

const LONGEST = 4000;

const USE = `deno task pull DIR_OR_URL --out runs/pulled
deno task evaluate runs/pulled --episodes 1000
deno task play runs/pulled
deno task run pipeline.json --set student.from=runs/pulled`;

const ABOUT: Readonly<Record<string, string>> = {
  "config.json": "seed, device, version and command of the run",
  "pipeline.json": "the pipeline, as `deno task run` takes it",
  "vocabulary.json": "actions, observations and words of missions that the student was told of",
  "evaluation.json": "the numbers of this card",
  "student.json": "the student's counts and random streams",
  "model.safetensors": "the student's weights and its optimiser's moments",
  "teacher.json": "what the teacher learned from verdicts",
  "teacher.safetensors": "the arrays among it",
};

/** Texts are in quotes as JSON writes them, which YAML reads as they are. */
function frontMatter({ config: { pipeline }, vocabulary: { env }, evaluation }: Facts): string {
  const { success } = evaluation;
  const tags = ["reinforcement-learning", "tandem", env.id, pipeline.student.plugin];
  const metric = success && [
    "model-index:",
    `- name: ${quoted(pipeline.name)}`,
    "  results:",
    "  - task:",
    "      type: reinforcement-learning",
    "      name: reinforcement-learning",
    "    dataset:",
    `      name: ${quoted(env.id)}`,
    `      type: ${quoted(env.id)}`,
    "    metrics:",
    "    - type: success_rate",
    `      name: ${quoted(metricName(success))}`,
    `      value: ${success.rate}`,
    "    - type: mean_reward",
    `      name: ${quoted(`mean return of ${success.episodes} episodes`)}`,
    `      value: ${success.meanReward}`,
  ];
  return [
    "---",
    "library_name: tandem",
    "pipeline_tag: reinforcement-learning",
    "tags:",
    ...tags.map((tag) => `- ${quoted(tag)}`),
    ...metric || [],
    "---",
  ].join("\n");
}

type Facts = Omit<PackedRun, "states">;
type Success = NonNullable<PackedRun["evaluation"]["success"]>;

function metricName({ ci95: [low, high], episodes }: Success): string {
  return `success on ${episodes} development worlds, 95 % interval ${low.toFixed(3)} to ${
    high.toFixed(3)
  }`;
}

function summary({ config: { pipeline }, vocabulary: { env }, evaluation }: Facts): string {
  const { iteration, envSteps } = evaluation;
  const length = iteration === null ? "" : ` in ${count(iteration)} iterations`;
  const steps = envSteps === null ? "" : ` (${count(envSteps)} steps of the environment)`;
  return `The student "${text(pipeline.student.plugin)}" with what it learned on ${text(env.id)}` +
    `${length}${steps}, and its teacher "${
      text(pipeline.teacher.plugin)
    }" with what verdicts taught it.`;
}

function quality({ evaluation }: Facts): string {
  const { success, isBest, floor, ceiling, control, iteration } = evaluation;
  if (!success) return "It was not measured.";
  const { rate, ci95: [low, high], episodes, meanReward, meanSteps, measuredAfter } = success;
  const rows = [
    "| worlds | success with its teacher | 95 % interval | mean return | mean steps |",
    "| --- | --- | --- | --- | --- |",
    `| ${episodes} of development | ${percent(rate)} | ${percent(low)} to ${percent(high)} | ` +
    `${meanReward.toFixed(3)} | ${meanSteps.toFixed(1)} |`,
  ];
  const notes = [
    floor === null ? "" : `Random actions solve ${percent(floor)} there.`,
    ceiling === null ? "" : `The expert solves ${percent(ceiling)}.`,
    measuredAfter === iteration ? "" : `It was measured after iteration ${measuredAfter}.`,
    isBest
      ? "It is the best of several measurements on these worlds, so on others it will do less well."
      : "",
    control === null ? "" : `This is a control and no evidence of learning: ${text(control)}.`,
    "Development worlds are the same for every run, and tuning may have seen them: nothing should be claimed of them.",
  ].filter((note) => note !== "");
  return `${rows.join("\n")}\n\n${notes.join(" ")}`;
}

function training(pipeline: PipelineJson): string {
  const { env, teacher, student, advantage, feedback, schedule, extras = {} } = pipeline;
  const stages = { env, teacher, student, advantage, feedback };
  const rows = [...Object.entries(stages), ...Object.entries(extras)].map(([kind, stage]) =>
    `| ${text(kind)} | ${text(stage.plugin)} | ${code(JSON.stringify(stage.options))} |`
  );
  return [
    "| stage | plugin | options |",
    "| --- | --- | --- |",
    ...rows,
    `| schedule | | ${code(JSON.stringify(schedule))} |`,
  ].join("\n");
}

/** Text from outside within a line of Markdown. */
function text(value: string): string {
  return outsideText(String(value)).replace(/[\\`*_{}[\]<>#|!]/g, "\\$&");
}

/** Text as code within a table's cell. */
function code(value: string): string {
  return `\`${outsideText(value, { max: LONGEST }).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function quoted(value: string): string {
  return JSON.stringify(outsideText(String(value)));
}

/** A block of code; its fence is longer than any within it. */
function fenced(language: string, content: string): string {
  const longest = (content.match(/`+/g) ?? []).reduce(
    (most, { length }) => Math.max(most, length),
    2,
  );
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}
