import assert from "node:assert/strict";
import fc from "fast-check";
import { type HtmlPart, markup, svgSource, trusted } from "../../../lab/report/html.ts";

Deno.test("markup escapes any text so that it stays text", () =>
  fc.assert(fc.property(fc.string(), (text) => {
    const inside = String(markup`<p title="${text}">${text}</p>`);
    const [, title, content] = /^<p title="([^"]*)">([^<]*)<\/p>$/s.exec(inside)!;
    const unescape = (escaped: string) =>
      escaped.replace(
        /&(lt|gt|quot|#39|amp);/g,
        (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" })[name]!,
      );
    assert.equal(unescape(title!), text);
    assert.equal(unescape(content!), text);
  })));

Deno.test("markup joins lists, keeps markup and leaves nothing out that is a number", () => {
  const items: HtmlPart = [markup`<i>a</i>`, "b<", 0, null, undefined, false, [trusted("<br>")]];
  assert.equal(String(markup`<p>${items}</p>`), "<p><i>a</i>b&lt;0<br></p>");
});

Deno.test("svgSource() gives a picture that decodes to what was drawn", () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg"><path fill="#f00" d="M0 0%"/></svg>`;
  const source = svgSource(svg);
  assert.doesNotMatch(source, /[<>"#]/);
  assert.equal(decodeURIComponent(source.replace("data:image/svg+xml,", "")), svg);
  assert.match(decodeURIComponent(svgSource("<svg></svg>")), /^data:[^,]+,<svg xmlns="http/);
});
