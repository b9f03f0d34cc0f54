/** The look of what a comparison shows beyond a report. */
import { PALETTE_STYLE } from "../figures/palette.ts";

/** Style rules on top of those of every report. */
export const COMPARISON_STYLE: string = `
${PALETTE_STYLE}
.panels { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px 24px; margin: 12px 0 0; }
.panels.side-1 { grid-template-columns: minmax(0, 1fr); }
.panels.side-3 { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.panel { break-inside: avoid; min-width: 0; }
.panel h4 { font: 600 .9rem/1.3 var(--serif); margin: 0 0 4px; overflow-wrap: anywhere; }
.folds { display: flex; flex-wrap: wrap; gap: 0 24px; align-items: start; }
.folds details { min-width: 0; }
.folds details[open] { flex: 1 0 100%; }
.swatch { display: inline-block; width: 9px; height: 9px; border-radius: 50%; background: var(--c); margin-right: 8px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.claims { list-style: none; margin: 14px 0 0; padding: 0; }
.claims li { padding: 12px 0 12px 30px; border-bottom: 1px solid var(--line); position: relative; }
.claims li::before { position: absolute; left: 2px; font-weight: 600; color: var(--v); content: attr(data-sign); }
.claims b { font-weight: 600; }
.claims .note { display: block; margin: 2px 0 0; }
.claims .says { font-weight: 400; color: var(--ink); margin-right: 6px; }
.better { --v: var(--good); } .worse { --v: var(--bad); } .mixed { --v: var(--teacher); } .same, .open, .refused { --v: var(--muted); }
td.better, td.worse, td.same, td.open, td.refused { color: var(--v); }
td.better, td.worse { font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { white-space: nowrap; }
td.text { white-space: normal; }
td small { color: var(--muted); font-weight: 400; }
.found { color: var(--bad); font-weight: 600; }
.calm { color: var(--muted); }
caption { text-align: left; font: 600 1.02rem/1.3 var(--serif); padding: 26px 0 0; }
.wider > summary { font-size: .92rem; margin: 10px 0 0; }
@media (max-width: 640px) {
  .panels { grid-template-columns: minmax(0, 1fr); }
  .panels.side-3 { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px 10px; }
}
@media print {
  .panel svg { max-height: 200pt; }
  table { font-size: 8pt; }
  th, td { padding: 4pt 8pt 4pt 0; }
}
`;
