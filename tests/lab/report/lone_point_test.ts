import assert from "node:assert/strict";
import { drawChart, INK } from "../../../lab/report/vega_svg.ts";

/** The pictures of points in a chart of lines. */
async function dotsOf(rows: readonly object[], encoding: object = {}): Promise<number> {
  const layer = {
    data: { values: rows },
    mark: { type: "line", color: INK.student, strokeWidth: 2 },
    encoding: {
      x: { field: "x", type: "quantitative" },
      y: { field: "y", type: "quantitative" },
      ...encoding,
    },
  };
  const svg = await drawChart({ layer: [layer] }, 300, 200, "chart");
  // A dot is drawn by arcs; no axis has any.
  return (svg.match(/<path [^>]*d="M[^"]*A/g) ?? []).length;
}

Deno.test("a line of one point is a dot, and one of more points is none", async () => {
  assert.equal(await dotsOf([{ x: 1, y: 0.5 }]), 1);
  assert.equal(await dotsOf([{ x: 1, y: 0.5 }, { x: 2, y: 0.5 }]), 0);
  assert.equal(await dotsOf([{ x: 1, y: 0.5 }, { x: 2, y: null }]), 1);
});

Deno.test("of several lines those of one point are dots", async () => {
  const rows = [{ x: 1, y: 0, of: "a" }, { x: 2, y: 1, of: "a" }, { x: 1, y: 1, of: "b" }];
  assert.equal(await dotsOf(rows, { color: { field: "of", type: "nominal", legend: null } }), 1);
});
