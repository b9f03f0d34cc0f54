/** The statements that the data supports, those it does not, and those that cannot be made. */
import { dataView } from "../../report/figure_view.ts";
import { type Html, markup } from "../../report/html.ts";
import type { Claim, Finding } from "../claims.ts";
import { stoppingText } from "../decision.ts";
import type { Results } from "../results.ts";
import {
  certainty,
  difference,
  headline,
  listed,
  numbers,
  type PairStatement,
  phrase,
  statementsOf,
  tally,
  testsText,
} from "../statements.ts";

const SIGNS = { better: "▲", worse: "▼", mixed: "◆", same: "=", open: "○", refused: "–" } as const;

/** Statements over all levels, or on the only one; every comparison by level folded away. */
export function claimsView(results: Results, claims: readonly Claim[]): Html {
  const scope = results.levels.length > 1 ? null : results.levels[0]!;
  const statements = statementsOf(claims.filter(({ level }) => level === scope));
  const shown = statements.filter((statement) => statement.shown.length > 0);
  const same = statements.filter((statement) => statement.same.length > 0);
  const open = statements.filter((statement) => statement.open.length > 0);
  const where = scope === null ? "over all levels" : `on ${scope}`;
  return markup`<h2>What the data says</h2>
<p class="note">${stoppingText(results)} ${tally(claims)}; below are those ${where}. ${
    testsText(results)
  } Scores are 0 for random actions and 1 for
the expert. In brackets are 95 % bootstrap intervals; δ is Cliff’s: the share of pairs of runs in which
the first is higher less that in which it is lower.</p>
${shown.length === 0 && markup`<p>No difference is supported.</p>`}
${
    shown.length > 0 && markup`<ul class="claims">${
      shown.map((statement) => item(statement, statement.kind, statement.shown))
    }</ul>`
  }
${
    same.length > 0 &&
    markup`<h3>What it shows to be the same</h3><ul class="claims">${
      same.map((statement) => item({ ...statement, kind: "same" }, "same", statement.same))
    }</ul>`
  }
${
    open.length > 0 &&
    markup`<h3>What it does not show</h3><ul class="claims">${
      open.map((statement) => item({ ...statement, kind: "open" }, "open", statement.open))
    }</ul>`
  }
${refusalsView(statements)}
${results.levels.length > 1 && claims.length > 0 && matricesView(results, claims)}
${claims.length > 0 && dataView("claims.json", claims.map(claimRow))}`;
}

/** A claim with all its numbers, tests that verdicts are not made of among them. */
function claimRow({ measure, ...claim }: Claim): object {
  return { measure: measure.name, ...claim };
}

function matricesView(results: Results, claims: readonly Claim[]): Html {
  const ids = new Set(claims.map(({ measure }) => measure.id));
  return markup`<details class="wider"><summary>Every comparison, level by level</summary>
${[...ids].map((id) => matrixView(results, claims, id))}
</details>`;
}

function item(
  statement: PairStatement,
  kind: PairStatement["kind"],
  findings: readonly Finding[],
): Html {
  const lines = findings.map((finding) =>
    markup`<span class="note"><span class="says">${phrase(finding)}</span> ${
      numbers(finding)
    }</span>`
  );
  return markup`<li class="${kind}" data-sign="${SIGNS[kind]}"><b>${
    headline(statement)
  }</b>${lines}</li>`;
}

/** What is missing, each reason once with the pairs that wait for it. */
function refusalsView(statements: readonly PairStatement[]): Html | undefined {
  const refused = statements.filter(({ missing }) => missing !== undefined);
  const reasons = Map.groupBy(refused, ({ missing }) => missing!);
  if (reasons.size === 0) return undefined;
  const items = [...reasons].map(([missing, group]) => {
    const pairs = listed(group.map(({ variant, against }) => `${variant} against ${against}`));
    return markup`<li class="refused" data-sign="–"><b>${pairs}</b>
<span class="note">${missing}.</span></li>`;
  });
  return markup`<h3>What cannot be said</h3><ul class="claims">${items}</ul>`;
}

/** Pairs by levels: the difference and whether it is shown. */
function matrixView(results: Results, claims: readonly Claim[], id: string): Html {
  const own = claims.filter(({ measure }) => measure.id === id);
  const scopes = [...new Set(own.map(({ level }) => level))];
  const { measure } = own[0]!;
  const unitOf = (level: string | null) => own.find((claim) => claim.level === level)!.measure.unit;
  const heads = scopes.map((level) =>
    markup`<th class="number">${level ?? "all levels"}${
      unitOf(level) !== measure.unit && markup` <small>${unitOf(level)}</small>`
    }</th>`
  );
  const rows = results.pairs.map(([variant, against]) => {
    const cells = scopes.map((scope) =>
      cellView(
        own.find((claim) =>
          claim.variant === variant && claim.against === against && claim.level === scope
        )!,
      )
    );
    return markup`<tr><td class="name">${variant} <small>against ${against}</small></td>${cells}</tr>`;
  });
  return markup`<div class="table"><table>
<caption>Difference in the ${measure.name}</caption>
<thead><tr><th></th>${heads}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

function cellView(claim: Claim): Html {
  if (claim.verdict === "refused") {
    return markup`<td class="number refused" title="${claim.missing}">–</td>`;
  }
  const { verdict, measure } = claim;
  return markup`<td class="number ${verdict}" title="${numbers(claim)}">${SIGNS[verdict]} ${
    difference(measure, claim.difference)
  }<br><small>${certainty(claim)}</small></td>`;
}
