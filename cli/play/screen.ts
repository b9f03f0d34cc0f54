/** A step as text: in colours where the terminal has them, and as one line where nothing is drawn. */
import type { SketchCell } from "../../core/stages/mod.ts";
import { outsideText } from "../../core/base/outside.ts";
import { percent, signed } from "../../lab/format.ts";
import type { Frame } from "./frame.ts";

/** Columns between the world and what is said of it. */
const GAP = "   ";

/** How much darker is what the agent does not see. */
const DIM = 0.45;

/** Begins a command to the terminal. */
export const ESCAPE = "\x1b[";

/** The whole screen for a step, a line an entry; painted. */
export function screen(frame: Frame, keys: readonly string[]): readonly string[] {
  const { mission, episode, step, sketch, seen } = frame;
  const title = `Episode ${episode}, step ${step}${mission ? `: ${clean(mission)}` : ""}`;
  const world = sketch ? sketch.map(paintRow) : seen.map(clean);
  const width = sketch ? 2 * Math.max(0, ...sketch.map((row) => row.length)) : 0;
  const facts = factsOf(frame).map(([name, value]) => `${name.padEnd(13)} ${value}`);
  const beside = sketch
    ? Array.from(
      { length: Math.max(world.length, facts.length) },
      (_, i) => `${world[i] ?? " ".repeat(width)}${GAP}${facts[i] ?? ""}`,
    )
    : [...world, "", ...facts];
  return [bold(title), "", ...beside, "", ...keys];
}

/** The same as one line. */
export function line(frame: Frame): string {
  const { episode, step, mission } = frame;
  const facts = factsOf(frame).map(([name, value]) => `${name} ${value}`);
  return [`${episode}.${step}`, ...mission ? [clean(mission)] : [], ...facts].join(" | ");
}

function factsOf(frame: Frame): readonly (readonly [string, string])[] {
  const { said, did, byHand, advantage, before, reward, end } = frame;
  const spoken = said ? `"${clean(said.text)}" with ${percent(said.probability)}` : "nothing";
  const change = before === undefined ? "" : ` (${signed(advantage - before)})`;
  return [
    ["Teacher says", spoken],
    [byHand ? "You do" : "Student does", clean(did)],
    ["Q - V", `${signed(advantage)}${change}`],
    ...end ? [["Episode", `${end}, reward ${reward.toFixed(3)}`] as const] : [],
  ];
}

function paintRow(row: readonly SketchCell[]): string {
  return row.map(paint).join("");
}

function paint({ text, color, isSeen = true }: SketchCell): string {
  const ground = isSeen ? `${ESCAPE}48;2;45;45;45m` : "";
  const ink = color
    ? `${ESCAPE}38;2;${color.map((part) => Math.round(part * (isSeen ? 1 : DIM))).join(";")}m`
    : "";
  return `${ground}${ink}${twoColumns(text)}${ESCAPE}0m`;
}

/** What an env says takes two columns does so, and moves no cursor. */
function twoColumns(text: string): string {
  return clean(text).slice(0, 2).padEnd(2);
}

function bold(text: string): string {
  return `${ESCAPE}1m${text}${ESCAPE}0m`;
}

function clean(text: string): string {
  return outsideText(text);
}
