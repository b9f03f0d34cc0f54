/** The words that readers meet are the field's, and links lead somewhere. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { builtinDocs } from "../../cli/docs.ts";
import { pluginText } from "../../cli/plugin_page.ts";
import { VARIANTS } from "../../lab/variants.ts";

const ROOT = new URL("../../", import.meta.url);

/** Words that only we would understand, and what is said instead. */
const BANNED: readonly [word: RegExp, instead: string][] = [
  [/\bcourts?\b/i, "judge"],
  [/\badjourn/i, "end of a rollout"],
  [/\bfarewell/i, "retention after the teacher stopped"],
  [/\bdepartures?\b/i, "teacher stop"],
  [/\bhearings?\b/i, "guidance mode, verdict"],
  [/\bways of hearing\b/i, "guidance modes"],
  [/\bsame bits\b/i, "bit-identical"],
  [/\b(?:to|hold) (?:its|their) contract\b/i, "meets its contract"],
  [/\bout of reach\b/i, "in a sandbox without files or network"],
  [/\bcoin(?:'s|s)?\b/i, "random verdicts"],
  [/\bkeeps? (?:it|them) out\b/i, "sandbox"],
  [/\b(?:go|goes|going|went) on with a run\b/i, "resumes"],
  [
    /\b(?:first|last|each|every|this|good|bad) tokens? (?:of an episode|given|was)\b/i,
    "suggestion",
  ],
];

/** Files of some folder that end so, from the root on. */
async function filesIn(folder: string, ending: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesIn(path, ending));
    else if (name.endsWith(ending)) found.push(path);
  }
  return found.sort();
}

const PAGES = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ...await filesIn("docs", ".md"),
];

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

/** What a text says that it should not, with what would be right. */
function bannedIn(text: string): string[] {
  return BANNED.flatMap(([word, instead]) => {
    const found = word.exec(text.replace(/\s+/g, " "));
    return found ? [`"${found[0]}": ${instead}`] : [];
  });
}

for (const path of PAGES) {
  Deno.test(`${path} keeps to the field's words, and its links lead to files`, async () => {
    const text = await read(path);
    assert.deepEqual(bannedIn(text), []);
    assert.deepEqual(deadLinksOf(path, text), []);
  });
}

/** Links of a page to files that are not there, or to headings that a page has not. */
function deadLinksOf(path: string, text: string): string[] {
  const prose = text.replace(/^```[^]*?^```$/gm, "").replace(/`[^`]*`/g, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => {
    if (/^(?:https?|mailto):/.test(target)) return false;
    const url = new URL(target, new URL(path, ROOT));
    const heading = decodeURIComponent(url.hash.slice(1));
    url.hash = "";
    const file = fileURLToPath(url);
    try {
      if (!Deno.statSync(file).isFile || heading === "") return false;
    } catch {
      return true;
    }
    return !headingsOf(Deno.readTextFileSync(file)).includes(heading);
  });
}

/** Headings of a page as its links name them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-")
  );
}

Deno.test("the command line's own texts keep to the field's words", async () => {
  const config = JSON.parse(await read("deno.json"));
  const tasks = Object.values<{ description: string }>(config.tasks).map((task) =>
    task.description
  );
  assert.deepEqual(tasks.flatMap(bannedIn), []);
  assert.deepEqual(builtinDocs().map(pluginText).flatMap(bannedIn), []);
  assert.deepEqual(VARIANTS.map(({ about }) => about).flatMap(bannedIn), []);
  for (const folder of ["cli", "lab", "experiments"]) {
    for (const path of await filesIn(folder, ".ts")) {
      assert.deepEqual(stringsOf(await read(path)).flatMap(bannedIn), [], path);
    }
  }
});

/** The texts between quotes and backticks, and those of comments, of a source. */
function stringsOf(source: string): string[] {
  return [...source.matchAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*\*[^]*?\*\//g)]
    .map(([text]) => text.replace(/\n\s*\*/g, " "));
}

Deno.test("what is banned is found, over lines and in sources too", () => {
  assert.deepEqual(bannedIn("a\ncoin's verdicts").length, 1);
  assert.deepEqual(bannedIn("The first\ntoken of an episode.").length, 1);
  assert.deepEqual(bannedIn("tokens of the model; coincidence").length, 0);
  assert.deepEqual(
    stringsOf('say("out of reach"); /** Its\n * court. */').flatMap(bannedIn).length,
    2,
  );
  assert.deepEqual(deadLinksOf("docs/a.md", "[x](nowhere.md) [y](glossary.md#glossary)"), [
    "nowhere.md",
  ]);
  assert.deepEqual(deadLinksOf("docs/a.md", "[y](glossary.md#other)"), ["glossary.md#other"]);
});

Deno.test("ARCHITECTURE.md walks one step in three links: contracts, pipeline, loop", async () => {
  const text = await read("ARCHITECTURE.md");
  const [, walk] = text.match(/^## One step in three links\n([^]*?)^## /m)!;
  const links = [...walk!.matchAll(/^\d\. \*\*\[[^\]]+\]\(([^)]+)\)/gm)].map(([, file]) => file);
  assert.deepEqual(links, [
    "core/stages/mod.ts",
    "core/pipeline/pipeline.ts",
    "core/run/scheduler.ts",
  ]);
});
