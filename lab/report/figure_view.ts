/** A figure on the page: title, legend, picture and its data one click away. */
import type { Figure } from "./figure.ts";
import { type Html, html, trusted } from "./html.ts";

/** A figure with all that belongs to it. */
export function figureView(figure: Figure): Html {
  const { id, title, caption, legend, wide, narrow, data } = figure;
  return html`<figure id="${id}">
<h3>${title}</h3>
<figcaption>${caption}</figcaption>
${
    legend.length > 0 && html`<ul class="legend">${
      legend.map(([name, color, mark]) =>
        html`<li><i class="${mark}" style="--c: ${color}"></i>${name}</li>`
      )
    }</ul>`
  }
<div class="wide">${trusted(wide)}</div><div class="narrow">${trusted(narrow)}</div>
${dataView(`${id}.json`, data)}
</figure>`;
}

/** Records to read and to save, folded away. */
export function dataView(fileName: string, rows: readonly unknown[]): Html {
  const text = `[\n${rows.map((row) => "  " + JSON.stringify(row)).join(",\n")}\n]`;
  return html`<details><summary>Data</summary>
<pre tabindex="0">${text}</pre>
<button type="button" class="save" data-name="${fileName}" hidden>Save as ${fileName}</button></details>`;
}
