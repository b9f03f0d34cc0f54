/** HTML that cannot be broken by what is put into it. */

/** Markup that is safe to put into a page as it is. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text is escaped, markup is not, lists are joined, the rest is left out. */
export type HtmlPart = string | number | Html | readonly HtmlPart[] | null | undefined | false;

/**
 * A template of HTML. Every text put into it is escaped.
 *
 * @example
 * ```ts
 * import { markup } from "./html.ts";
 * import assert from "node:assert/strict";
 * const name = '<script>"';
 * assert.equal(String(markup`<b title="${name}">${name}</b>`),
 *   '<b title="&lt;script&gt;&quot;">&lt;script&gt;&quot;</b>');
 * assert.equal(String(markup`<ul>${[1, 2].map((n) => markup`<li>${n}</li>`)}</ul>`),
 *   "<ul><li>1</li><li>2</li></ul>");
 * ```
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.map((text, i) => text + render(parts[i])).join(""));
}

/** Markup that this program wrote itself: never text that came from elsewhere. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/** A picture as the source of an `<img>`, where no script in it can run. */
export function svgSource(svg: string): string {
  const named = svg.includes("xmlns=")
    ? svg
    : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  const encoded = named.replace(
    /[%#<>"\s]+/g,
    (text) => text.trim() ? encodeURIComponent(text) : " ",
  );
  return `data:image/svg+xml,${encoded}`;
}

function render(part: HtmlPart): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(render).join("");
  return escape(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
