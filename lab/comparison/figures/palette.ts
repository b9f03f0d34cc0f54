/** Colours and dashes of variants: the same in all figures of a report. */
import type { LegendEntry } from "../../report/figure.ts";
import type { Question } from "../results.ts";

/** How a variant is drawn. */
export interface Ink {
  readonly color: string;
  readonly dash: readonly number[];
}

/** Colours of light and of dark pages; the first is the baseline's. */
const COLORS: readonly (readonly [light: string, dark: string])[] = [
  ["#6b665e", "#a8a296"],
  ["#b4581b", "#e39a5f"],
  ["#2b6a99", "#7ab3e0"],
  ["#3b8a68", "#63b893"],
  ["#8a4a93", "#c795d0"],
  ["#a8842a", "#d9bb66"],
  ["#bd4a38", "#e57f6d"],
  ["#2f8c93", "#69c2c9"],
  ["#b05f86", "#dd9cbb"],
  ["#5457a6", "#9ea1e6"],
];

/** Style rules that give every variant its colour, light, dark and on paper. */
export const PALETTE_STYLE: string = [
  `:root { ${rules(0)} }`,
  `@media (prefers-color-scheme: dark) { :root { ${rules(1)} } }`,
  `@media print { :root { ${rules(0)} } }`,
].join("\n");

/** The inks of a plan's variants. More variants than colours share them, with other dashes. */
export function palette(
  { variants, question }: {
    readonly variants: readonly string[];
    readonly question: Pick<Question, "baseline">;
  },
): (variant: string) => Ink {
  const others = variants.filter((name) => name !== question.baseline);
  return (variant) => {
    const place = variant === question.baseline ? 0 : 1 + others.indexOf(variant);
    const round = Math.floor(place / COLORS.length);
    return { color: `var(--v${place % COLORS.length})`, dash: round === 0 ? [1, 0] : [4, 3] };
  };
}

/** The legend of a figure that shows variants. */
export function variantLegend(
  variants: readonly string[],
  ink: (variant: string) => Ink,
  mark: LegendEntry[2] = "line",
): LegendEntry[] {
  return variants.map((variant) => [variant, ink(variant).color, mark]);
}

function rules(theme: 0 | 1): string {
  return COLORS.map((colors, i) => `--v${i}: ${colors[theme]};`).join(" ");
}
