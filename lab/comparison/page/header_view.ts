/** The top of a comparison: what was compared, what came of it, and the numbers that matter. */
import { compact, count, duration } from "../../format.ts";
import { usageFacts, usageOf } from "../../teacher_usage.ts";
import { type Html, markup } from "../../report/html.ts";
import type { Claim } from "../claims.ts";
import { type Registration, registrationText } from "../registration.ts";
import type { Results } from "../results.ts";
import type { TestedPlan } from "../../store.ts";
import { worldsText } from "../worlds.ts";
import { listed, sentence, statementsOf, VERBS } from "../statements.ts";

/** What a comparison says of itself. */
export interface Origin {
  /** Tandem's version. */
  readonly version: string;
  /** What computed. */
  readonly device: string;
  /** What was typed. */
  readonly command: string;
  /** The plans whose test worlds the store has seen. */
  readonly testedPlans?: readonly TestedPlan[];
  /** What was registered before the first trial. */
  readonly registration?: Registration;
  /** What else its reader should know first: paragraphs. */
  readonly about?: readonly string[];
}

/** Title, the main result in a paragraph, and the command. */
export function headerView(results: Results, claims: readonly Claim[], origin: Origin): Html {
  const { plan, variants, levels, seeds, runs, trials } = results;
  const controls = new Set(
    runs.filter(({ run }) => run.record.summary.control !== null).map(({ cell }) => cell.variant),
  );
  const loose = runs.filter(({ run }) => run.record.summary.notReproducible).length;
  const open = trials.length - runs.length;
  const title = levels.length === 1
    ? `${variants.length} variants on ${levels[0]}`
    : `${variants.length} variants on ${levels.length} levels`;
  return markup`<header>
<p class="over">Tandem ${origin.version} · ${plan.pipeline.name} · ${origin.device} · ${
    count(seeds.length)
  } seed${seeds.length === 1 ? "" : "s"}</p>
<h1>${title}</h1>
${
    open > 0 &&
    markup`<span class="badge">${count(open)} of ${count(trials.length)} runs are missing</span>`
  }
${
    controls.size > 0 &&
    markup`<span class="badge">Ask the expert, and are controls: ${[...controls].join(", ")}</span>`
  }
${loose > 0 && markup`<span class="badge">${count(loose)} not reproducible</span>`}
<p class="lede">${lede(results, claims)}</p>
${(origin.about ?? []).map((text) => markup`<p class="note">${text}</p>`)}
${origin.registration && markup`<p class="note">${registrationText(origin.registration)}</p>`}
<p class="note">${worldsText(results, origin.testedPlans).join(" ")}</p>
<code class="command">${origin.command}</code>
</header>`;
}

/** What the whole loop is shown to do, or the first that is shown to do anything. */
function lede({ levels, question }: Results, claims: readonly Claim[]): string {
  const scope = levels.length > 1 ? null : levels[0]!;
  const statements = statementsOf(claims.filter(({ level }) => level === scope));
  const shown = statements.filter(({ shown }) => shown.length > 0);
  const primary = shown.filter((statement) => statement.shown.some(({ isPrimary }) => isPrimary));
  const main = [...primary, ...shown].find(({ variant }) => variant === "bidirectional") ??
    primary[0] ?? shown[0];
  if (main) {
    const also = shown.filter((other) =>
      other !== main && other.variant === main.variant && other.kind === main.kind
    );
    const rest = also.length > 0
      ? ` It also ${VERBS[main.kind]} ${listed(also.map(({ against }) => against))}.`
      : "";
    return capital(sentence(main) + rest).replaceAll(" %", "\u00a0%");
  }
  if (statements.every(({ kind }) => kind === "refused")) {
    return `Nothing can be claimed yet: ${statements[0]?.missing ?? "there is one variant alone"}.`;
  }
  return `No variant is shown to differ from ${question.baseline}.`;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

/** The key numbers. */
export function tilesView(
  { trials, runs, levels, variants, seeds, plan }: Results,
  claims: readonly Claim[],
): Html {
  const failed = trials.filter(({ outcome }) => outcome && "error" in outcome).length;
  const summaries = runs.map(({ run }) => run.record.summary);
  const sum = (of: (summary: typeof summaries[number]) => number) =>
    summaries.reduce((all, summary) => all + of(summary), 0);
  const number = (...verdicts: Claim["verdict"][]) =>
    claims.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const { iterations } = plan.pipeline.schedule;
  return markup`<section class="tiles" aria-label="Key numbers">
${
    tile("Runs", `${count(runs.length)}`, `of ${count(trials.length)}`, [
      `${variants.length} variants, ${levels.length} level${levels.length === 1 ? "" : "s"}, ` +
      `${seeds.length} seeds; ${count(iterations)} iterations each`,
      failed > 0 ? `${count(failed)} failed` : "none failed",
    ])
  }
${
    tile(
      "Differences shown",
      count(number("better", "worse")),
      `of ${count(claims.length)} comparisons`,
      [
        `${count(number("same"))} show that there is none to speak of, ` +
        `${count(number("open"))} neither, ${count(number("refused"))} cannot be made`,
      ],
    )
  }
${
    tile("Spent", compact(sum(({ envSteps }) => envSteps)), "steps", [
      `${compact(sum(({ episodes }) => episodes))} episodes, ` +
      `teachers: ${usageFacts(usageOf(runs.map(({ run }) => run))).join(", ")}; ` +
      `${duration(sum(({ wallSeconds }) => wallSeconds))} of computing`,
    ])
  }
</section>`;
}

/** A number that matters, with what belongs to it. */
export function tile(title: string, value: string, unit: string, notes: readonly string[]): Html {
  return markup`<div class="tile"><h2>${title}</h2>
<p class="value">${value} <small>${unit}</small></p>
${notes.map((text) => markup`<p class="note">${text}</p>`)}</div>`;
}
