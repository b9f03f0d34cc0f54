/** Small changes of a program, each of which some test should notice. */

/** A change: what stands at a place, and what is put there. */
export interface Mutant {
  readonly file: string;
  /** Where it begins, in characters. */
  readonly at: number;
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

const CHANGES: readonly [from: RegExp, to: (found: string) => string][] = [
  [/(?<= )(===|!==)(?= )/g, (found) => found === "===" ? "!==" : "==="],
  [
    /(?<= )(<=|>=|<|>)(?= [\w#(.])/g,
    (found) => ({ "<": "<=", "<=": "<", ">": ">=", ">=": ">" })[found]!,
  ],
  [/(?<= )(&&|\|\|)(?= )/g, (found) => found === "&&" ? "||" : "&&"],
  [
    /(?<= )(\+|-|\*|\/|%)(?= [\w(])/g,
    (found) => ({ "+": "-", "-": "+", "*": "/", "/": "*", "%": "*" })[found]!,
  ],
  [/\b(true|false)\b/g, (found) => found === "true" ? "false" : "true"],
  [/(?<=[=(,[] ?)\b(0|1)\b(?=[;,)\]])/g, (found) => found === "0" ? "1" : "0"],
  [/(?<=if \()(?=[\w!(])/g, () => "!"],
  [/(\+\+|--)(?=[;)\] ])/g, (found) => found === "++" ? "--" : "++"],
  [/(?<= )(\+=|-=)(?= )/g, (found) => found === "+=" ? "-=" : "+="],
];

/** All mutants of a source; comments, types and imports are left alone. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const code = blanked(source);
  return CHANGES.flatMap(([from, to]) =>
    Array.from(code.matchAll(from), ({ 0: found, index }) => ({
      file,
      at: index,
      line: source.slice(0, index).split("\n").length,
      from: found,
      to: to(found),
    }))
  ).filter(({ to }) => to !== undefined).sort((a, b) => a.at - b.at);
}

/** The source with the mutant in it. */
export function mutated(source: string, { at, from, to }: Mutant): string {
  return source.slice(0, at) + to + source.slice(at + from.length);
}

/** Comments, imports, types and texts as spaces, so that places stay where they are. */
function blanked(source: string): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/\/\/.*$/gm, blank)
    .replaceAll(/^(import|export \*|export \{)[\s\S]*?;$/gm, blank)
    .replaceAll(/^(export )?(interface|type) [\s\S]*?^(\}|.*;)$/gm, blank)
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, blank);
}
