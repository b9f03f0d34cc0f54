/** An episode on the page, step by step: the world, what was said, what was done, what was thought of it. */
import type { LaterVerdict } from "@tandem/core";
import { count, percent, signed } from "../format.ts";
import type { Episode, EpisodeRow } from "./episodes.ts";
import { dataView } from "./figure_view.ts";
import { type Html, markup, svgSource } from "./html.ts";

/** Draws the world as it was at a row, as an SVG; undefined where there is no picture. */
export type DrawStep = (row: EpisodeRow, index: number) => string | undefined;

/** What {@linkcode episodeView} needs to know beside the episode. */
export interface EpisodeOptions {
  readonly id: string;
  readonly title: string;
  /** Whether guidance names actions, so that following it can be seen. */
  readonly guidanceIsAction: boolean;
  readonly drawStep?: DrawStep;
}

interface StepOptions extends EpisodeOptions {
  /** The step that follows. */
  readonly next: EpisodeRow | undefined;
}

/** Later verdicts that a step shows. */
const MOST_LATER = 3;

const SIGNS = { positive: "+", negative: "−", abstain: "○" } as const;

/** A viewer of an episode; a list of all steps where no script runs. */
export function episodeView(episode: Episode, options: EpisodeOptions): Html {
  const { id, title } = options;
  const [first, last] = [episode[0]!, episode.at(-1)!];
  const mission = first.mission ? `: “${first.mission}”` : "";
  const steps = `${count(episode.length)} step${episode.length === 1 ? "" : "s"}`;
  const end = last.reward > 0 ? "solved" : "not solved";
  return markup`<section class="episode" id="${id}" aria-label="${title}">
<header>
<div><h3>${title}${mission}</h3>
<p class="note">Iteration ${count(first.iteration)}, ${steps}, ${end}</p></div>
<div class="controls" hidden>
<button type="button" aria-label="previous step">←</button>
<button type="button">Play</button>
<output aria-live="polite"></output>
<button type="button" aria-label="next step">→</button>
</div>
</header>
<nav class="pips" aria-label="Steps">${episode.map((row, i) => pipView(row, i, id))}</nav>
<ol class="steps">${
    episode.map((row, i) => stepView(row, i, { ...options, next: episode[i + 1] }))
  }</ol>
${dataView(`${id}.json`, episode.map(withoutPicture))}
</section>`;
}

function pipView(row: EpisodeRow, index: number, id: string): Html {
  const step = index + 1;
  const sign = row.guidance === null ? "·" : SIGNS[row.verdict];
  const title = `step ${step}: ${verdictName(row)}`;
  return markup`<a href="#${id}-${step}" class="${verdictClass(row)}" title="${title}">${sign}</a>`;
}

function stepView(row: EpisodeRow, index: number, options: StepOptions): Html {
  const { id, drawStep, guidanceIsAction, next } = options;
  const step = index + 1;
  const svg = row.svg ?? drawStep?.(row, index);
  const world = svg && markup`<div class="world">
<img alt="The world at step ${step}" src="${svgSource(svg)}">
</div>`;
  const change = `(${signed(row.advantage - row.before)})`;
  return markup`<li class="step ${world ? "" : "plain"}" id="${id}-${step}">
${world}
<dl class="facts">
<dt>Step</dt><dd>${step}</dd>
<dt>Teacher says</dt><dd>${said(row)}</dd>
<dt>Student does</dt><dd>${done(row, guidanceIsAction)}</dd>
<dt>Advantage</dt>
<dd>${signed(row.before)} → ${signed(row.advantage)} <span class="chance">${change}</span></dd>
<dt>Verdict</dt><dd class="${verdictClass(row)}">${verdict(row)}</dd>
${row.later && markup`<dt>Verdicts later</dt><dd>${laterVerdicts(row.later)}</dd>`}
${next && markup`<dt>Then says</dt><dd>${said(next)}</dd>`}
${row.ended && markup`<dt>Episode ends</dt><dd>reward ${row.reward.toFixed(3)}</dd>`}
<dt>Observed</dt>
<dd><ul class="seen">${row.state.map((line) => markup`<li>${line}</li>`)}</ul></dd>
</dl>
</li>`;
}

function said({ guidance, probability }: EpisodeRow): Html {
  if (guidance === null) return markup`<span class="muted">nothing</span>`;
  const chance = `with ${percent(probability)}`;
  return markup`<span class="says">“${guidance}”</span> <span class="chance">${chance}</span>`;
}

function done({ action, guidance }: EpisodeRow, guidanceIsAction: boolean): Html {
  const told = guidanceIsAction && guidance !== null;
  const note = guidance === action
    ? markup`<span class="chance">as told</span>`
    : markup`<span class="against">not as told</span>`;
  return markup`<span class="says">${action}</span> ${told && note}`;
}

function verdict(row: EpisodeRow): Html {
  const sign = row.guidance === null ? "" : `${SIGNS[row.verdict]} `;
  const words = row.words && markup`<br><span class="muted">“${row.words}”</span>`;
  return markup`<span class="verdict">${sign}${verdictName(row)}</span>${words}`;
}

/** What was found when more was known: under the mission that was asked first. */
function laterVerdicts(later: readonly LaterVerdict[]): Html {
  const rank = ({ mission }: LaterVerdict) => mission === undefined ? 0 : 1;
  const shown = later.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_LATER);
  const more = later.length - shown.length;
  return markup`<ul class="seen">${
    shown.map(({ verdict, words, mission }) =>
      markup`<li><span class="verdict">${
        SIGNS[verdict]
      } ${verdict}</span> <span class="muted">“${words}”${
        mission !== undefined && markup` under “${mission}”`
      }</span></li>`
    )
  }${more > 0 && markup`<li class="muted">and ${count(more)} more</li>`}</ul>`;
}

function verdictName({ guidance, verdict }: EpisodeRow): string {
  if (guidance === null) return "none";
  return verdict === "abstain" ? "abstained" : verdict;
}

/** Silence is neither praised nor blamed. */
function verdictClass({ guidance, verdict }: EpisodeRow): EpisodeRow["verdict"] {
  return guidance === null ? "abstain" : verdict;
}

function withoutPicture({ svg: _, ...row }: EpisodeRow) {
  return row;
}
