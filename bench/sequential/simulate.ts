/** `deno task simulate:sequential PLANS PAIRS`: false claims and savings of sequential tests, as Markdown. */
import { type FalseClaims, falseClaimsOf, upperBound } from "./false_claims.ts";
import { METHODS } from "./methods.ts";
import { boundFor, fixedPairs, type Savings, savingsAt } from "./savings.ts";

/** In standard deviations of the differences between pairs. */
const EFFECTS = [0.5, 1, 2] as const;
const POWER = 0.9;
const BATCHES = 5;

const COUNTED: Readonly<Record<keyof FalseClaims, string>> = {
  single: "one comparison",
  primary: "five comparisons by the primary measure, corrected for each other",
  planWide: "five comparisons by three measures, corrected over the plan",
  equivalence: "“the same”, where the difference is just the margin",
  skewed: "one comparison, means equal but differences skewed",
  uncorrected: "one comparison, uncorrected tests at ten looks",
};

if (import.meta.main) {
  const [plans = 10_000, pairs = 1000] = Deno.args.map(Number);
  if (plans > 0) tellFalseClaims(plans);
  if (pairs > 0) tellSavings(pairs);
  if (pairs > 0) tellEqualPower(pairs);
}

function tellFalseClaims(plans: number): void {
  tell(`${plans} plans in which nothing differs`, "claims", "%", "upper 99 % bound, %");
  tell(...Array<string>(4).fill("---"));
  const claimed = falseClaimsOf(plans, BATCHES);
  for (const [name, words] of Object.entries(COUNTED)) {
    const count = claimed[name as keyof FalseClaims];
    tell(words, `${count.hits}`, percent(count.hits / count.of), percent(upperBound(count)));
  }
}

function tellSavings(pairs: number): void {
  console.log();
  tell(`${pairs} comparisons an effect`, ...EFFECTS.map((effect) => `${effect} SD`));
  tell(...Array<string>(1 + EFFECTS.length).fill("---"));
  for (const [name, method] of Object.entries(METHODS)) {
    tell(name, ...EFFECTS.map((effect) => savingsText(savingsAt(method, effect, pairs))));
  }
  const [chosen] = Object.values(METHODS);
  const fixed = EFFECTS.map((effect) => {
    const savings = savingsAt(chosen!, effect, pairs);
    return besideFixed(savings, fixedPairs(savings.power, effect, pairs));
  });
  tell("**fixed number of equal power**", ...fixed);
}

function tellEqualPower(pairs: number): void {
  console.log();
  tell(`bound for ${percent(POWER)} % power`, "bound", "pairs on average", "fixed number");
  tell(...Array<string>(4).fill("---"));
  for (const effect of EFFECTS) {
    const fixed = fixedPairs(POWER, effect, pairs);
    const found = fixed && boundFor(POWER, effect, pairs, fixed);
    if (!found) continue;
    tell(`${effect} SD`, `${found.bound}`, savingsText(found), besideFixed(found, fixed));
  }
}

function savingsText({ power, mean }: Savings): string {
  return `${mean.toFixed(1)} (power ${percent(power)} %)`;
}

function besideFixed({ mean }: Savings, fixed: number | undefined): string {
  if (fixed === undefined) return "–";
  const saved = 1 - mean / fixed;
  return `${fixed}: ${percent(Math.abs(saved))} % ${saved > 0 ? "fewer" : "more"}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function tell(...cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
