/**
 * The table and the picture of docs/results/main-job.md, from the folders of its runs:
 *
 *     for seed in $(seq 0 19); do deno task run pipelines/babyai.ts --seed $seed --device wasm \
 *       --set evaluation.every=0 --out runs/main-job-$seed; done
 *     deno run --allow-read --allow-write=docs/images bench/mutual/main_job.ts --constant 38.9
 */
import { parseArgs } from "node:util";

/** What is read of a run's summary.json. */
interface Run {
  readonly seed: number;
  readonly success: { readonly start: number; readonly end: number };
  readonly withoutTeacher: number;
  readonly guidanceAccuracy: { readonly start: number; readonly end: number };
}

const { values: flags } = parseArgs({
  options: {
    runs: { type: "string", default: "runs/main-job-" },
    seeds: { type: "string", default: "20" },
    image: { type: "string", default: "docs/images/main-job.svg" },
    // Per cent of states in which the best constant answer is right.
    constant: { type: "string", default: "38.9" },
  },
});

const runs: Run[] = Array.from({ length: Number(flags.seeds) }, (_, seed) => {
  return JSON.parse(Deno.readTextFileSync(`${flags.runs}${seed}/summary.json`));
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const percent = (share: number) => (100 * share).toFixed(1);
const gain = ({ guidanceAccuracy: { start, end } }: Run) => end - start;

function row(name: string, these: readonly Run[]): string {
  const of = (pick: (run: Run) => number) => percent(mean(these.map(pick)));
  return `| ${name} | ${of(({ success }) => success.start)} % | ${
    of(({ success }) => success.end)
  } % | ${of((run) => run.withoutTeacher)} % | ${of((run) => run.guidanceAccuracy.start)} % | ${
    of((run) => run.guidanceAccuracy.end)
  } % | +${of(gain)} |`;
}

console.log(
  "| seed | success at the start | at the end | without the teacher | guidance right at the start | at the end | gain |\n" +
    "| --- | --- | --- | --- | --- | --- | --- |",
);
for (const run of runs) console.log(row(String(run.seed), [run]));
console.log(row(`mean of ${runs.length}`, runs));

/** Two-sided 95 % points of Student's t by degrees of freedom. */
const T95: Readonly<Record<number, number>> = {
  5: 2.571,
  6: 2.447,
  7: 2.365,
  8: 2.306,
  9: 2.262,
  19: 2.093,
};
const gains = runs.map(gain);
const spread = Math.sqrt(mean(gains.map((g) => (g - mean(gains)) ** 2)) / (runs.length - 1));
const half = (T95[runs.length - 1] ?? NaN) * spread;
console.log(
  `\ngain ${percent(mean(gains))}, 95 % ${percent(mean(gains) - half)} to ` +
    `${percent(mean(gains) + half)}, least ${percent(Math.min(...gains))}, most ` +
    `${percent(Math.max(...gains))}; least success at the end ` +
    `${percent(Math.min(...runs.map(({ success }) => success.end)))}`,
);

const [width, height, left, top, bottom] = [760, 320, 46, 34, 286];
const y = (share: number) => bottom - share * (bottom - top);
const x = (i: number) => left + (i + 0.5) * (width - left - 10) / runs.length;
const text = (atX: number, atY: number, words: string, anchor = "middle") =>
  `<text x="${atX}" y="${atY}" text-anchor="${anchor}">${words}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number, style: string) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${style}/>`;
const dot = (i: number, share: number, fill: string) =>
  `<circle cx="${x(i)}" cy="${y(share)}" r="4" fill="${fill}"/>`;
const level = y(Number(flags.constant) / 100);
const marks = [
  ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(left, y(share), width - 10, y(share), 'stroke="#ddd"'),
    text(left - 6, y(share) + 4, `${100 * share} %`, "end"),
  ]),
  line(left, level, width - 10, level, 'stroke="#c33" stroke-dasharray="6 4"'),
  ...runs.flatMap(({ seed, guidanceAccuracy: { start, end }, success }, i) => [
    line(x(i), y(start), x(i), y(end), 'stroke="#36c" stroke-width="2"'),
    dot(i, start, "#999"),
    dot(i, end, "#36c"),
    dot(i, success.end, "#2a2"),
    text(x(i), bottom + 16, String(seed)),
  ]),
  text(
    left,
    18,
    "by seed: guidance right before (grey) and after (blue), success after (green), best constant answer (red)",
    "start",
  ),
];
Deno.writeTextFileSync(
  flags.image,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">\n` +
    `<rect width="${width}" height="${height}" fill="#fff"/>\n${marks.join("\n")}\n</svg>\n`,
);
