/** The look of a report: light, dark and on paper; from a phone to a wide screen. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #faf9f5; --card: #ffffff; --ink: #1f1d1a; --muted: #6b665e; --line: #e3dfd5;
  --student: #2b6a99; --teacher: #b4581b; --good: #3b8a68; --bad: #bd4a38; --quiet: #bdb7aa;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16171a; --card: #1e2024; --ink: #ebe7df; --muted: #a09a8f; --line: #33363c;
    --student: #7ab3e0; --teacher: #e39a5f; --good: #63b893; --bad: #e57f6d; --quiet: #62646b;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 860px; margin: 0 auto; padding: 56px 24px 72px; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(1.7rem, 5vw, 2.5rem); margin: 4px 0 14px; overflow-wrap: anywhere; }
h2 { font-size: 1.4rem; margin: 64px 0 6px; }
h3 { font-size: 1.1rem; margin: 36px 0 4px; }
p { margin: 0 0 12px; }
a { color: inherit; }
code, pre { font-family: var(--mono); font-size: .86em; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.over { color: var(--muted); font-size: .85rem; letter-spacing: .04em; margin: 0; }
.lede { font-size: 1.18rem; line-height: 1.5; max-width: 40em; text-wrap: pretty; }
.muted, figcaption, .note { color: var(--muted); }
.note { font-size: .9rem; }
.badge {
  display: inline-block; border: 1px solid currentColor; border-radius: 4px; padding: 2px 9px;
  margin: 0 8px 12px 0; font-size: .85rem; color: var(--teacher);
}
.command {
  display: block; margin: 18px 0 0; padding: 10px 14px; border-left: 3px solid var(--line);
  overflow-wrap: anywhere;
}

.stages { display: flex; flex-wrap: wrap; gap: 8px 0; list-style: none; margin: 22px 0 0; padding: 0; }
.stages li { display: flex; align-items: center; }
.stages li + li::before { content: "→"; color: var(--muted); margin: 0 12px; }
.stages b { font-weight: 600; display: block; line-height: 1.3; }
.stages span span { color: var(--muted); font-size: .8rem; display: block; line-height: 1.3; }

.tiles {
  display: grid; gap: 1px; grid-template-columns: repeat(6, 1fr); margin: 40px 0 0;
  background: var(--line); border: 1px solid var(--line); border-radius: 8px; overflow: hidden;
}
.tile { background: var(--card); padding: 18px 20px 16px; grid-column: span 2; min-width: 0; }
.tile.half { grid-column: span 3; }
.tile h2 { font: inherit; font-size: .85rem; color: var(--muted); margin: 0 0 2px; }
.tile .value { font: 600 1.75rem/1.25 var(--serif); font-variant-numeric: tabular-nums; margin: 0 0 4px; }
.tile .value small { font-size: .62em; font-weight: 400; color: var(--muted); }
.tile .note { margin: 0; font-size: .85rem; line-height: 1.45; }
.scale { display: block; width: 100%; height: 14px; margin: 10px 0 6px; overflow: visible; }
.shares { display: flex; gap: 2px; height: 8px; margin: 10px 0 6px; border-radius: 2px; overflow: hidden; }
.shares i { min-width: 2px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }

figure { margin: 28px 0 0; }
figure h3 { margin: 0; }
figcaption { font-size: .92rem; margin: 0 0 8px; max-width: 46em; text-wrap: pretty; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
figure svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; margin: 0 0 6px; padding: 0; font-size: .88rem; }
.legend i { display: inline-block; margin-right: 7px; vertical-align: middle; background: var(--c); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.legend .line { width: 18px; height: 2px; }
.legend .dot { width: 9px; height: 9px; border-radius: 50%; }
.legend .area { width: 11px; height: 11px; border-radius: 2px; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 8px 28px; }
.multiples figure { margin: 16px 0 0; }
.multiples h3 { font: inherit; font-size: .9rem; color: var(--muted); }

details { margin: 8px 0 0; font-size: .88rem; }
summary { cursor: pointer; color: var(--muted); width: fit-content; }
summary:hover { color: var(--ink); }
details pre { max-height: 22em; overflow: auto; margin: 8px 0 0; padding: 12px 14px; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: 6px 14px; min-height: 40px; cursor: pointer;
}
button:hover:not(:disabled) { border-color: var(--muted); }
button:disabled { opacity: .4; cursor: default; }
.save { font-size: .85rem; padding: 2px 10px; min-height: 0; margin: 8px 0 0; }
:focus-visible { outline: 2px solid var(--student); outline-offset: 2px; }

.episode { margin: 18px 0 0; }
.episode > header { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: 10px 24px; }
.episode h3 { margin: 0; }
.episode header p { margin: 0; }
.controls { display: flex; align-items: center; gap: 8px; }
.controls output { min-width: 5.2em; text-align: center; font-variant-numeric: tabular-nums; }
.pips { display: flex; flex-wrap: wrap; gap: 4px; margin: 14px 0 0; }
.pips a {
  flex: 1 1 18px; max-width: 44px; height: 24px; border-radius: 4px; background: var(--card); color: var(--v);
  border: 1px solid var(--line); text-decoration: none; text-align: center; font: 600 .85rem/22px var(--mono);
}
.pips a[aria-current] { background: var(--v); border-color: var(--v); color: var(--card); }
.steps { list-style: none; margin: 14px 0 0; padding: 0; }
.step {
  display: grid; grid-template-columns: minmax(0, 300px) minmax(0, 1fr); gap: 24px; padding: 22px;
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: 0 0 10px;
}
.step.plain { grid-template-columns: minmax(0, 1fr); }
.live .step:not(.now) { display: none; }
.world img { display: block; width: 100%; height: auto; border-radius: 4px; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 10px 18px; margin: 0; align-content: start; }
.facts dt { color: var(--muted); font-size: .88rem; padding-top: 2px; }
.facts dd { margin: 0; }
.says { font-weight: 600; }
.chance { color: var(--muted); white-space: nowrap; }
.against { color: var(--teacher); white-space: nowrap; }
.verdict { color: var(--v); font-weight: 600; }
.seen { list-style: none; margin: 0; padding: 0; font-size: .88rem; color: var(--muted); }
.positive { --v: var(--good); } .negative { --v: var(--bad); } .abstain { --v: var(--muted); }

.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; margin: 12px 0 0; }
th, td { text-align: left; vertical-align: top; padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); }
td:last-child, th:last-child { padding-right: 0; }
td:nth-child(2) { white-space: nowrap; }
th { font-weight: 400; color: var(--muted); }
footer { margin: 72px 0 0; padding: 16px 0 0; border-top: 1px solid var(--line); font-size: .85rem; color: var(--muted); overflow-wrap: anywhere; }

@media (max-width: 640px) {
  main { padding: 32px 18px 48px; }
  .tile, .tile.half { grid-column: span 6; }
  .wide { display: none; } .narrow { display: block; }
  .step { grid-template-columns: 1fr; padding: 16px; gap: 16px; }
  .world img { max-width: 300px; margin: 0 auto; }
  .controls { width: 100%; } .controls output { flex: 1; }
  .stages { flex-direction: column; gap: 10px; }
  .stages li + li::before { content: none; }
  .stages span { display: flex; align-items: baseline; gap: 12px; } .stages span span { width: 6em; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --muted: #555; --line: #ccc;
    --student: #2b6a99; --teacher: #b4581b; --good: #3b8a68; --bad: #bd4a38; --quiet: #bdb7aa;
  }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2 { margin-top: 28pt; }
  h2, h3, figcaption { break-after: avoid; }
  figure, .tile, .step, tr { break-inside: avoid; }
  .controls, .pips, details, .save { display: none; }
  .live .step:not(.now) { display: grid; }
  .step { grid-template-columns: 130pt 1fr; padding: 8pt; gap: 12pt; }
}
`;
