/** Claims as sentences. */
import { count, signed } from "../format.ts";
import type { Claim, Finding, Refusal } from "./claims.ts";
import type { Measure } from "./measures.ts";

/** A value of a measure, as people read it. */
export function measured(measure: Measure, value: number): string {
  return measure.id === "steps" ? count(value) : value.toFixed(3);
}

/** A difference in a measure, with its sign. */
export function difference(measure: Measure, value: number): string {
  if (measure.id !== "steps") return signed(value);
  return `${value < 0 ? "−" : "+"}${count(Math.abs(value))}`;
}

/** A p-value in two digits, or how small it is. */
export function pText(p: number): string {
  return (p < 0.001 ? "p < 0.001" : `p = ${p.toPrecision(2)}`).replaceAll(" ", "\u00a0");
}

/** Values, difference, interval, p and effect size of a finding. */
export function numbers(finding: Finding): string {
  const { measure, value, other, ci95, corrected, effect } = finding;
  const [low, high] = ci95.map((end) => difference(measure, end));
  const by = difference(measure, finding.difference);
  const delta = effect.cliffsDelta.toFixed(2).replace("-", "−");
  return `${measured(measure, value)} against ${measured(measure, other)}: ${by} ` +
    `(${low} to ${high}), ${pText(corrected)}, δ\u00a0=\u00a0${delta}`;
}

/** Values and p of a finding. */
function brief({ measure, value, other, corrected }: Finding): string {
  return `${measured(measure, value)} against ${measured(measure, other)}, ${pText(corrected)}`;
}

/** What the comparison of two variants by all measures comes to. */
export interface PairStatement {
  readonly variant: string;
  readonly against: string;
  readonly kind: "better" | "worse" | "mixed" | "open" | "refused";
  /** The measures that show a difference, and those that show none. */
  readonly shown: readonly Finding[];
  readonly open: readonly Finding[];
  /** What is missing where nothing can be said. */
  readonly missing: string | undefined;
}

/** Claims of one level (or of all levels), two variants at a time, in the order of the claims. */
export function statementsOf(claims: readonly Claim[]): PairStatement[] {
  const pairs = Map.groupBy(claims, ({ variant, against }) => `${variant}\n${against}`);
  return [...pairs.values()].map((group) => {
    const { variant, against } = group[0]!;
    const findings = group.filter((claim) => claim.verdict !== "refused");
    const shown = findings.filter(({ verdict }) => verdict !== "open");
    const refusal = group.find((claim): claim is Refusal => claim.verdict === "refused");
    return {
      variant,
      against,
      kind: kindOf(findings, shown),
      shown,
      open: findings.filter(({ verdict }) => verdict === "open"),
      missing: refusal?.missing,
    };
  });
}

function kindOf(findings: readonly Finding[], shown: readonly Finding[]): PairStatement["kind"] {
  if (findings.length === 0) return "refused";
  const verdicts = new Set(shown.map(({ verdict }) => verdict));
  if (verdicts.size === 2) return "mixed";
  return [...verdicts][0] ?? "open";
}

/** What a finding says of its measure, such as "ends higher". */
export function phrase({ measure, verdict }: Finding): string {
  return verdict === "open" ? `no difference in the ${measure.name}` : measure.says[verdict];
}

/** How two variants stand to each other. */
export const VERBS: Readonly<Record<PairStatement["kind"], string>> = {
  better: "beats",
  worse: "falls behind",
  mixed: "differs from",
  open: "and",
  refused: "and",
};

/** The head of a statement. */
export function headline({ variant, against, kind }: PairStatement): string {
  return `${variant} ${VERBS[kind]} ${against}`;
}

/** A statement as one sentence. */
export function sentence(statement: PairStatement): string {
  const { shown, open, missing } = statement;
  const parts = [
    shown.length > 0 &&
    `${headline(statement)}: it ${
      listed(shown.map((finding) => `${phrase(finding)} (${brief(finding)})`))
    }.`,
    open.length > 0 && shown.length === 0 &&
    `${headline(statement)}: ${
      listed(open.map((finding) => `${phrase(finding)} (${brief(finding)})`))
    } is shown.`,
    missing !== undefined && `${headline(statement)}: ${missing}.`,
  ];
  return parts.filter(Boolean).join(" ");
}

/** The tests of a plan, counted. */
export function tally(claims: readonly Claim[]): string {
  const number = (...verdicts: Claim["verdict"][]) =>
    claims.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const [shown, open, refused] = [number("better", "worse"), number("open"), number("refused")];
  return `${count(claims.length)} comparisons: ${count(shown)} show a difference, ` +
    `${count(open)} do not, ${count(refused)} cannot be made`;
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
