/** Comparisons at equal cost on the page. */
import { dataView } from "../../report/figure_view.ts";
import { type Html, markup } from "../../report/html.ts";
import { EQUAL_COST_NOTE, equalCostOf, equalCostText } from "../equal_cost.ts";
import type { Results } from "../results.ts";

/** What variants come to at the same seconds, level by level; nothing where runs are missing. */
export function equalCostView(results: Results): Html | undefined {
  const pairs = equalCostOf(results);
  if (pairs.length === 0) return undefined;
  const levels = [...Map.groupBy(pairs, ({ level }) => level)].map(([level, group]) =>
    markup`${results.levels.length > 1 && markup`<h4>${level}</h4>`}<ul class="claims">${
      group.map((pair) =>
        markup`<li class="open" data-sign="⏱"><b>${pair.variant} and ${pair.against}</b>
<span class="note">${equalCostText(pair)}.</span></li>`
      )
    }</ul>`
  );
  return markup`<h3>At equal cost</h3>
<p class="note">${EQUAL_COST_NOTE}</p>
${levels}
${dataView("equal-cost.json", pairs)}`;
}
