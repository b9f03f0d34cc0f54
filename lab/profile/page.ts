/** The page of a profile: the table, and a flame chart of all and of each kind of work. */
import { count } from "../format.ts";
import { type Html, markup, trusted } from "../report/html.ts";
import { page } from "../report/page.ts";
import type { Call } from "./calls.ts";
import type { ProfileRow } from "./profile.ts";

/** What a page of a profile shows. */
export interface ProfilePage {
  readonly title: string;
  /** One sentence on what ran. */
  readonly lede: string;
  readonly command: string;
  readonly rows: readonly ProfileRow[];
  readonly calls: Call;
}

/** What takes less of a chart's width is left out. */
const LEAST = 0.002;
const DEEPEST = 24;

const STYLE = `
main { max-width: 1200px; }
table.profile { border-collapse: collapse; margin: 24px 0; font-variant-numeric: tabular-nums; }
table.profile th, table.profile td { padding: 5px 14px; border-bottom: 1px solid var(--line); text-align: right; }
table.profile th:first-child { text-align: left; font-weight: 600; }
table.profile thead th { color: var(--muted); font-weight: 400; font-size: .85rem; }
.flame, .flame ul { list-style: none; margin: 0; padding: 0; display: flex; width: 100%; }
.flame li { min-width: 0; overflow: hidden; }
.flame span {
  display: block; overflow: hidden; white-space: nowrap; text-overflow: ellipsis;
  font: 11px/20px var(--mono); height: 20px; padding: 0 4px; margin: 0 1px 1px 0; border-radius: 2px;
  background: color-mix(in srgb, var(--tint) 26%, var(--card));
}
.flame span:hover { background: color-mix(in srgb, var(--tint) 60%, var(--card)); }
.flame { --tint: var(--student); margin: 10px 0 26px; }
.flame ul ul { --tint: var(--teacher); }
.flame ul ul ul { --tint: var(--good); }
.flame ul ul ul ul { --tint: var(--quiet); }
.flame ul ul ul ul ul { --tint: var(--teacher); }
.flame ul ul ul ul ul ul { --tint: var(--good); }
`;

/** The page as HTML: one file that loads nothing. */
export function profilePage({ title, lede, command, rows, calls }: ProfilePage): string {
  const works = [...calls.calls.values()].sort((a, b) => b.milliseconds - a.milliseconds);
  const body = markup`
<h1>${title}</h1>
<p class="lede">${lede}</p>
<code class="command">${command}</code>
${table(rows)}
<h2>Stages and their functions</h2>
<p class="note">Widths are shares of the time, samples of V8's profiler; what a function calls stands
below it. Names in full, places and times show on pointing.</p>
${flame(calls)}
${works.map((work) => markup`<h3>${work.name}</h3>${flame(work)}`)}`;
  return page(title, body, STYLE);
}

function table(rows: readonly ProfileRow[]): Html {
  return markup`<table class="profile">
<thead><tr><th></th><th>ms an iteration</th><th>share</th><th>µs an env step</th></tr></thead>
<tbody>${
    rows.map(({ name, milliseconds, share, microseconds }) =>
      markup`<tr><th scope="row">${name}</th><td>${milliseconds.toFixed(2)}</td><td>${
        (100 * share).toFixed(1)
      } %</td><td>${microseconds.toFixed(2)}</td></tr>`
    )
  }</tbody></table>`;
}

function flame(call: Call): Html {
  return markup`<ul class="flame">${frame(call, call.milliseconds, call.milliseconds, 0)}</ul>`;
}

/** A call with those below it: widths are of the caller's, the title says the rest. */
function frame(call: Call, callers: number, all: number, depth: number): Html {
  const { name, place, milliseconds } = call;
  const share = `${(100 * milliseconds / all).toFixed(1)} %`;
  const title = [name, place, `${count(milliseconds)} ms, ${share}`].filter(Boolean).join("\n");
  const below = depth === DEEPEST ? [] : [...call.calls.values()]
    .filter((one) => one.milliseconds >= LEAST * all)
    .sort((a, b) => b.milliseconds - a.milliseconds);
  const width = trusted((100 * milliseconds / callers).toFixed(3));
  return markup`<li style="width:${width}%"><span title="${title}">${name}</span>${
    below.length > 0 &&
    markup`<ul>${below.map((one) => frame(one, milliseconds, all, depth + 1))}</ul>`
  }</li>`;
}
