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

/** The first place of a loop: where it is 1, a comparison of the first with itself changes nothing. */
const NOT_FIRST = String.raw`(?<!\bfor \(let [^;{}]*)`;
const FIRST = String.raw`(?<=\bfor \(let \w+ = )`;
/** Where generators are seeded: any other number would do as well. */
const NOT_SEED = String.raw`(?<!\bPcg64\([^()]*)`;
/** Where a loop counts: a bound moved by one beyond what typed arrays hold changes nothing. */
const IN_FOR = String.raw`(?<=\bfor \([^;{}]*;[^;{}]* )`;
const NOT_IN_FOR = String.raw`(?<!\bfor \([^;{}]*;[^;{}]* )`;
/** Where a loop goes on: turned round it never ends, and says nothing of the tests. */
const NOT_IN_STEP = String.raw`(?<!\bfor \([^;{}]*;[^;{}]*;[^;{})]*)`;

const CHANGES: readonly [from: RegExp, to: (found: string) => string][] = [
  [/(?<= )(===|!==)(?= )/g, (found) => found === "===" ? "!==" : "==="],
  [
    new RegExp(String.raw`(?<= )${NOT_IN_FOR}(<=|>=|<|>)(?= [\w#(.-])`, "g"),
    (found) => ({ "<": "<=", "<=": "<", ">": ">=", ">=": ">" })[found]!,
  ],
  // One round less: the last, as i < n becomes i + 1 < n.
  [new RegExp(String.raw`${IN_FOR}(<=|<)(?= [\w#(.])`, "g"), (found) => `+ 1 ${found}`],
  [/(?<= )(&&|\|\|)(?= )/g, (found) => found === "&&" ? "||" : "&&"],
  [
    new RegExp(String.raw`(?<= )${NOT_SEED}(\+|-|\*|\/|%)(?= [\w(])`, "g"),
    (found) => ({ "+": "-", "-": "+", "*": "/", "/": "*", "%": "*" })[found]!,
  ],
  [/\b(true|false)\b/g, (found) => found === "true" ? "false" : "true"],
  [
    new RegExp(String.raw`(?<=[=(,[?:] ?)${NOT_FIRST}${NOT_SEED}\b(0|1)\b(?=[;,)\]]| :)`, "g"),
    (found) => found === "0" ? "1" : "0",
  ],
  // One round less: the first.
  [new RegExp(String.raw`${FIRST}\d+(?=;)`, "g"), (found) => String(Number(found) + 1)],
  [/(?<=if \()(?=[\w!(])/g, () => "!"],
  [
    new RegExp(String.raw`${NOT_IN_STEP}(\+\+|--)(?=[;)\] ])`, "g"),
    (found) => found === "++" ? "--" : "++",
  ],
  [
    new RegExp(String.raw`(?<= )${NOT_IN_STEP}(\+=|-=)(?= )`, "g"),
    (found) => found === "+=" ? "-=" : "+=",
  ],
];

/** All mutants of a source; comments, types and imports are left alone. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const code = codeOf(source);
  return CHANGES.flatMap(([from, to]) =>
    Array.from(code.matchAll(from), ({ 0: found, index }) => ({
      file,
      at: index,
      line: source.slice(0, index).split("\n").length,
      from: found,
      to: to(found),
    }))
  ).sort((a, b) => a.at - b.at);
}

/** The source with the mutant in it. */
export function mutated(source: string, { at, from, to }: Mutant): string {
  return source.slice(0, at) + to + source.slice(at + from.length);
}

/** Comments, imports, types and texts as spaces, so that places stay where they are. */
export function codeOf(source: string): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/\/\/.*$/gm, blank)
    .replaceAll(/^(import|export \*|export \{)[\s\S]*?;$/gm, blank)
    .replaceAll(/^(export )?interface [^{]*\{(\}|[\s\S]*?^\})/gm, blank)
    .replaceAll(/^(export )?type [\s\S]*?;(?=\n(\S|\n|$))/gm, blank)
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, blank);
}
