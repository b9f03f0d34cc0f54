/** The accuracy of teachers on the page. */
import { dataView } from "../../report/figure_view.ts";
import { type Html, markup } from "../../report/html.ts";
import { accuraciesOf, ACCURACY_HEADS, ACCURACY_NOTE, accuracyRow } from "../accuracy.ts";
import type { Results } from "../results.ts";

/** A table a level of how often teachers are right; nothing where nobody can judge. */
export function accuracyView(results: Results): Html | undefined {
  const found = accuraciesOf(results);
  if (found.length === 0) return undefined;
  const tables = [...Map.groupBy(found, ({ level }) => level)].map(([level, group]) => {
    const rows = group.map((each) => {
      const [variant, ...cells] = accuracyRow(each);
      return markup`<tr><td class="name">${variant}</td>${
        cells.map((text) => markup`<td class="text">${text}</td>`)
      }</tr>`;
    });
    return markup`<div class="table"><table><caption>${level}</caption>
<thead><tr>${ACCURACY_HEADS.map((head) => markup`<th>${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
  });
  return markup`<h3>Right, and against what</h3>
<p class="note">${ACCURACY_NOTE}</p>
${tables}
${dataView("accuracy.json", found)}`;
}
