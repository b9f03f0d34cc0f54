/** Claims as sentences. */
import { count, signed } from "../format.ts";
import type { Claim, Finding, Refusal } from "./claims.ts";
import { type Measure, measuresFor } from "./measures.ts";
import { MARGIN, type Results } from "./results.ts";
import { shareName } from "./wording.ts";

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

/** A p-value beside the least that it could have been. */
export function flooredP(p: number, floor: number): string {
  return `${pText(p)}, floor\u00a0${floorText(floor)}`;
}

function floorText(floor: number): string {
  return floor < 0.001 ? "<\u00a00.001" : `${Number(floor.toPrecision(2))}`;
}

/** Values, difference, interval, p with its floor, the same over the whole plan, and effect size. */
export function numbers(finding: Finding): string {
  const { measure, value, other, ci95, effect, verdict } = finding;
  const [low, high] = ci95.map((end) => difference(measure, end));
  const by = difference(measure, finding.difference);
  const delta = effect.cliffsDelta.toFixed(2).replace("-", "−");
  const same = verdict === "same" ? `, within it by ${certainty(finding)}` : "";
  return `${measured(measure, value)} against ${measured(measure, other)}: ${by} ` +
    `(${low} to ${high}), ${flooredP(finding.corrected, finding.correctedFloor)}; over the plan ` +
    `${flooredP(finding.planWide, finding.planWideFloor)}; δ\u00a0=\u00a0${delta}${same}`;
}

/** Values and p of a finding. */
function brief(finding: Finding): string {
  const { measure, value, other } = finding;
  return `${measured(measure, value)} against ${measured(measure, other)}, ${certainty(finding)}`;
}

/** The p of what a finding's verdict says, with its floor. */
export function certainty(finding: Finding): string {
  return finding.verdict === "same"
    ? flooredP(finding.equivalence, finding.equivalenceFloor)
    : flooredP(finding.corrected, finding.correctedFloor);
}

/** What the comparison of two variants by all measures comes to. */
export interface PairStatement {
  readonly variant: string;
  readonly against: string;
  readonly kind: "better" | "worse" | "mixed" | "same" | "open" | "refused";
  /** The measures that show a difference, that show none above the margin, and that show neither. */
  readonly shown: readonly Finding[];
  readonly same: readonly Finding[];
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
    const ofVerdict = (...verdicts: Finding["verdict"][]) =>
      findings.filter(({ verdict }) => verdicts.includes(verdict));
    const shown = ofVerdict("better", "worse");
    const refusal = group.find((claim): claim is Refusal => claim.verdict === "refused");
    return {
      variant,
      against,
      kind: kindOf(findings, shown),
      shown,
      same: ofVerdict("same"),
      open: ofVerdict("open"),
      missing: refusal?.missing,
    };
  });
}

function kindOf(findings: readonly Finding[], shown: readonly Finding[]): PairStatement["kind"] {
  if (findings.length === 0) return "refused";
  const verdicts = new Set((shown.length > 0 ? shown : findings).map(({ verdict }) => verdict));
  if (shown.length > 0 && verdicts.size === 2) return "mixed";
  return verdicts.has("open") ? "open" : [...verdicts][0]!;
}

/** What a finding says of its measure, such as "ends higher". */
export function phrase({ measure, verdict, margin }: Finding): string {
  if (verdict === "open") return `no difference in the ${measure.name}`;
  if (verdict !== "same") return measure.says[verdict];
  return `the same ${measure.name} within ${measured(measure, margin)}`;
}

/** How two variants stand to each other. */
export const VERBS: Readonly<Record<PairStatement["kind"], string>> = {
  better: "beats",
  worse: "falls behind",
  mixed: "differs from",
  same: "equals",
  open: "and",
  refused: "and",
};

/** The head of a statement. */
export function headline({ variant, against, kind }: PairStatement): string {
  return `${variant} ${VERBS[kind]} ${against}`;
}

/** A statement as one sentence. */
export function sentence(statement: PairStatement): string {
  const { shown, same, open, missing } = statement;
  const told = (findings: readonly Finding[]) =>
    listed(findings.map((finding) => `${phrase(finding)} (${brief(finding)})`));
  const isFlat = shown.length === 0;
  const parts = [
    shown.length > 0 && `${headline(statement)}: it ${told(shown)}.`,
    isFlat && same.length > 0 && `${headline(statement)}: ${told(same)}.`,
    isFlat && open.length > 0 && `${headline(statement)}: ${told(open)} is shown.`,
    missing !== undefined && `${headline(statement)}: ${missing}.`,
  ];
  return parts.filter(Boolean).join(" ");
}

/** The tests of a plan, counted. */
export function tally(claims: readonly Claim[]): string {
  const number = (...verdicts: Claim["verdict"][]) =>
    claims.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const [shown, same] = [number("better", "worse"), number("same")];
  const [open, refused] = [number("open"), number("refused")];
  return `${count(claims.length)} comparisons: ${count(shown)} show a difference, ` +
    `${count(same)} that there is none to speak of, ${count(open)} neither, ` +
    `${count(refused)} cannot be made`;
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** How the claims of a comparison are tested, in two or three sentences. */
export function testsText(
  { looks, question: { primary, threshold, margin = MARGIN } }: Results,
): string {
  const named = primary && measuresFor(threshold, "score").find(({ id }) => id === primary)!.name;
  return [
    named
      ? `The primary measure is the ${named}.`
      : "No measure was named as the primary one: all stand beside each other.",
    looks
      ? `Group-sequential sign-flip tests by seed, valid at each of the looks at ${
        looksText(looks)
      } seeds`
      : "Paired permutation tests by seed",
    "since all variants see the same worlds and draws; p after Holm's correction over the pairs of a " +
    "measure and a level, then over the whole plan, each beside its floor, the least that so many " +
    `seeds let it be. The same is what two one-sided tests show to differ by less than ${margin} ` +
    `(of steps, ${shareName(margin)} of a run).`,
  ].join(" ").replace(" since", ", since");
}

/** Seed counts at which one looks, such as "5 to 30". */
export function looksText(looks: readonly number[]): string {
  const isEach = looks.every((count, k) => k === 0 || count === looks[k - 1]! + 1);
  return isEach && looks.length > 2 ? `${looks[0]} to ${looks.at(-1)}` : listed(looks.map(String));
}
