/** Lines of a program that tests run, by the rooms that they stand in. */

/** The lines of one file: true where one was run. */
export type Lines = ReadonlyMap<number, boolean>;

/** Lines that count in a room, and those of them that were run. */
export interface Count {
  readonly lines: number;
  readonly run: number;
}

/** The lines of each file, by its path below the root, from a report in LCOV's format. */
export function parseLcov(report: string, root: string): Map<string, Lines> {
  const files = new Map<string, Lines>();
  let lines = new Map<number, boolean>();
  for (const row of report.split("\n")) {
    if (row.startsWith("SF:")) {
      const path = row.slice("SF:".length);
      lines = new Map();
      files.set(path.startsWith(root) ? path.slice(root.length) : path, lines);
    }
    const [, number, count] = /^DA:(\d+),(\d+)/.exec(row) ?? [];
    if (count !== undefined) lines.set(Number(number), count !== "0");
  }
  return files;
}

/** Adds up the files whose paths begin so. */
export function countOf(files: ReadonlyMap<string, Lines>, isIn: (path: string) => boolean): Count {
  const all = [...files].filter(([path]) => isIn(path)).flatMap(([, lines]) => [...lines.values()]);
  return { lines: all.length, run: all.filter((run) => run).length };
}

/** The lines that were not run, as "3-5, 9". */
export function gapsOf(lines: Lines): string {
  const gaps: [first: number, last: number][] = [];
  let isOpen = false;
  for (const [number, run] of [...lines].sort(([a], [b]) => a - b)) {
    if (!run && isOpen) gaps.at(-1)![1] = number;
    if (!run && !isOpen) gaps.push([number, number]);
    isOpen = !run;
  }
  return gaps.map(([first, last]) => first === last ? first : `${first}-${last}`).join(", ");
}

/** The lines of a file that nobody has loaded: all with code. Types alone make none. */
export function unloaded(code: string): Lines {
  const lines = code.split("\n").flatMap((line, i) => /\w/.test(line) ? [i + 1] : []);
  return new Map(lines.map((line) => [line, false]));
}
