/** What a reader of a page does: its files, its commands, and what it shows of them. */
import assert from "node:assert/strict";
import type { Outcome } from "../cli/command.ts";
import { inProcess } from "../cli/in_process.ts";

/** A fenced block: its language, what stands behind that, and its lines. */
export interface Block {
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  // "ignore" keeps `deno check` from a block that is part of a file of its own.
  return [...page.matchAll(/^```(\w*)(?: ignore)? ?(\S*)\n([^]*?)^```$/gm)]
    .map(([, language, name, text]) => ({ language: language!, name: name!, text: text! }));
}

/** Commands of a shell block, one a line; no word of them has a space. */
export function commandsOf({ text }: Pick<Block, "text">): string[][] {
  return text.replaceAll("\\\n", " ").trim().split("\n").map((line) =>
    line.trim().split(/\s+/).map((word) => word.replace(/^'(.*)'$/, "$1"))
  );
}

/** Makes a run of BabyAI a moment's work. */
export const BRIEF: readonly string[] = [
  ...["--iterations", "1", "--set", "schedule.envs=4", "--set", "schedule.steps=16"],
  ...["--set", "evaluation.episodes=4", "--set", "evaluation.states=4", "--quiet"],
];

/** A command with the lines that the page shows of what it writes. */
interface Shown {
  readonly command: string[];
  readonly lines: readonly string[];
}

/** The commands of a block in which each stands behind "$ " and above what it writes. */
function shownIn({ text }: Block): Shown[] {
  return text.replaceAll("\\\n", " ").split(/^\$ /m).slice(1).map((part) => {
    const [typed = "", ...lines] = part.trimEnd().split("\n");
    return { command: commandsOf({ text: typed })[0]!, lines: lines.filter((line) => line !== "") };
  });
}

/**
 * Follows a page: its files are written into a folder, and all of its commands are typed there, one after
 * the other. What the page shows of a command must be lines that it writes, in this order; how long
 * something takes is passed over, and "…" stands for anything.
 *
 * @param shorter What is said besides to make a command a moment's work.
 * @returns The commands that were followed, each as one line.
 */
export async function followPage(
  page: string,
  folder: string,
  shorter: (command: readonly string[]) => readonly string[] = () => [],
): Promise<string[]> {
  const followed: string[] = [];
  const follow = async (command: string[], lines: readonly string[]) => {
    const typed = command.join(" ");
    const [program, word, ...args] = command;
    assert.deepEqual([program, word], ["deno", "task"], typed);
    const typedThere = args.map((arg) => there(arg, folder));
    const place = args[0] === "new" ? ["--dir", folder] : [];
    const { status, stdout, stderr } = await inProcess(...typedThere, ...place, ...shorter(args));
    assert.equal(status, 0, `${typed}: ${stderr}`);
    expectShown(typed, lines, { status, stdout, stderr }, folder);
    followed.push(typed);
  };
  for (const block of blocksOf(page)) {
    if (block.language === "ts") await Deno.writeTextFile(`${folder}/${block.name}`, block.text);
    else if (block.language === "sh") {
      for (const command of commandsOf(block)) await follow(command, []);
    } else if (block.language === "") {
      for (const { command, lines } of shownIn(block)) await follow(command, lines);
    }
  }
  return followed;
}

/** A word of a command with the reader's own files in a folder. */
function there(word: string, folder: string): string {
  return word.replace(/(?<=^|=)\.\/(?=\w+\.ts$)/, `${folder}/`)
    .replace(/(?<=^|[@=])(?=(runs|packs|data)\/)/, `${folder}/`);
}

function expectShown(
  typed: string,
  lines: readonly string[],
  { stdout, stderr }: Outcome,
  folder: string,
) {
  const plain = (text: string) =>
    text.replaceAll("\u00a0", " ").replaceAll(`${folder}/`, "./").replace(
      /\.\/(?=(runs|packs|data)\/)/g,
      "",
    )
      .replace(/\d[\d.]* (ms|s|min)\b/g, "… s").trimEnd();
  const written = (stderr + stdout).split("\n").map(plain);
  let from = 0;
  for (const line of lines) {
    const parts = plain(line).split("…").map((part) => part.replace(/[^\w\s]/g, "\\$&"));
    const looks = new RegExp(`^${parts.join(".*")}$`);
    const at = written.findIndex((each, i) => i >= from && looks.test(each));
    assert.ok(
      at >= 0,
      `"${typed}" does not write this line there: ${line}\nbut ${written.join("\n")}`,
    );
    from = at + 1;
  }
}
