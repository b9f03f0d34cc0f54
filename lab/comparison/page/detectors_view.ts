/** How teacher and student may have failed together: what was found, and what every detector saw. */
import { type Html, markup } from "../../report/html.ts";
import type { Claim } from "../claims.ts";
import { detectCostlyFeedback } from "../costs.ts";
import {
  detectEchoChamber,
  type Detection,
  detectLeaning,
  detectMisleading,
} from "../detectors.ts";
import type { Cell, Results } from "../results.ts";

const NAMES = {
  misleading: "Misleading guidance",
  echo: "Echo chamber",
  leaning: "Leaning student",
  costly: "Costly feedback",
} as const;

type DetectorName = keyof typeof NAMES;

/** The detectors of a cell; undefined for one that does not apply. */
interface Detected {
  readonly level: string;
  readonly variant: string;
  readonly detections: Readonly<Record<DetectorName, Detection | undefined>>;
}

/** What the detectors say of every variant with a teacher; undefined where there is none. */
export function detectorsView(results: Results, claims: readonly Claim[]): Html | undefined {
  const rows = results.levels.flatMap((level) =>
    results.variants.filter((variant) => isAdvised(results.cell(variant, level)))
      .map((variant) => detect(results, claims, level, variant))
  );
  if (rows.length === 0) return undefined;
  const found = rows.flatMap(foundItems);
  return markup`<h3>Failures to look out for</h3>
<p class="note">Misleading guidance: advice makes the trained student solve less, or it learned less
than ${results.question.baseline}. Echo chamber: wrong advice is followed and praised, and the teacher
gets no better. Leaning student: most of what is solved is not solved without the teacher, which is the
policy then. Costly feedback: with verdicts the threshold comes later, in seconds, than without.</p>
${found.length > 0 && markup`<ul class="claims">${found}</ul>`}
${found.length === 0 && markup`<p>None of them is found.</p>`}
<details class="wider"><summary>What every detector saw</summary>
<div class="table"><table>
<thead><tr><th>level</th><th>variant</th>${
    Object.values(NAMES).map((name) => markup`<th>${name.toLowerCase()}</th>`)
  }</tr></thead>
<tbody>${rows.map(rowView)}</tbody></table></div></details>`;
}

function detect(
  results: Results,
  claims: readonly Claim[],
  level: string,
  variant: string,
): Detected {
  const { baseline, threshold } = results.question;
  const cell = results.cell(variant, level);
  const area = claims.find((claim) =>
    claim.measure.id === "area" && claim.level === level && claim.variant === variant &&
    claim.against === baseline
  );
  const costly = differsInFeedback(results, variant)
    ? detectCostlyFeedback(cell, results.cell("one-way", level), threshold)
    : undefined;
  const detections = {
    misleading: detectMisleading(cell, area),
    echo: detectEchoChamber(cell),
    leaning: detectLeaning(cell),
    costly,
  };
  return { level, variant, detections };
}

/** Whether verdicts are all that sets a variant apart from guidance alone. */
function differsInFeedback({ plan, variants }: Results, variant: string): boolean {
  const { settings } = plan.variants.find(({ name }) => name === variant)!;
  return variants.includes("one-way") && variant !== "one-way" &&
    settings.every((setting) => setting.startsWith("feedback"));
}

function isAdvised({ runs }: Cell): boolean {
  return runs.some(({ record }) => record.training.some(({ advice }) => advice.advised > 0));
}

function foundItems({ level, variant, detections }: Detected): Html[] {
  const names = Object.keys(NAMES) as DetectorName[];
  return names.filter((name) => detections[name]?.state === "found").map((name) =>
    markup`<li class="worse" data-sign="!"><b>${NAMES[name]}: ${variant} on ${level}</b>
<span class="note">${detections[name]!.because}</span></li>`
  );
}

function rowView({ level, variant, detections }: Detected): Html {
  const cells = Object.values(detections).map(detectionCell);
  return markup`<tr><td class="text">${level}</td><td class="name">${variant}</td>${cells}</tr>`;
}

function detectionCell(detection: Detection | undefined): Html {
  if (!detection) return markup`<td class="calm">–</td>`;
  const { state, because } = detection;
  return markup`<td class="text"><span class="${
    state === "found" ? "found" : "calm"
  }">${state}</span>
<br><small>${because}</small></td>`;
}
