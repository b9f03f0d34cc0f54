/** An episode on the page, step by step: the world, what was said, what was done, what was thought of it. */
import { count, percent, signed } from "../format.ts";
import type { Episode, EpisodeRow } from "./episodes.ts";
import { dataView } from "./figure_view.ts";
import { type Html, html, svgSource } from "./html.ts";

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

const SIGNS = { positive: "+", negative: "−", abstain: "○" } as const;

/** A viewer of an episode; a list of all steps where no script runs. */
export function episodeView(episode: Episode, options: EpisodeOptions): Html {
  const { id, title } = options;
  const [first, last] = [episode[0]!, episode.at(-1)!];
  const end = last.reward > 0 ? "solved" : "not solved";
  return html`<section class="episode" id="${id}" aria-label="${title}">
<header><div><h3>${title}: ${first.mission ? `“${first.mission}”` : "an episode"}</h3>
<p class="note">Iteration ${count(first.iteration)}, ${
    count(episode.length)
  } steps, ${end}</p></div>
<div class="controls" hidden><button type="button" aria-label="previous step">←</button>
<button type="button">Play</button><output aria-live="polite"></output>
<button type="button" aria-label="next step">→</button></div></header>
<nav class="pips" aria-label="Steps">${
    episode.map((row, i) =>
      html`
        <a href="#${id}-${i + 1}" class="${row.verdict}"
          title="step ${i + 1}: ${verdictName(row)}">${row.guidance === null
            ? "·"
            : SIGNS[row.verdict]}</a>
      `
    )
  }</nav>
<ol class="steps">${episode.map((row, i) => stepView(row, i, options))}</ol>
${dataView(`${id}.json`, episode.map(withoutPicture))}
</section>`;
}

function stepView(
  row: EpisodeRow,
  index: number,
  { id, drawStep, guidanceIsAction }: EpisodeOptions,
): Html {
  const svg = row.svg ?? drawStep?.(row, index);
  const seen = html`<ul class="seen">${row.state.map((line) => html`<li>${line}</li>`)}</ul>`;
  const world = svg &&
    html`<div class="world"><img alt="The world at step ${index + 1}" src="${
      svgSource(svg)
    }"></div>`;
  return html`<li class="step ${world ? "" : "plain"}" id="${id}-${index + 1}">${world || ""}
<dl class="facts">
<dt>Step</dt><dd>${index + 1}</dd>
<dt>Teacher says</dt><dd>${said(row)}</dd>
<dt>Student does</dt><dd>${done(row, guidanceIsAction)}</dd>
<dt>Advantage</dt><dd>${signed(row.before)} → ${signed(row.advantage)}
<span class="chance">(${signed(row.advantage - row.before)})</span></dd>
<dt>Verdict</dt><dd class="${row.verdict}"><span class="verdict">${
    row.guidance === null ? "" : `${SIGNS[row.verdict]} `
  }${verdictName(row)}</span>${
    row.words && html`<br><span class="muted">“${row.words}”</span>`
  }</dd>
${
    row.ended && html`
      <dt>Episode ends</dt>
      <dd>reward ${row.reward.toFixed(3)}</dd>
    `
  }
<dt>Observed</dt><dd>${seen}</dd>
</dl></li>`;
}

function said({ guidance, probability }: EpisodeRow): Html {
  if (guidance === null) return html`<span class="muted">nothing</span>`;
  return html`<span class="says">“${guidance}”</span> <span class="chance">with ${
    percent(probability)
  }</span>`;
}

function done({ action, guidance }: EpisodeRow, guidanceIsAction: boolean): Html {
  const told = guidanceIsAction && guidance !== null;
  const note = guidance === action
    ? html`<span class="chance">as told</span>`
    : html`<span class="against">not as told</span>`;
  return html`<span class="says">${action}</span> ${told && note}`;
}

function verdictName({ guidance, verdict }: EpisodeRow): string {
  if (guidance === null) return "none";
  return verdict === "abstain" ? "abstained" : verdict;
}

function withoutPicture({ svg: _, ...row }: EpisodeRow) {
  return row;
}
