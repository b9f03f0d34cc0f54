/** A figure on the page: title, legend, picture and its data one click away. */
import type { Figure } from "./figure.ts";
import { type Html, markup, trusted } from "./html.ts";

/** A figure with all that belongs to it. */
export function figureView(figure: Figure): Html {
  const { id, title, caption, legend, wide, narrow, data } = figure;
  const entries = legend.map(([name, color, mark]) =>
    markup`<li><i class="${mark}" style="--c: ${color}"></i>${name}</li>`
  );
  return markup`<figure id="${id}">
<h3>${title}</h3>
<figcaption>${caption}</figcaption>
${entries.length > 0 && markup`<ul class="legend">${entries}</ul>`}
<div class="wide">${trusted(wide)}</div>
<div class="narrow">${trusted(narrow)}</div>
${dataView(`${id}.json`, data)}
</figure>`;
}

/** Records to read and to save, folded away. */
export function dataView(fileName: string, rows: readonly unknown[]): Html {
  const text = `[\n${rows.map((row) => "  " + JSON.stringify(row)).join(",\n")}\n]`;
  return foldedView("Data", fileName, text);
}

/** A text file to read and to save, folded away. */
export function foldedView(summary: string, fileName: string, text: string): Html {
  return markup`<details><summary>${summary}</summary>
<pre tabindex="0">${text}</pre>
<button type="button" class="save" data-name="${fileName}" hidden>Save as ${fileName}</button>
</details>`;
}
