/** A figure of panels on the page, with its data and its command one click away. */
import { dataView } from "../../report/figure_view.ts";
import { type Html, markup, trusted } from "../../report/html.ts";
import type { PanelFigure } from "../figures/panels.ts";

/** A figure with all that belongs to it. */
export function panelView(figure: PanelFigure, command: string): Html {
  const { id, title, caption, legend, columns, panels, data } = figure;
  const entries = legend.map(([name, color, mark]) =>
    markup`<li><i class="${mark}" style="--c: ${color}"></i>${name}</li>`
  );
  const pictures = panels.map(({ title: name, svg, narrow }) =>
    markup`<div class="panel">${name && markup`<h4>${name}</h4>`}
<div class="${narrow && "wide"}">${trusted(svg)}</div>
${narrow && markup`<div class="narrow">${trusted(narrow)}</div>`}</div>`
  );
  return markup`<figure id="${id}">
<h3>${title}</h3>
<figcaption>${caption}</figcaption>
${entries.length > 0 && markup`<ul class="legend">${entries}</ul>`}
<div class="panels side-${columns}">${pictures}</div>
<div class="folds">${dataView(`${id}.json`, data)}${commandView(command)}</div>
</figure>`;
}

/** The command that makes it again, folded away. */
function commandView(command: string): Html {
  return markup`<details><summary>Command</summary><pre tabindex="0">${command}</pre></details>`;
}
