/** The top of a report: what was run, what came of it, and the numbers that matter. */
import { compact, count, duration, percent } from "../format.ts";
import type { RunConfig } from "../run_folder.ts";
import { framesPerSecond, type RunSummary } from "../summary.ts";
import { STAGE_KINDS } from "../../core/stages.ts";
import { type Html, html } from "./html.ts";

/** Title, one paragraph that says what happened, the command and the five stages. */
export function headerView(summary: RunSummary, config: RunConfig): Html {
  const { level, seed, device, control, stopped } = summary;
  const { pipeline, command, startedAt, version } = config;
  const started = startedAt.replace(/T(\d\d:\d\d).*/, " $1 UTC");
  return html`<header>
<p class="over">Tandem ${version} · ${pipeline.name} · seed ${seed} · ${device} · ${started}</p>
<h1>${level}</h1>
${control && html`<span class="badge">A control, no evidence of learning (${control})</span>`}
${stopped && html`<span class="badge">Stopped before its end</span>`}
<p class="lede">${lede(summary).replaceAll(" %", "\u00a0%")}</p>
${pipeline.description && html`<p class="muted">${pipeline.description}</p>`}
<code class="command">${command}</code>
<ol class="stages">${
    STAGE_KINDS.map((kind) =>
      html`<li><span><span>${kind}</span><b>${pipeline[kind].plugin}</b></span></li>`
    )
  }</ol>
</header>`;
}

function lede(
  { iterations, envSteps, success, guidanceAccuracy, wallSeconds }: RunSummary,
): string {
  const change = (start: number, end: number) =>
    end > start
      ? `, up from ${percent(start)}`
      : end < start
      ? `, down from ${percent(start)}`
      : "";
  const student = `After ${count(iterations)} iterations and ${count(envSteps)} steps, in ` +
    `${duration(wallSeconds)}, the student solves ${percent(success.end)} of ` +
    `${count(success.episodes)} held-out worlds${change(success.start, success.end)}.`;
  const { start, end, states } = guidanceAccuracy;
  if (start === null || end === null) return student;
  return `${student} The teacher's guidance is right in ${percent(end)} of ${count(states)} ` +
    `held-out states${change(start, end)}.`;
}

/** The key numbers. */
export function tilesView(summary: RunSummary): Html {
  const tiles = [
    successTile(summary),
    guidanceTile(summary),
    verdictTile(summary),
    teacherTile(summary),
    speedTile(summary),
  ];
  return html`<section class="tiles" aria-label="Key numbers">${tiles}</section>`;
}

function successTile({ success, floor, ceiling, normalised }: RunSummary): Html {
  const [low, high] = success.ci95;
  const range = floor !== null && ceiling !== null &&
    html`<br>random ${percent(floor)}, bot ${percent(ceiling)}; normalised ${
      normalised?.toFixed(2)
    }`;
  return html`<div class="tile half"><h2>Success on held-out worlds</h2>
${fromTo(success.start, success.end)}
${scale(success.start, success.end, "student", [floor, ceiling])}
<p class="note">95 %: ${percent(low)} to ${percent(high)}, ${
    count(success.episodes)
  } episodes${range}</p></div>`;
}

function guidanceTile({ guidanceAccuracy: { start, end, states } }: RunSummary): Html {
  if (start === null || end === null) {
    return html`
      <div class="tile half">
        <h2>Guidance that is right</h2>
        <p class="value">–</p>
        <p class="note">No guidance was given, or there is no expert to judge it by.</p>
      </div>
    `;
  }
  return html`<div class="tile half"><h2>Guidance that is right</h2>
${fromTo(start, end)}
${scale(start, end, "teacher")}
<p class="note">The teacher's likeliest suggestion against the bot, in ${
    count(states)
  } held-out states</p></div>`;
}

function verdictTile({ verdicts: { positive, negative, abstained } }: RunSummary): Html {
  const all = positive + negative + abstained;
  const part = (value: number, color: string) =>
    value > 0 && html`<i style="flex: ${value}; background: var(--${color})"></i>`;
  return html`
    <div class="tile">
      <h2>Verdicts</h2>
      <p class="value">${compact(all)}</p>
      <div class="shares">${part(positive, "good")}${part(negative, "bad")}${part(
        abstained,
        "quiet",
      )}</div>
      <p class="note">${count(positive)} positive, ${count(negative)} negative, ${count(
        abstained,
      )} abstained</p>
    </div>
  `;
}

function teacherTile({ teacher: { calls, cacheHits, tokens } }: RunSummary): Html {
  return html`
    <div class="tile">
      <h2>Teacher</h2>
      <p class="value">${compact(calls)} <small>prompts</small></p>
      <p class="note">${count(cacheHits)} answered from the cache, ${compact(tokens)} tokens</p>
    </div>
  `;
}

function speedTile(summary: RunSummary): Html {
  const speed = framesPerSecond(summary);
  return html`
    <div class="tile">
      <h2>Speed</h2>
      <p class="value">${speed === null ? "–" : count(speed)} <small>frames/s</small></p>
      <p class="note">${count(summary.envSteps)} steps, ${count(
        summary.episodes,
      )} episodes, ${duration(summary.wallSeconds)} in all</p>
    </div>
  `;
}

function fromTo(start: number, end: number): Html {
  return html`<p class="value"><small>${percent(start)} →</small> ${percent(end)}</p>`;
}

/** Start, end and marks on a line from 0 to 100 %. */
function scale(
  start: number,
  end: number,
  who: "student" | "teacher",
  marks: readonly (number | null)[] = [],
): Html {
  const at = (share: number) => `${(share * 100).toFixed(2)}%`;
  return html`<svg class="scale" aria-hidden="true">
<line x1="0" x2="100%" y1="7" y2="7" stroke="var(--line)" stroke-width="2"/>
${
    marks.map((mark) =>
      mark !== null &&
      html`
        <line x1="${at(mark)}" x2="${at(
          mark,
        )}" y1="1" y2="13" stroke="var(--muted)" stroke-width="1.5" />
      `
    )
  }
<line x1="${at(start)}" x2="${at(end)}" y1="7" y2="7" stroke="var(--${who})" stroke-width="4"/>
<circle cx="${
    at(start)
  }" cy="7" r="4.5" fill="var(--card)" stroke="var(--${who})" stroke-width="2"/>
<circle cx="${at(end)}" cy="7" r="5.5" fill="var(--${who})"/>
</svg>`;
}
