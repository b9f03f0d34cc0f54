/**
 * What the command line writes: the one way to the terminal. Whatever a text repeats of files, servers,
 * plugins or other machines, nothing in it moves a cursor or sets a title.
 */
import { outsideText } from "../core/base/outside.ts";

/** No text that is meant to be read is longer. */
const LONGEST = 1 << 20;

/** A line, or several, to the standard output; control characters are written out. */
export function print(text: string): void {
  console.log(shown(text));
}

/** The same to the standard error. */
export function printError(text: string): void {
  console.error(shown(text));
}

/**
 * A text of Tandem's own with colours or cursor movements in it. Parts from outside must have gone
 * through `outsideText` before they were painted.
 */
export function printPainted(text: string): void {
  console.log(text);
}

/** A line on a terminal's standard error that the next one replaces; the empty text takes it away. */
export function redraw(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${shown(text)}`));
}

function shown(text: string): string {
  return outsideText(text, { max: LONGEST, lines: true });
}
