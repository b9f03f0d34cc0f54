/** The statements that the data supports, those it does not, and those that cannot be made. */
import { type Html, markup } from "../../report/html.ts";
import type { Claim } from "../claims.ts";
import { measuresFor } from "../measures.ts";
import type { Results } from "../results.ts";
import { difference, evidence, pText, statement, tally } from "../statements.ts";

const SIGNS = { better: "▲", worse: "▼", open: "○", refused: "–" } as const;

/** Statements over all levels as sentences, then every comparison in a table. */
export function claimsView(results: Results, claims: readonly Claim[]): Html {
  const scope = results.levels.length > 1 ? null : results.levels[0]!;
  const main = claims.filter(({ level }) => level === scope);
  const shown = main.filter(({ verdict }) => verdict === "better" || verdict === "worse");
  const open = main.filter(({ verdict }) => verdict === "open");
  return markup`<h2>What the data says</h2>
<p class="note">${tally(claims)}. Scores are 0 for random actions and 1 for the expert. Tests are
paired by seed, since all variants see the same worlds and draws; Holm’s correction is over the pairs
of a measure and a level.</p>
${shown.length > 0 && markup`<ul class="claims">${shown.map(claimItem)}</ul>`}
${shown.length === 0 && markup`<p>No difference is supported.</p>`}
${
    open.length > 0 &&
    markup`<h3>What it does not show</h3><ul class="claims">${open.map(claimItem)}</ul>`
  }
${refusalsView(main)}
<h3>Every comparison</h3>
${
    measuresFor(results.question.threshold).map((measure) =>
      matrixView(results, claims, measure.id)
    )
  }`;
}

function claimItem(claim: Claim): Html {
  const numbers = claim.verdict === "refused" ? claim.missing : evidence(claim);
  return markup`<li class="${claim.verdict}" data-sign="${SIGNS[claim.verdict]}"><b>${
    statement(claim)
  }.</b> <span class="note">${numbers}.</span></li>`;
}

/** What is missing, each reason once with how many statements wait for it. */
function refusalsView(claims: readonly Claim[]): Html | undefined {
  const reasons = new Map<string, number>();
  for (const claim of claims) {
    if (claim.verdict !== "refused") continue;
    reasons.set(claim.missing, (reasons.get(claim.missing) ?? 0) + 1);
  }
  if (reasons.size === 0) return undefined;
  return markup`<h3>What cannot be said</h3>
<ul class="claims">${
    [...reasons].map(([missing, number]) =>
      markup`<li class="refused" data-sign="–"><b>${number} comparison${
        number === 1 ? "" : "s"
      } refused.</b> <span class="note">${missing}.</span></li>`
    )
  }</ul>`;
}

/** Pairs by levels: the difference and whether it is shown. */
function matrixView(results: Results, claims: readonly Claim[], id: string): Html {
  const own = claims.filter(({ measure }) => measure.id === id);
  const scopes = [...new Set(own.map(({ level }) => level))];
  const heads = scopes.map((level) => markup`<th class="number">${level ?? "all levels"}</th>`);
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
  const { measure } = own[0]!;
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
  const { verdict, measure, corrected } = claim;
  return markup`<td class="number ${verdict}" title="${evidence(claim)}">${SIGNS[verdict]} ${
    difference(measure, claim.difference)
  }<br><small>${pText(corrected)}</small></td>`;
}
