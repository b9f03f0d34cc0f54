/** The top of a report: what was run, what came of it, and the numbers that matter. */
import { STAGE_KINDS } from "@tandem/core";
import { compact, count, duration, hindsightOf, percent } from "../format.ts";
import type { RunConfig } from "../run_config.ts";
import { framesPerSecond, type RunSummary } from "../summary.ts";
import { usageFacts } from "../teacher_usage.ts";
import { type Html, markup } from "./html.ts";

/** Title, one paragraph that says what happened, the command and the five stages. */
export function headerView(summary: RunSummary, config: RunConfig): Html {
  const { level, seed, device, control, stopped, notReproducible } = summary;
  const { pipeline, command, startedAt, version } = config;
  const started = startedAt.replace(/T(\d\d:\d\d).*/, " $1 UTC");
  const badges = [
    control && `A control, no evidence of learning (${control})`,
    stopped && "Stopped before its end",
    notReproducible && "Not reproducible: the machine ended the feedback rule",
  ].filter((badge) => typeof badge === "string");
  const stages = STAGE_KINDS.map((kind) =>
    markup`<li><span><span>${kind}</span><b>${pipeline[kind].plugin}</b></span></li>`
  );
  return markup`<header>
<p class="over">Tandem ${version} · ${pipeline.name} · seed ${seed} · ${device} · ${started}</p>
<h1>${level}</h1>
${badges.map((badge) => markup`<span class="badge">${badge}</span>`)}
<p class="lede">${lede(summary)}</p>
${pipeline.description && markup`<p class="muted">${pipeline.description}</p>`}
<code class="command">${command}</code>
<ol class="stages">${stages}</ol>
</header>`;
}

function lede(summary: RunSummary): string {
  const { iterations, envSteps, success, guidanceAccuracy, wallSeconds, withoutTeacher } = summary;
  const done = `${count(iterations)} iteration${iterations === 1 ? "" : "s"}`;
  const student = `After ${done} and ${count(envSteps)} steps, in ${duration(wallSeconds)}, ` +
    `the student solves ${percent(success.end)} of ${count(success.episodes)} development worlds` +
    `${change(success.start, success.end)}` +
    `${withoutTeacher === null ? "" : `; without the teacher, ${percent(withoutTeacher)}`}.`;
  const { start, end, states } = guidanceAccuracy;
  const teacher = start === null || end === null
    ? ""
    : ` The teacher's guidance is right in ${percent(end)} of ${count(states)} held-out states` +
      `${change(start, end)}.`;
  return (student + teacher).replaceAll(" %", "\u00a0%");
}

function change(start: number, end: number): string {
  if (start === end) return ", as at the start";
  return `, ${end > start ? "up" : "down"} from ${percent(start)}`;
}

/** The key numbers. */
export function tilesView(summary: RunSummary): Html {
  return markup`<section class="tiles" aria-label="Key numbers">
${successTile(summary)}
${guidanceTile(summary)}
${verdictTile(summary)}
${teacherTile(summary)}
${speedTile(summary)}
</section>`;
}

function successTile(summary: RunSummary): Html {
  const { success, floor, ceiling, normalised, noScore, withoutTeacher } = summary;
  const [low, high] = success.ci95;
  const notes = [
    `95 %: ${percent(low)} to ${percent(high)}, ${count(success.episodes)} episodes`,
    [
      floor !== null && `random ${percent(floor)}`,
      ceiling !== null && `bot ${percent(ceiling)}`,
      normalised !== null && `normalised ${normalised.toFixed(2)}`,
    ].filter(Boolean).join(", "),
    withoutTeacher === null ? "" : `${percent(withoutTeacher)} without the teacher`,
    noScore === null || ceiling === null ? "" : `no score: ${noScore}`,
  ];
  return tile("Success on development worlds", [
    fromTo(success.start, success.end),
    scale(success.start, success.end, "student", [floor, ceiling]),
    ...notes.filter((text) => text !== "").map(note),
  ], "half");
}

function guidanceTile({ guidanceAccuracy: { start, end, states } }: RunSummary): Html {
  const title = "Guidance that is right";
  if (start === null || end === null) {
    return tile(title, [
      value("–"),
      note("No guidance was given, or there is no expert to judge it by."),
    ], "half");
  }
  return tile(title, [
    fromTo(start, end),
    scale(start, end, "teacher"),
    note(`The teacher's likeliest suggestion against the bot, in ${count(states)} held-out states`),
  ], "half");
}

function verdictTile({ verdicts }: RunSummary): Html {
  const { positive, negative, abstained, earlier } = verdicts;
  const parts = [[positive, "good"], [negative, "bad"], [abstained, "quiet"]] as const;
  const bars = parts.filter(([size]) => size > 0).map(([size, color]) =>
    markup`<i style="flex: ${size}; background: var(--${color})"></i>`
  );
  return tile("Verdicts", [
    value(compact(positive + negative + abstained)),
    markup`<div class="shares">${bars}</div>`,
    note(
      `${count(positive)} positive, ${count(negative)} negative, ${count(abstained)} abstained`,
    ),
    ...earlier ? [note(hindsightOf(earlier))] : [],
  ]);
}

function teacherTile({ teacher, trainingDollars }: RunSummary): Html {
  const [, ...facts] = usageFacts(teacher, trainingDollars);
  return tile("Teacher", [value(compact(teacher.calls), "prompts"), note(facts.join(", "))]);
}

function speedTile(summary: RunSummary): Html {
  const speed = framesPerSecond(summary);
  const { envSteps, episodes, wallSeconds } = summary;
  return tile("Speed", [
    value(speed === null ? "–" : count(speed), "frames/s"),
    note(`${count(envSteps)} steps, ${count(episodes)} episodes, ${duration(wallSeconds)} in all`),
  ]);
}

function tile(title: string, parts: readonly Html[], size: "half" | "third" = "third"): Html {
  return markup`<div class="tile ${size}"><h2>${title}</h2>
${parts}</div>`;
}

function value(number: string, unit = ""): Html {
  return markup`<p class="value">${number} <small>${unit}</small></p>`;
}

function fromTo(start: number, end: number): Html {
  return markup`<p class="value"><small>${percent(start)} →</small> ${percent(end)}</p>`;
}

function note(text: string): Html {
  return markup`<p class="note">${text}</p>`;
}

/** Start, end and marks on a line from 0 to 100 %. */
function scale(
  start: number,
  end: number,
  who: "student" | "teacher",
  marks: readonly (number | null)[] = [],
): Html {
  const at = (share: number) => `${(share * 100).toFixed(2)}%`;
  const [x1, x2, color] = [at(start), at(end), `var(--${who})`];
  const ticks = marks.filter((mark) => mark !== null).map((mark) =>
    markup`<line x1="${at(mark)}" x2="${at(mark)}" y1="1" y2="13" stroke="var(--muted)"/>`
  );
  return markup`<svg class="scale" aria-hidden="true" stroke-width="2">
<line x1="0" x2="100%" y1="7" y2="7" stroke="var(--line)"/>
${ticks}
<line x1="${x1}" x2="${x2}" y1="7" y2="7" stroke="${color}" stroke-width="4"/>
<circle cx="${x1}" cy="7" r="4.5" fill="var(--card)" stroke="${color}"/>
<circle cx="${x2}" cy="7" r="5.5" fill="${color}"/>
</svg>`;
}
