/** report.html of a comparison: one page that needs nothing else. */
import { count } from "../format.ts";
import { episodeView } from "../report/episode_view.ts";
import { foldedView } from "../report/figure_view.ts";
import { type Html, markup } from "../report/html.ts";
import { page } from "../report/page.ts";
import { type Claim, claimsOf } from "./claims.ts";
import { aggregateFigure, improvementFigure, profileFigure } from "./figures/aggregate.ts";
import { costFigure } from "./figures/cost.ts";
import { budgetFigure, secondsFigure, solvedFigure } from "./figures/efficiency.ts";
import { guidanceFigure, learningFigure } from "./figures/learning.ts";
import { palette } from "./figures/palette.ts";
import type { PanelFigure } from "./figures/panels.ts";
import { calibrationFigure, effectFigure, retentionFigure } from "./figures/teacher.ts";
import { claimsView } from "./page/claims_view.ts";
import { detectorsView } from "./page/detectors_view.ts";
import { equalCostView } from "./page/equal_cost_view.ts";
import { headerView, type Origin, tilesView } from "./page/header_view.ts";
import { panelView } from "./page/panel_view.ts";
import { COMPARISON_STYLE } from "./page/style.ts";
import { resultsView, runsView } from "./page/tables_view.ts";
import type { Results } from "./results.ts";
import { testPlanOf } from "../test_plan.ts";
import { shareName } from "./wording.ts";

/** What {@linkcode renderComparison} takes. */
export interface ComparisonInput extends Origin {
  readonly results: Results;
  /** Draws a snapshot of the env, where it can. */
  readonly draw?: (snapshot: string) => string;
}

/**
 * The page of a comparison: what the data says and does not say, learning curves, aggregates, what
 * the teacher is worth, episodes, every number. It loads nothing, reads well on a phone, in the dark
 * and on paper, and without script.
 */
export async function renderComparison(input: ComparisonInput): Promise<string> {
  const { results, draw, command } = input;
  const claims = claimsOf(results);
  const body = markup`${headerView(results, claims, input)}
${tilesView(results, claims)}
<h2>How the variants learn</h2>
${await figures(results, command, [learningFigure])}
${claimsView(results, claims)}
<h2>How soon, and how far</h2>
${await figures(results, command, [solvedFigure])}
${resultsView(results, palette(results))}
${await section(
    results.levels.length > 1 ? "All levels together" : "All runs together",
    results,
    command,
    [
      aggregateFigure,
      improvementFigure,
      profileFigure,
    ],
  )}
${await teacherView(results, claims, command)}
${episodesView(results, draw)}
<h2>Cost</h2>
${await figures(results, command, [secondsFigure, costFigure])}
${equalCostView(results)}
<h2>How it was measured</h2>
${methodView(results)}
${runsView(results)}
${foldedView("plan.json", "plan.json", JSON.stringify(results.plan, null, 2))}`;
  const title = `${results.variants.join(", ")} – Tandem`;
  return page(title, body, COMPARISON_STYLE);
}

type Drawer = (results: Results) => Promise<PanelFigure> | undefined;

async function figures(
  results: Results,
  command: string,
  drawers: readonly Drawer[],
): Promise<Html[]> {
  const drawn = await Promise.all(drawers.map((draw) => draw(results)));
  return drawn.filter((figure) => figure !== undefined).map((figure) => panelView(figure, command));
}

/** Figures under a heading; nothing where there is no figure. */
async function section(
  title: string,
  results: Results,
  command: string,
  drawers: readonly Drawer[],
): Promise<Html | undefined> {
  const drawn = await figures(results, command, drawers);
  return drawn.length > 0 ? markup`<h2>${title}</h2>${drawn}` : undefined;
}

async function teacherView(
  results: Results,
  claims: readonly Claim[],
  command: string,
): Promise<Html | undefined> {
  const drawn = await figures(results, command, [
    guidanceFigure,
    calibrationFigure,
    effectFigure,
    retentionFigure,
    budgetFigure,
  ]);
  const detectors = detectorsView(results, claims);
  if (drawn.length === 0 && !detectors) return undefined;
  return markup`<h2>What the teacher is worth</h2>
${drawn}
${detectors}`;
}

/** An episode of the whole loop, or of the last variant that has one, on the first and last level. */
function episodesView(results: Results, draw: ComparisonInput["draw"]): Html | undefined {
  const variant = ["bidirectional", ...results.variants.toReversed()].find((name) =>
    results.variants.includes(name) && results.cellsOf(name).some(isWorthSeeing)
  );
  if (variant === undefined) return undefined;
  const cells = results.cellsOf(variant).filter(isWorthSeeing);
  const shown = cells.length > 1 ? [cells[0]!, cells.at(-1)!] : cells;
  const views = shown.map(({ level, runs }, i) => {
    const { seed, record } = runs.find(({ record }) => record.episode)!;
    const episode = record.episode!;
    const actions = new Set(episode.map(({ action }) => action));
    return episodeView(episode, {
      id: `episode-${i + 1}`,
      title: `${level}, seed ${seed}`,
      guidanceIsAction: episode.some(({ guidance }) => guidance !== null && actions.has(guidance)),
      drawStep: ({ snapshot }) => draw && snapshot !== undefined ? draw(snapshot) : undefined,
    });
  });
  return markup`<h2>Step by step</h2>
<p class="note">Training episodes of ${variant} near the end: what the teacher said, what the student
did, and what it thought of the advice. The arrow keys move.</p>
${views}`;
}

function isWorthSeeing({ runs }: { runs: Results["runs"][number]["cell"]["runs"] }): boolean {
  return runs.some(({ record }) => record.episode);
}

function methodView({ plan, question }: Results): Html {
  const { evaluation, schedule } = plan.pipeline;
  const variants = plan.variants.map(({ name, about, settings }) =>
    markup`<tr><td class="name">${name}</td><td class="text">${about}</td><td class="text">${
      settings.map((setting) => markup`<code>${setting}</code> `)
    }</td></tr>`
  );
  return markup`<p>Every variant runs on the same training worlds with the same random streams, seed by
seed; each stage has a stream of its own, so that replacing one leaves the draws of the others as they
were. Success is measured on ${count(evaluation.episodes)} development worlds every ${
    evaluation.every === 1 ? "iteration" : `${count(evaluation.every)} iterations`
  } of ${schedule.envs} × ${schedule.steps} steps${
    testPlanOf(plan) === undefined ? "" : ", and once more at the end on the plan's test worlds"
  }. A score is (success − random) / (expert −
random), where the expert is better than chance; a level without a score is compared by success. “Solved” is the first measurement at ${
    shareName(question.threshold)
  } or more.
Intervals are 95 %; resampling is seeded.</p>
<div class="table"><table><thead><tr><th>variant</th><th></th><th>settings</th></tr></thead>
<tbody>${variants}</tbody></table></div>`;
}
