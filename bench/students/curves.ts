/** Curves of success over frames, as lines of JSON, and where they cross. */
import * as v from "valibot";

const curve = v.strictObject({
  level: v.string(),
  group: v.string(),
  seed: v.number(),
  settings: v.array(v.string()),
  /** By the clock, evaluations included. */
  seconds: v.number(),
  /** Frames, and the share of development worlds that were solved then. */
  points: v.array(v.tuple([v.number(), v.number()])),
});

/** How one seed learned a level. */
export type Curve = v.InferOutput<typeof curve>;

/** What is to be reached and held, and at how many evaluations more it has to be. */
export const HELD = 0.95;
const MORE = 2;

/** The first frames at which a share was reached; undefined where it never was. */
export function reached(points: Curve["points"], share: number): number | undefined {
  return points.find(([, success]) => success >= share)?.[0];
}

/** The first frames from which a share was there at the next two evaluations as well. */
export function held(points: Curve["points"], share: number): number | undefined {
  for (let k = 0; k + MORE < points.length; k++) {
    if (points.slice(k, k + MORE + 1).every(([, success]) => success >= share)) {
      return points[k]![0];
    }
  }
  return undefined;
}

/** The curves of a file's lines. */
export function parseCurves(lines: string): Curve[] {
  return lines.split("\n").filter((line) => line !== "")
    .map((line) => v.parse(curve, JSON.parse(line)));
}
